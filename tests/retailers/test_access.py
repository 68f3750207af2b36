"""What becomes of stores and offers with their organization. Who may do what is in `permissions.py`."""

from closient_gql.core.db import Connection
from tests.account.world import heard
from tests.conftest import Client
from tests.retailers.world import API, Shop, in_store, online


async def test_an_organization_that_was_deleted(api: Client, connection: Connection, mine: Shop, theirs: Shop) -> None:
    """Its stores are shown to nobody; restored, they are opened again by hand."""
    offer = await in_store(connection, mine, price=1)
    await online(connection, mine)
    organization = f"/account/api/v1/organizations/{mine.account.organization_id}"
    assert (await api.delete(organization)).status_code == 204
    await heard()
    for key in (mine.account.key, theirs.account.key):
        for path in (f"physical-stores/{mine.physical}", f"online-stores/{mine.online}", f"in-store-offers/{offer}"):
            assert (await api.get(f"{API}/{path}", headers={"X-API-Key": key})).status_code == 404
    assert (await api.post(f"{organization}/restore")).status_code == 200
    await heard()
    found = (await api.get(f"{API}/physical-stores/{mine.physical}")).json()
    assert found["is_active"] is False
    assert (await api.get(f"{API}/in-store-offers/{offer}")).json()["price"]["amount"] == "1.00"
    assert (await api.put(f"{API}/physical-stores/{mine.physical}", json={"is_active": True})).status_code == 200
