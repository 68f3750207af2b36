"""Who may do what at the endpoints of the Certifications API."""

from collections.abc import Mapping
from typing import Any

from closient_gql.adapters.storage import storage_of
from closient_gql.core.settings import settings
from tests import make
from tests.brands.conftest import png
from tests.certifications import world as made
from tests.permissions import KEY, PRODUCTS, VIEW, Row, World


async def definitions(world: World) -> Mapping[str, Any]:
    body = await make.insert(world.connection, "certification_bodies", name=f"Body {world.n}")
    certification = await made.certification(world.connection, f"C{world.n}")
    claim = await made.claim(world.connection, f"C{world.n}")
    return {"body": body, "certification": certification, "claim": claim}


async def body(world: World) -> Mapping[str, Any]:
    return {"id": (await definitions(world))["body"]}


async def certification(world: World) -> Mapping[str, Any]:
    return {"id": (await definitions(world))["certification"]}


async def claim(world: World) -> Mapping[str, Any]:
    return {"id": (await definitions(world))["claim"]}


async def own(world: World) -> Mapping[str, Any]:
    """A certification of the organization's own."""
    id = await made.certification(world.connection, f"OWN{world.n}", organization_id=world.organization)
    return {"id": id, "organization": world.organization}


async def product(world: World) -> Mapping[str, Any]:
    """A product of the organization's that carries something, and what it does not carry yet."""
    n = world.n
    await make.product(world.connection, n, owner_id=world.organization)
    carried, other = await definitions(world), await definitions(world)
    await made.carries(
        world.connection, make.make_id(n), carried["certification"], evidence_key="evidence/a.bin",
        evidence_type="image/png", evidence_at=made.MOMENT, evidence_by_id=world.organization,
    )  # fmt: skip
    await made.claims(world.connection, make.make_id(n), carried["claim"])
    return {
        "gtin": make.make_gtin(n), "certification_id": carried["certification"], "claim_id": carried["claim"],
        "other_certification": other["certification"], "other_claim": other["claim"],
    }  # fmt: skip


async def with_evidence(world: World) -> Mapping[str, Any]:
    await storage_of(settings()).put("evidence/a.bin", png(), "application/octet-stream")
    return await product(world)


async def authority(world: World) -> Mapping[str, Any]:
    await world.connection.execute("UPDATE organizations SET is_authority = true WHERE id = $1", world.organization)
    return {}


NEW = {"label": "Ours", "organization_id": "{organization}"}
# 403: a product is visible to everybody, and so is that it belongs to somebody else
ROWS = {
    "list_certifications": Row(KEY),
    "get_certification": Row(KEY, certification),
    "create_certification": [Row(PRODUCTS, body={"label": "Ours"}, own=True), Row(PRODUCTS, own, body=NEW)],
    "update_certification": Row(PRODUCTS, own, body={"description": "x"}),
    "delete_certification": Row(PRODUCTS, own),
    "list_certification_bodies": Row(KEY),
    "get_certification_body": Row(KEY, body),
    "list_claims": Row(KEY),
    "get_claim": Row(KEY, claim),
    "list_product_certifications": Row(KEY, product),
    "assign_certification_to_product": Row(
        PRODUCTS, product, body={"certification_id": "{other_certification}"}, stranger=403
    ),
    "update_certification_assignment": Row(PRODUCTS, product, body={"scope": "x"}, stranger=403),
    "remove_certification_from_product": Row(PRODUCTS, product, stranger=403),
    "list_product_claims": Row(KEY, product),
    "assign_claim_to_product": Row(PRODUCTS, product, body={"claim_id": "{other_claim}"}, stranger=403),
    "update_claim_assignment": Row(PRODUCTS, product, body={"evidence_note": "x"}, stranger=403),
    "remove_claim_from_product": Row(PRODUCTS, product, stranger=403),
    "list_certifications_to_verify": Row(VIEW, authority, stranger=403),
    "upload_certification_evidence": Row(PRODUCTS, product, files={"evidence": ("x.png", png())}, stranger=403),
    "download_certification_evidence": Row(VIEW, with_evidence),
}
