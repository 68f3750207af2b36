"""Products for the hosted page: one of which everything is known, one of which nothing is, one that is hard to show."""

from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

from closient_gql.core.db import Connection
from tests import make
from tests.certifications.world import carries, certification, today
from tests.compliance.conftest import recall
from tests.retailers.stores import offer, online_offer, shop

FULL, BARE, HARD, HEIR, FORMER = 1, 2, 3, 4, 5
UNKNOWN = make.make_gtin(6)
EVIL = "</script><script>alert(1)</script>"
ARABIC = "حليب كامل الدسم"
VOID = ("img", "input", "link", "meta", "br")


async def fill(connection: Connection) -> None:
    owner = (await make.account(connection)).organization_id
    brand = await make.brand(connection, "Söhne & <Co>", owner)
    await connection.execute("UPDATE brands SET website = 'https://brand.example/' WHERE id = $1", brand)
    category = await make.insert(connection, "product_categories", slug="spreads", name="Spreads")
    id = await make.product(
        connection, FULL, product_name=f"Hazelnut spread {EVIL}", brand_id=brand, owner_id=owner, net_content="350 g",
        description="Sweet.\nVery sweet.", manufacturer="Söhne GmbH", country_of_origin="DE", primary_language="en",
        category_id=category, brand_product_page_url="javascript:alert(1)", usage_instructions="Spread it.",
    )  # fmt: skip
    await make.insert(connection, "product_images", product_id=id, image_url="https://pictures.example/front.jpg",
                      description="A jar", width=400, height=300, is_primary=True)  # fmt: skip
    for n, (name, percent, major, traces) in enumerate(
        [("Sugar", None, False, False), ("Hazelnuts", 13.5, True, False), ("Milk", None, True, True)]
    ):
        await make.insert(connection, "ingredients", product_id=id, name=name, percentage=percent,
                          is_major_allergen=major, may_contain=traces, priority=n)  # fmt: skip
    await connection.execute(
        "INSERT INTO nutrition_facts (product_id, label_format, serving_size, servings_per_container) "
        "VALUES ($1, 'US_FDA', '2 tbsp (37 g)', 9.5)", id,
    )  # fmt: skip
    for n, (name, amount, unit, daily) in enumerate(
        [("Energy", 539, "kcal", None), ("Salt", 0.107, "g", 2), ("Folate", 3, "mcg", None)]
    ):
        await connection.execute(
            "INSERT INTO nutrient_values VALUES ($1, $2, $3, $4, $5, $6)", id, n, name, amount, unit, daily
        )
    await certificates(connection, id)
    await recall(connection, FULL, lots=["L117"], title="Glass in jars", hazard="Cuts.", remedy="Do not eat it.",
                 public_url="https://authority.example/1", recall_date=date(2026, 3, 1))  # fmt: skip
    await recall(connection, FULL, title="Wrong label", severity="CLASS_III")
    await recall(connection, FULL, title="Long over", status="TERMINATED")
    await offers(connection, id)
    await content(connection, id, owner, "de", "Haselnusscreme")
    await content(connection, id, owner, "en", "Hazelnut spread <i>")
    gtin = make.make_gtin(FULL)
    for path, name in (("", "Recipes <b>"), ("/10/L117", "Of a batch"), ("", "Hidden")):
        await make.insert(
            connection, "links", organization_id=owner, anchor=f"/01/{gtin}{path}", gtin=gtin, link_type="recipeInfo",
            href=f"https://brand.example/{name[:4]}", title=name, is_public=name != "Hidden",
        )  # fmt: skip
    await make.product(connection, BARE, product_name="")
    hard = await make.product(connection, HARD, product_name=ARABIC, primary_language="ar", manufacturer="x" * 300,
                              description="word " * 200 + "y" * 500, image_url="//evil.example/a.png")  # fmt: skip
    await notice(connection, hard, owner)
    await heir(connection, owner)


async def heir(connection: Connection, owner: str) -> None:
    """A product whose former code is recalled, with five notices."""
    id, old = await make.product(connection, HEIR, product_name="Jars"), make.make_gtin(FORMER)
    await connection.execute(
        "INSERT INTO product_successors (gtin, successor_gtin) VALUES ($1, $2)", old, make.make_gtin(HEIR)
    )
    for title, status in (("Splinters in old jars", "ONGOING"), ("Long over", "TERMINATED")):
        made = await make.insert(connection, "recalls", source_system="FDA", title=title, status=status)
        await connection.execute("INSERT INTO recall_products (recall_id, gtin) VALUES ($1, $2)", made, old)
    made = await make.insert(connection, "recalls", source_system="FSIS", title="Never heard of", status="UNKNOWN")
    await connection.execute("INSERT INTO recall_products (recall_id, gtin) VALUES ($1, $2)", made, UNKNOWN)
    await notice(connection, id, owner)
    for _ in range(4):
        await notice(connection, id, owner, severity="notice")


async def certificates(connection: Connection, id: str) -> None:
    organic = await certification(connection, "ORGANIC", label="EU Organic", url="https://organic.example/")
    kosher = await certification(connection, "OLD", label="Run out long ago")
    await carries(connection, id, organic, expiration_date=today(), verification_status="verified",
                  certificate_number="DE-ÖKO-001", verification_url="https://organic.example/look")  # fmt: skip
    await carries(connection, id, kosher, expiration_date=today() - timedelta(days=1), verification_status="verified")


async def offers(connection: Connection, id: str) -> None:
    """Two stores near 21201 in Baltimore, one in Los Angeles, one on the web."""
    own = await shop(connection, [(39.29, -76.61), (39.30, -76.61), (34.05, -118.24)])
    for n, (quantity, price) in enumerate([(12, "4.99"), (2, None), (5, "1")]):
        await offer(connection, own, id, n, quantity_on_hand=quantity, price=price)
    await online_offer(connection, own, id, price="5.49", url="https://shop.example.org/x", stock_level="in_stock")


async def content(connection: Connection, product: str, owner: str, language: str, title: str) -> None:
    item = await make.insert(
        connection, "content_items", product_id=product, organization_id=owner, language=language, status="published",
        published_version=1, published_at=datetime.now(UTC),
    )  # fmt: skip
    await make.insert(
        connection, "content_versions", item_id=item, version=1, title=title, description=f"{title}!",
        images=[], provenance={}, note="", sections=[
            {"kind": "list", "heading": "Why <b>", "body": "One\nTwo", "image_url": ""},
            {"kind": "image", "heading": "", "body": "A jar", "image_url": "https://pictures.example/jar.jpg"},
        ],
    )  # fmt: skip


async def notice(connection: Connection, product: str, owner: str, severity: str = "danger") -> None:
    id = await make.insert(
        connection, "safety_notices", organization_id=owner, status="published", severity=severity,
        published_at=datetime.now(UTC), texts=[
            {"language": "ar", "title": ARABIC, "message": "", "instructions": ""},
            {"language": "de", "title": "Heiß", "message": "Sehr.", "instructions": "Warten."},
        ],
    )  # fmt: skip
    await connection.execute("INSERT INTO safety_notice_products VALUES ($1, $2)", id, product)


class Page(HTMLParser):
    """A page as people have it: the text of each section by its id, links, and whether all that opens is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.sections: dict[str, str] = {}
        self.titles: list[str] = []
        self.text = ""
        self.data: list[str] = []
        self._open: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self._open == []
        self.sections = {label: " ".join(text.split()) for label, text in self.sections.items()}

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.tags.append(tag)
        if tag == "a":
            self.links.append(given["href"] or "")
        if tag == "img":
            self.images.append(given)
        if tag not in VOID:
            self._open.append((tag, given.get("aria-labelledby") or given.get("aria-label") or ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        inside = [tag for tag, _ in self._open]
        if inside[-1:] == ["script"]:
            self.data.append(data)
        elif "style" not in inside:
            self.text += data + " "
            for tag, label in self._open:
                if tag == "section" and label:
                    self.sections[label] = f"{self.sections.get(label, '')} {data}".strip()
