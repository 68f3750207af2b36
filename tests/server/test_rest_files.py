"""What the REST generator makes of the real files: names that never change silently, and routes beside it."""

import json
import re

from closient_gql.server.routes import EXTRA
from closient_gql.server.snapshots import FOLDER, breaking_openapi

VERBS = "accept add browse claim create delete download find get identify invite list lookup reorder remove replace"
VERBS += " report request restore revoke rotate track unclaim update upload verify check order import bulk parse assign"
VERBS += " publish reject submit withdraw plan resolve open refine discover search suggest compare dry"


def test_operation_ids_are_verb_noun() -> None:
    for path in (FOLDER / "openapi").glob("*.json"):
        document = json.loads(path.read_text())
        for item in document["paths"].values():
            for operation in item.values():
                name = operation["operationId"]
                assert re.fullmatch(rf"({VERBS.replace(' ', '|')})(_[a-z]+)+", name), f"{name} is not verb_noun"


def test_an_operation_id_never_changes_silently() -> None:
    old = json.loads((FOLDER / "openapi/brands.json").read_text())
    new = json.loads(json.dumps(old))
    new["paths"]["/brands"]["get"]["operationId"] = "list_all_brands"
    del new["paths"]["/brands/{id}"]["get"]
    del new["components"]["schemas"]["BrandOut"]["properties"]["website"]
    found = breaking_openapi(old, new)
    assert "GET /brands: operationId list_brands became list_all_brands" in found
    assert "GET /brands/{id} is gone" in found
    assert "BrandOut.website is gone" in found
    for document in (FOLDER / "openapi").glob("*.json"):
        same = json.loads(document.read_text())
        assert breaking_openapi(same, same) == [], document.name


EVIDENCE = "/certifications/api/v1/products/{gtin}/certifications/{certification_id}/evidence"


def test_routes_beyond_json() -> None:
    assert [(e.method, e.api.mount + e.path, e.described["operationId"]) for e in EXTRA] == [
        ("GET", "/resolver/api/v1/products/{gtin}/barcode", "get_product_barcode"),
        ("POST", "/brands/api/v1/brands/{id}/logo", "upload_brand_logo"),
        ("POST", "/brands/api/v1/public/widget-events", "track_brand_locator_widget_events"),
        ("POST", EVIDENCE, "upload_certification_evidence"),
        ("GET", EVIDENCE, "download_certification_evidence"),
        ("GET", "/locations/api/v1/import/template", "download_location_import_template"),
        ("POST", "/locations/api/v1/organizations/{organization_id}/locations/import", "import_locations"),
        ("POST", "/locations/api/v1/public/widget-events", "track_widget_analytics_events"),
        ("POST", "/retailers/api/v1/organizations/{organization_id}/offer-feeds", "create_offer_feed"),
        ("POST", "/products/api/v1/products/{gtin}/images", "upload_product_image"),
        ("GET", "/products/api/v1/import/template", "download_csv_import_template"),
        ("POST", "/products/api/v1/import/csv", "bulk_import_products_from_csv"),
        ("GET", "/sustainability/api/v1/products/{gtin}/passport", "get_product_passport"),
    ]
