"""The CSV import: products of one organization, created or updated by GTIN, with a report that accounts for every row.

A file is one transaction: a crash leaves nothing of it, and the file can be sent again. Rows that are wrong are
reported and left out; the others are stated by their owner, as if entered one by one. An empty cell says nothing and
changes nothing. Cells are text: what looks like a formula is stored as it stands, and made harmless where CSV is
written (`tables.neutral`); an apostrophe that was put before it for that is taken off again.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from sqlalchemy import bindparam, func, select

from closient_gql.core.bounds import Bounds, Doc, Id
from closient_gql.core.db import KEYS, Query, Writer
from closient_gql.core.errors import BadRequest, Detail, Forbidden, Invalid, Unavailable
from closient_gql.core.gs1.gtin import Gtin, parse_gtin
from closient_gql.core.ids import new_id
from closient_gql.core.models.account import Organization
from closient_gql.core.models.products import DataSource, Product
from resolvers import access
from resolvers.context import Context
from resolvers.outbox import audit
from resolvers.products.branding import brands_named
from resolvers.products.facts import OWNER_CONFIDENCE, Statement, settle, state
from resolvers.products.fields import FIELDS, text
from resolvers.products.tables import DELIMITERS, Record, TableError, plain, records, text_of
from resolvers.roles import May, acting
from resolvers.viewer import Viewer

MOST_ROWS = 10_000
MOST_LINES = (
    20 * MOST_ROWS
)  # blank ones included: spreadsheet programs leave some, ten million would take half a minute
ROUNDS = 5
AT_ONCE = 250  # products decided on between two breaths of the event loop
COLUMNS: dict[str, tuple[str, ...]] = {  # contract: bulk_import_products_from_csv
    "gtin": ("gtin", "barcode", "upc", "ean", "gtin_8", "gtin_12", "gtin_13", "gtin_14"),
    "product_name": ("product_name", "name", "title"),
    "brand": ("brand",),
    "manufacturer": ("manufacturer",),
    "description": ("description",),
    "image_url": ("image_url", "image", "photo_url"),
    "country_of_origin": ("country_of_origin", "country", "origin"),
    "net_content": ("net_content", "size", "weight", "volume"),
}
MEANING = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
NOT_YOURS = "is claimed by another organization"
MOST_CHARACTERS = 10 * 2**20
OwnerId = Annotated[Id | None, Doc("The brand organization that imports; needed if the caller may do so for several.")]
ORGANIZATIONS = select(*Organization.__table__.c).where(
    Organization.id == bindparam("id"), Organization.deleted_at.is_(None)
)
ORGANIZATION = Query(Organization, ORGANIZATIONS)
LOCK_ORGANIZATION = Query(Organization, ORGANIZATIONS.with_for_update(key_share=True))
OWNERS = Query(Product, select(Product.gtin, Product.owner_id).where(Product.gtin == func.any(KEYS)))
LOCK = Query(
    Product,
    select(Product.id, Product.gtin, Product.owner_id)
    .where(Product.gtin == func.any(KEYS))
    .order_by(Product.id)  # as resolvers.products.facts does
    .with_for_update(),
)
INSERT = """
INSERT INTO products (id, gtin, data_source, owner_id, claimed_at, claim_verification_status)
SELECT id, gtin, 'claimed', $3, now(), 'unverified' FROM unnest($1::text[], $2::text[]) AS new (id, gtin)
WHERE NOT EXISTS (SELECT FROM products WHERE products.gtin = new.gtin)
ORDER BY gtin ON CONFLICT (gtin) DO NOTHING RETURNING id
"""
CLAIM = """
UPDATE products SET owner_id = $2, claimed_at = now(), claim_verification_status = 'unverified',
    resolver_enabled = true, modified = clock_timestamp()
WHERE id = ANY($1)
"""


@dataclass(frozen=True)
class RowError:
    """A row that was left out: the line it begins in (the header is line 1), why, and which column, by the file's own
    name for it."""

    line: int
    message: str
    column: str | None = None


@dataclass(frozen=True)
class Row:
    """A row that can be imported: values in their stored form, of the columns that say something."""

    line: int
    gtin: Gtin
    values: Mapping[str, Any]


@dataclass
class Sheet:
    """A file that was read. `columns` says which cells mean what, best first; `names` is the header."""

    names: Sequence[str]
    columns: Mapping[str, Sequence[int]]
    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    repeated: int = 0  # rows whose GTIN came before

    @property
    def total(self) -> int:
        return len(self.rows) + len(self.errors) + self.repeated


@dataclass(frozen=True)
class ProductImport:
    """What an import came to. Every row with content counts once:
    `created + updated + skipped + error_count == total_rows`."""

    total_rows: int
    created: int
    updated: int
    skipped: int
    errors: Sequence[RowError]

    @property
    def error_count(self) -> int:
        return len(self.errors)


# --- reading: pure


def read(data: bytes) -> Sheet:
    """The rows of a file, each good, wrong or repeated. Blank ones do not count.

    Raises:
        Invalid: it is not UTF-8, is empty, or has no column with GTINs.
        BadRequest: it is a workbook (415), or has too many rows or blank lines (413).
    """
    if data.startswith(WORKBOOKS):
        raise BadRequest("The file is a spreadsheet program's workbook. Save it as CSV in UTF-8.", 415)
    try:
        content = text_of(data)
    except TableError as error:
        raise wrong(str(error)) from None
    # the delimiter is the one that makes sense of the header
    delimiter = max(DELIMITERS, key=lambda d: len(columns_of(header_of(filled(content, d)))))
    lines = filled(content, delimiter)
    names = header_of(lines)
    sheet, seen = Sheet(names, columns_of(names)), set[Gtin]()
    if not names:
        raise wrong("has no header line")
    if "gtin" not in sheet.columns:
        aliases = ", ".join(COLUMNS["gtin"]).replace("_", "-")
        raise wrong(f"has no column with GTINs. Its name in the header, line 1, is one of {aliases}")
    for record in lines:
        add(sheet, seen, record)
        if sheet.total > MOST_ROWS:
            raise BadRequest(f"The file has more than {MOST_ROWS:,} rows. Split it.", 413)
    return sheet


def wrong(message: str) -> Invalid:
    return Invalid([Detail(field="file", message=message)])


def filled(content: str, delimiter: str) -> Iterator[Record]:
    """The records that have content.

    Raises:
        BadRequest: there are too many that have none.
    """
    for number, record in enumerate(records(content, delimiter)):
        if number > MOST_LINES:
            raise BadRequest(f"The file has more than {MOST_LINES:,} lines, most of them blank. Remove those.", 413)
        if not record.blank:
            yield record


def header_of(lines: Iterator[Record]) -> Sequence[str]:
    first = next(lines, None)
    return [cell.strip() for cell in first.cells] if first else []


def columns_of(header: Sequence[str]) -> dict[str, list[int]]:
    """Which columns say what, without regard to case; several may mean the same, others nothing."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(header):
        if meaning := MEANING.get(re.sub(r"[\s_-]+", "_", name.lower())):
            found.setdefault(meaning, []).append(place)
    return found


def add(sheet: Sheet, seen: set[Gtin], record: Record) -> None:
    """Reads one record into the sheet. Of rows with the same GTIN the first good one counts."""
    row = row_of(sheet, record)
    if isinstance(row, RowError):
        sheet.errors.append(row)
    elif row.gtin in seen:
        sheet.repeated += 1
    else:
        seen.add(row.gtin)
        sheet.rows.append(row)


def row_of(sheet: Sheet, record: Record) -> Row | RowError:
    """The row, or everything that is wrong with it."""
    cells, width = record.cells, len(sheet.names)
    if record.problem:
        return RowError(record.line, record.problem)
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        return RowError(record.line, f"has {len(cells)} columns, and the header {width}")
    values: dict[str, Any] = {}
    problems: list[tuple[str, str]] = []
    for name, places in sheet.columns.items():
        place = next((place for place in places if cells[place].strip()), places[0])  # the first that says something
        cell = plain(cells[place].strip())
        try:
            if cell or name == "gtin":
                values[name] = PARSE[name](cell)
        except ValueError as error:
            problems.append((sheet.names[place], str(error)))
    if problems:
        (column, message), *others = problems
        return RowError(record.line, "; ".join([message, *(f"{name} {said}" for name, said in others)]), column)
    return Row(record.line, values.pop("gtin"), values)


def gtin_of(cell: str) -> Gtin:
    """Raises:
    ValueError: it is no GTIN; the message knows what spreadsheet programs do to them.
    """
    if not cell:
        raise ValueError("is required")
    if re.fullmatch(r"[0-9][.,]?[0-9]*E\+[0-9]+", cell, re.IGNORECASE):
        raise ValueError(
            "is a number that a spreadsheet program has shortened: make the column text, and enter it anew"
        )
    return parse_gtin(cell)


PARSE: dict[str, Callable[[str], Any]] = {
    **{name: FIELDS[name].read for name in COLUMNS if name in FIELDS},
    "gtin": gtin_of,
    "brand": text(255),
}


# --- importing


@access.user
async def import_csv(
    ctx: Context,
    csv: Annotated[str, Bounds(max_length=MOST_CHARACTERS), Doc("The file's text: header and rows.")],
    organization_id: OwnerId = None,
) -> ProductImport:
    """As `import_file`, for a text."""
    return await import_file(ctx, csv.encode(), organization_id)


async def import_file(ctx: Context, data: bytes, organization_id: str | None = None) -> ProductImport:
    """Imports a file for an organization of the caller's, which claims its products. Owners, managers, editors may.

    Raises:
        NotFound, Forbidden, Invalid: as `importer`.
        Invalid, BadRequest: the file cannot be read (`read`).
    """
    organization = await importer(ctx, organization_id)
    sheet = await asyncio.to_thread(read, data)  # seconds, for the largest
    async with ctx.transaction() as write:
        check_brand(await write.all(LOCK_ORGANIZATION, id=organization))  # imports of one organization queue up here
        done = await Import(write, ctx.viewer, organization, sheet).run()
        counts = {name: getattr(done, name) for name in ("total_rows", "created", "updated", "skipped", "error_count")}
        await audit(write, ctx.viewer, organization, "products.imported", ("import", new_id()), counts)
    return done


async def importer(ctx: Context, organization_id: str | None) -> str:
    """The organization that imports, before anything is read.

    Raises:
        NotFound, Forbidden, Invalid: resolvers.roles.acting.
        Forbidden: it is no brand organization.
    """
    organization = acting(ctx, organization_id, May.PRODUCTS)
    check_brand(await ctx.read.all(ORGANIZATION, id=organization))
    return organization


def check_brand(found: Sequence[Organization]) -> None:
    if not any(organization.is_brand for organization in found):
        raise Forbidden("Only brand organizations import products. Set is_brand of yours, if it is one.")


@dataclass
class Import:
    """One file's transaction. Locks are taken in the order organization, brands, products, as everywhere."""

    write: Writer
    viewer: Viewer
    organization: str
    sheet: Sheet

    async def run(self) -> ProductImport:
        gtins = [row.gtin for row in self.sheet.rows]
        # nobody's brand is made for a row that is refused
        rows, refused = self.ours(self.sheet.rows, await self.write.all(OWNERS, keys=gtins))
        brands = await brands_named(self.write, self.viewer, self.organization, names_of(rows))
        created, products = await self.locked(rows)
        rows, claimed_since = self.ours(rows, products.values())
        claimed = [id for row in rows if products[row.gtin].owner_id is None and (id := products[row.gtin].id)]
        await self.claim(claimed)
        said = {products[row.gtin].id: statements_of(products[row.gtin].id, row, brands) for row in rows}
        changed = {*claimed, *await self.state(said)} - created
        errors = sorted([*self.sheet.errors, *refused, *claimed_since], key=lambda error: error.line)
        skipped = self.sheet.total - len(created) - len(changed) - len(errors)
        return ProductImport(self.sheet.total, len(created), len(changed), skipped, errors)

    def ours(self, rows: Sequence[Row], products: Iterable[Product]) -> tuple[list[Row], list[RowError]]:
        """Of these rows those that may be imported, and those of products that others own."""
        foreign = {product.gtin for product in products if product.owner_id not in (None, self.organization)}
        column = self.sheet.names[self.sheet.columns["gtin"][0]]
        refused = [RowError(row.line, NOT_YOURS, column) for row in rows if row.gtin in foreign]
        return [row for row in rows if row.gtin not in foreign], refused

    async def locked(self, rows: Sequence[Row]) -> tuple[set[str], dict[str, Product]]:
        """The ids of the rows' products that were made because there were none, and all of them by GTIN, locked.

        One that is deleted between the two statements is made anew in the next round.

        Raises:
            Unavailable: somebody deletes products as fast as they are made.
        """
        gtins, created = [row.gtin for row in rows], set[str]()
        for _ in range(ROUNDS):
            created |= await self.insert(rows)
            products = {product.gtin: product for product in await self.write.all(LOCK, keys=gtins)}
            if len(products) == len(rows):
                return created, products
        raise Unavailable("Products of this file are being deleted at the same time. Try again in a moment.")

    async def insert(self, rows: Sequence[Row]) -> set[str]:
        """Products that are not there yet; gives their ids. In order, so that two imports never wait in a circle."""
        new = [(new_id(), row.gtin) for row in rows]
        ids, gtins = [id for id, _ in new], [gtin for _, gtin in new]
        made = await self.write.connection.fetch(INSERT, ids, gtins, self.organization)
        return {row["id"] for row in made}

    async def claim(self, ids: Sequence[str]) -> None:
        for some in pieces(ids):
            await settle(self.write, self.viewer, some)  # what they show belongs to its sources, not to the new owner
        await self.write.connection.execute(CLAIM, list(ids), self.organization)
        for some in pieces(ids):
            await settle(self.write, self.viewer, some)

    async def state(self, said: Mapping[str, Sequence[Statement]]) -> set[str]:
        """States the rows' values; gives the ids of products that show anything new."""
        changed: set[str] = set()
        for some in pieces(sorted(said)):
            changed |= await state(
                self.write, self.viewer, [each for id in some for each in said[id]],
                source=DataSource.CLAIMED, confidence=OWNER_CONFIDENCE, organization_id=self.organization,
            )  # fmt: skip
        return changed


def names_of(rows: Iterable[Row]) -> list[str]:
    """The names of brands."""
    return list(dict.fromkeys(row.values["brand"] for row in rows if "brand" in row.values))


def statements_of(product_id: str, row: Row, brands: Mapping[str, str]) -> list[Statement]:
    said = {name: value for name, value in row.values.items() if name != "brand"}
    if "brand" in row.values:
        said["brand_id"] = brands[row.values["brand"]]
    return [Statement(product_id, name, value) for name, value in said.items()]


def pieces(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """In pieces, between which the event loop gets to do other things."""
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
