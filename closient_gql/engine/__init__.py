"""Runs GraphQL operations: document → parsed, validated, limited and priced once, cached → executed.

Knows graphql-core and nothing of products, tables or HTTP. The one seam is `Operations.prepare` and
`Operation.execute`: an executor that compiles operations can take graphql-core's place behind it.
"""

from closient_gql.engine.limits import Limits
from closient_gql.engine.operations import Operation, Operations, Refused, Result
from closient_gql.engine.trace import Trace

__all__ = ["Limits", "Operation", "Operations", "Refused", "Result", "Trace"]
