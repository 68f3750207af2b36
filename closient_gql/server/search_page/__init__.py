"""The page at `/search`: closest first, in conversation. Every answer is made on the server and needs no JavaScript.

`page.graphql` says what it reads, `view.py` how it looks, `map.py` draws the hits around the place, `routes.py` is the
way in: a text opens a session, further ones refine it.
"""
