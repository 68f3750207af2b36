"""A subgraph that looks up nothing of other domains, as if their tables were elsewhere: what `detached` is for."""

from starlette.applications import Starlette

import schema
from closient_gql.core.settings import settings
from closient_gql.server import app


def create_app() -> Starlette:
    return app.create_app(schema.graph(*settings().domains, detached=True))
