"""The toy behind our engine and our endpoint, with nobody at the gate."""

from types import SimpleNamespace

from starlette.applications import Starlette
from starlette.routing import Route

from closient_gql.engine import Operations
from closient_gql.server import graphql
from closient_gql.server.documents import Documents
from resolvers.context import nobody_caches
from tests.conformance.toy.graph import schema


def create_app() -> Starlette:
    app = Starlette(routes=[Route("/graphql", graphql.endpoint, methods=["GET", "POST"])])
    app.state.operations = Operations(schema._schema, lambda field, arguments: None)
    app.state.documents = Documents()
    app.state.database = None
    app.state.keys = SimpleNamespace(told=nobody_caches)
    return app
