"""The product for search engines: JSON-LD in the terms of schema.org (Product, Offer, Certification)."""

from typing import Any

import orjson

from closient_gql.server.pages import Html

Json = dict[str, Any]
ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}
STOCK = {"IN_STOCK": "InStock", "LOW_STOCK": "LimitedAvailability", "OUT_OF_STOCK": "OutOfStock"}


def linked_data(product: Json, name: str, description: str, image: str | None, base: str) -> Html:
    """The script element with all that is known; what is not is left out."""
    brand = product["brand"]
    found: Json = {
        "@context": "https://schema.org",
        "@type": "Product",
        "@id": f"{base}/01/{product['gtin']}",
        "url": f"{base}/p/{product['gtin']}",
        "gtin14": product["gtin"],
        "name": name,
        "description": description,
        "image": image if image and image.startswith("http") else f"{base}{image}" if image else None,
        "brand": {"@type": "Brand", "name": brand["name"]} if brand else None,
        "manufacturer": {"@type": "Organization", "name": product["manufacturer"]} if product["manufacturer"] else None,
        "category": product["category"]["name"] if product["category"] else None,
        "countryOfOrigin": product["countryOfOrigin"],
        "size": product["netContent"],
        "hasCertification": [certification(each) for each in product["allCertifications"] if each["isActive"]],
        "offers": [offer(each) for each in offers_of(product) if each["effectivePrice"]],
    }
    text = orjson.dumps({key: value for key, value in found.items() if value not in (None, "", [])}).decode()
    return Html(f'<script type="application/ld+json">{text.translate(ESCAPES)}</script>')


def certification(each: Json) -> Json:
    known = {
        "@type": "Certification",
        "name": each["certification"]["label"],
        "certificationIdentification": each["certificateNumber"],
        "issuedBy": {"@type": "Organization", "name": each["issuingBody"]} if each["issuingBody"] else None,
        "validFrom": each["validFrom"],
        "expires": each["expirationDate"],
    }
    return {key: value for key, value in known.items() if value}


def offers_of(product: Json) -> list[Json]:
    return [*(product.get("near") or {"nodes": []})["nodes"], *(product["online"] or {"nodes": []})["nodes"]]


def offer(each: Json) -> Json:
    price = each["effectivePrice"]
    stock = STOCK.get(each.get("stockLevel") or "", "InStock" if each.get("quantityOnHand") else "")
    where = each.get("physicalStore") or {}
    known = {
        "@type": "Offer",
        "price": price["amount"],
        "priceCurrency": price["currency"],
        "availability": f"https://schema.org/{stock}" if stock and each["status"] == "ACTIVE" else None,
        "url": each.get("url"),
        "offeredBy": {"@type": "Store", "name": store_name(where)} if where else None,
    }
    return {key: value for key, value in known.items() if value}


def store_name(store: Json) -> str:
    """A store's name: its own, or that of the place where it stands."""
    return str(store["name"] or (store["location"] or {}).get("name") or "")
