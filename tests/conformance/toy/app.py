"""The toy behind our engine and our endpoint, with nobody at the gate."""

from starlette.applications import Starlette
from starlette.routing import Route

from closient_gql.engine import Operations
from closient_gql.server import graphql
from closient_gql.server.documents import Documents
from closient_gql.server.hearing import Hearing
from tests.conformance.toy.graph import schema


def create_app() -> Starlette:
    app = Starlette(routes=[Route("/graphql", graphql.endpoint, methods=["GET", "POST"])])
    app.state.operations = Operations(schema._schema, lambda field, arguments: None)
    app.state.documents = Documents()
    app.state.database = None
    app.state.hearing = Hearing(None, [])  # type: ignore[arg-type]  # nobody asks it for one
    return app
