"""Demo recalls, a safety notice and a statement about the Food Traceability List. All of it is made up, says so in its
texts, and stands at real products only so that the demo shows what it looks like."""

from typing import Any

from closient_gql.core.db import Connection
from closient_gql.server.demo_rows import Progress, Row, demo_id, insert_all
from resolvers.compliance import lots

SYNTHETIC = "Synthetic example for this demo: no such recall exists, and nothing is wrong with this product."
PICKLES = "00009300000383"  # of a brand that Demo Organization plays the owner of
RECALLS: list[dict[str, Any]] = [
    {
        "gtin": PICKLES, "number": "DEMO-1", "title": "Synthetic example: pickles recalled, pieces of glass",
        "status": "ONGOING", "severity": "CLASS_I", "lots": "Lots L100 through L120, L200 and lots beginning with X7",
        "hazard": "Made up: pieces of glass.", "remedy": "Made up: bring it back to the shop.",
        "recall_date": "2026-11-02", "jurisdictions": ["US-MD", "US-PA"],
    },
    {
        "gtin": PICKLES, "number": "DEMO-2", "title": "Synthetic example: pickles recalled, wrong label",
        "status": "TERMINATED", "severity": "CLASS_III", "lots": "All lots", "hazard": "Made up: a wrong label.",
        "remedy": "", "recall_date": "2025-03-14", "jurisdictions": ["US"],
    },
]  # fmt: skip
NOTICE = [
    {
        "language": "en", "title": "Synthetic example: open the jar with care", "message": SYNTHETIC,
        "instructions": "Hold the jar in a cloth while you open it.",
    },
    {
        "language": "fr", "title": "Exemple synthétique : ouvrir le bocal avec précaution",
        "message": "Exemple inventé pour cette démonstration.", "instructions": "Tenir le bocal dans un torchon.",
    },
]  # fmt: skip


async def compliance(connection: Connection, progress: Progress, organization: str, metadata: dict[str, str]) -> None:
    """What the demo organization has written of products that it owns; nothing where they are not there."""
    owned = await connection.fetch("SELECT id, gtin FROM products WHERE owner_id = $1", organization)
    products = {row["gtin"]: row["id"] for row in owned}
    recalls = [recall for recall in RECALLS if recall["gtin"] in products]
    if PICKLES not in products:
        return
    notice = demo_id("safety_notice", "1")
    await insert_all(
        connection,
        {
            "recalls": [_recall(recall, organization) for recall in recalls],
            "recall_products": [
                {"recall_id": demo_id("recall", r["number"]), "gtin": r["gtin"], "product_id": products[r["gtin"]]}
                for r in recalls
            ],
            "safety_notices": [
                {
                    "id": notice, "organization_id": organization, "status": "published", "severity": "caution",
                    "texts": NOTICE, "metadata": metadata, "published_at": "2026-11-02T09:00:00Z",
                }
            ],
            "safety_notice_products": [{"notice_id": notice, "product_id": products[PICKLES]}],
            "ftl_designations": [
                {
                    "product_id": products[PICKLES], "contains_ftl_substance": False, "ftl_categories": [],
                    "ftl_notes": "Synthetic example: pickled, so not on the list.",
                }
            ],
        },
        progress,
    )  # fmt: skip


def _recall(recall: dict[str, Any], organization: str) -> Row:
    read = lots.read(recall["lots"])
    row = {name: value for name, value in recall.items() if name not in ("gtin", "number", "lots")}
    return row | {
        "id": demo_id("recall", recall["number"]), "source_system": "FDA", "source_id": recall["number"],
        "description": SYNTHETIC, "company_name": "Demo Organization", "lot_codes": recall["lots"],
        "lots": read.stored(), "organization_id": organization,
    }  # fmt: skip
