"""Runs GraphQL operations: document → parsed, validated, limited, priced and compiled once, cached → executed.

Knows graphql-core and Strawberry, and nothing of products, tables or HTTP. README.md says how it is used, and how it
works.
"""

from closient_gql.engine.limits import Limits
from closient_gql.engine.operations import NoSuchOperation, Operation, Operations, Refused, Result
from closient_gql.engine.sources import Asked, Many
from closient_gql.engine.trace import Trace

__all__ = ["Asked", "Limits", "Many", "NoSuchOperation", "Operation", "Operations", "Refused", "Result", "Trace"]
