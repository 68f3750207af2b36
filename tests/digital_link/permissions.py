"""Who may do what at the endpoints of the Resolver API."""

from collections.abc import Mapping
from typing import Any

from tests import make
from tests.permissions import PUBLIC, Row, World


async def product(world: World) -> Mapping[str, Any]:
    await make.product(world.connection, n := world.n, owner_id=world.organization)
    return {"gtin": make.make_gtin(n)}


ROWS = {"get_product_barcode": Row(PUBLIC, product)}
