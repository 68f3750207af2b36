"""The hosted page of a product, `/p/{gtin}`: HTML for whoever scans a code with a phone. It needs no JavaScript.

`page.graphql` says what it reads, `view.py` how it looks, `words/` what it says in each language; `linked_data.py` is
the same for search engines, `routes.py` the way in.
"""
