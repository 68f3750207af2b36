"""The evidence of a certificate: a file that its owner uploads, and that only its organization and authorities see."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, update

from closient_gql.adapters.evidence import Evidence, read_evidence
from closient_gql.adapters.storage import Storage, new_key
from closient_gql.core.db import Query
from closient_gql.core.errors import Detail, Invalid, NotFound
from closient_gql.core.gs1.gtin import Gtin
from closient_gql.core.models.certifications import CertificationAssignment
from resolvers import access
from resolvers.account.authorities import authorities
from resolvers.certifications.commands import AGAIN, COLUMNS, OF_PRODUCT, VERIFIED, carried, tell
from resolvers.context import Context
from resolvers.outbox import enqueue
from resolvers.products.claims import check_owner, owned
from resolvers.products.images import DELETE_FILES
from resolvers.products.queries import products_by_gtin
from resolvers.roles import May, allowed

FOLDER = "evidence"
KEPT_AS = "application/octet-stream"  # so that /media, which serves pictures to everybody, never serves this one
EVIDENCE = ("evidence_key", "evidence_type", "evidence_at", "evidence_by_id")
SET = Query(
    CertificationAssignment,
    update(CertificationAssignment)
    .where(COLUMNS.id == bindparam("row"))
    .values({name: bindparam(f"new_{name}") for name in (*EVIDENCE, *VERIFIED, "modified")})
    .returning(*COLUMNS),
)
NONE = "There is no evidence of such a certification."


@dataclass(frozen=True)
class Upload:
    """A file, and what the client says of its type and name."""

    data: bytes
    said_type: str
    said_name: str


@access.user
async def check_evidence(ctx: Context, gtin: Gtin, certification_id: str) -> None:
    """Whether the caller may set the evidence: asked before the file is read, and once more when it is set.

    Raises:
        NotFound, Forbidden: resolvers.products.claims.check_owner; or the product does not carry it.
    """
    product = await ctx.find(products_by_gtin, gtin)
    check_owner(ctx, product, May.PRODUCTS)
    if await ctx.read.one(OF_PRODUCT, product=product.id, certification=certification_id) is None:
        raise NotFound("The product does not carry this certification.")


@access.user
async def set_evidence(
    ctx: Context, storage: Storage, gtin: Gtin, certification_id: str, upload: Upload
) -> CertificationAssignment:
    """Puts this file in place of the evidence that there is. What was verified is unverified again.

    Raises:
        NotFound, Forbidden: `check_evidence`.
        Invalid: the file is not what it says, or of no allowed kind. Unavailable: it cannot be stored right now.
    """
    try:
        evidence = await asyncio.to_thread(read_evidence, upload.data, upload.said_type, upload.said_name)
    except ValueError as error:
        raise Invalid([Detail(field="evidence", message=str(error))]) from None
    key = new_key(FOLDER, KEPT_AS)
    try:
        await storage.put(key, evidence.data, KEPT_AS)
        async with ctx.transaction() as write:
            product, owner = await owned(ctx, write, gtin, May.PRODUCTS)
            before = await carried(write, product, certification_id)
            now = datetime.now(UTC)
            values = (
                dict(zip(EVIDENCE, (key, evidence.content_type, now, owner), strict=True)) | AGAIN | {"modified": now}
            )
            row = await write.one(SET, row=before.id, **{f"new_{name}": value for name, value in values.items()})
            assert row
            if before.evidence_key:
                await enqueue(write, DELETE_FILES, keys=[before.evidence_key])
            await tell(ctx, write, "evidence_added", product, row, None, {"type": evidence.content_type})
    except BaseException:
        await storage.delete(key)
        raise
    return row


@access.user
async def read(ctx: Context, storage: Storage, gtin: Gtin, certification_id: str) -> Evidence:
    """The evidence, for members of the organization that uploaded it and for authorities: not for a later owner.

    Raises:
        NotFound: there is none, or the caller may not know of it. Unavailable: it cannot be read right now.
    """
    product = await ctx.find(products_by_gtin, gtin)
    if product is None:
        raise NotFound(NONE)
    row = await ctx.read.one(OF_PRODUCT, product=product.id, certification=certification_id)
    if row is None or row.evidence_key is None or row.evidence_by_id is None:
        raise NotFound(NONE)
    if May.VIEW not in allowed(ctx.viewer, row.evidence_by_id) and not await authorities(ctx):
        raise NotFound(NONE)
    try:
        data, _ = await storage.get(row.evidence_key)
    except KeyError:
        raise NotFound(NONE) from None
    return Evidence(data, row.evidence_type)
