"""Who may do what at the endpoints of the Dashboard API."""

from collections.abc import Mapping
from typing import Any

from tests.permissions import VIEW, Row, World


async def organization(world: World) -> Mapping[str, Any]:
    return {"organization": world.organization}


ROWS = {"get_brand_scan_summary": Row(VIEW, organization, query={"organization_id": "{organization}"})}
