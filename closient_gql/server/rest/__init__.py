"""REST, made from the graph: `schema/<domain>/rest.graphql` becomes handlers and OpenAPI documents.

compile.py   the files → endpoints, checked against the graph at start-up
shapes.py    a selection → what it looks like as JSON: one tree for renderer and OpenAPI
read.py      a request → variables, every problem collected
handle.py    an endpoint → an ASGI handler
openapi.py   endpoints → OpenAPI 3.1
apis.py      the REST APIs: where each is mounted and what it is called
"""
