"""The Digital Product Passport: all that becomes of one product, as one JSON-LD document for machines.

Terms are those of schema.org and of the GS1 Web Vocabulary 1.16; a thing that both know is said in schema.org's words,
and in GS1's where those are more exact. Units are codes of UN/ECE Recommendation 20, as both demand. Unknown values are
left out: in linked data, what is not said is not known.
"""

from typing import Any

from closient_gql.core.models.brands import Brand
from closient_gql.core.models.products import Product
from resolvers import access
from resolvers.brands.queries import brands_by_id
from resolvers.context import Context
from resolvers.products.inputs import PlainGtin
from resolvers.products.queries import products_by_gtin
from resolvers.sustainability.queries import (
    Sustainability,
    assessments_of,
    best_of,
    circularity_of,
    components_of,
    end_of_life_of,
    grades_of,
    impacts_of,
    packaging_of,
)

CONTEXT = {
    "@vocab": "https://schema.org/",
    "schema": "https://schema.org/",
    "gs1": "https://ref.gs1.org/voc/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "gs1:value": {"@type": "xsd:float"},
    "gs1:referencedFileURL": {"@type": "xsd:anyURI"},
    "dateCreated": {"@type": "xsd:date"},
    "dateModified": {"@type": "xsd:dateTime"},
    "expires": {"@type": "xsd:date"},
}
RECYCLING = {
    "is_recyclable": "gs1:PackagingRecyclingProcessTypeCode-RECYCLABLE",
    "is_reusable": "gs1:PackagingRecyclingProcessTypeCode-REUSABLE",
}
SCORES = ("overall", "durability", "recyclability", "repairability", "reusability")
Json = dict[str, Any]


@access.public
async def passport(ctx: Context, gtin: PlainGtin) -> Json | None:
    """The passport of one product, for everybody; None if there is no such product.

    The product's address in it is its GS1 Digital Link URI at id.gs1.org, the same wherever the document is read.
    """
    product: Product | None = await ctx.find(products_by_gtin, gtin)
    if product is None:
        return None
    view = Sustainability(product)
    brand: Brand | None = await ctx.find(brands_by_id, product.brand_id)
    packaging = await ctx.load(packaging_of, view)
    assessed = dict(zip([each.id for each in packaging], await assessments_of(ctx, packaging), strict=True))
    found = identity(product, brand) | {
        "gs1:packaging": [packaging_node(each, assessed[each.id]) for each in packaging],
        "hasPart": [part(each) for each in await ctx.load(components_of, view)],
        "gs1:consumerRecyclingInstructions": spoken(
            [said(each) for each in await ctx.load(end_of_life_of, view)], product.primary_language
        ),
        "additionalProperty": [
            *[measured(each) for each in await ctx.load(impacts_of, view)],
            *[graded(each) for each in await ctx.load(grades_of, view)],
            *scored(await ctx.load(circularity_of, view)),
            *recyclable(await ctx.load(best_of, view)),
        ],
    }
    return {"@context": CONTEXT, **pruned(found)}


def pruned(node: Any) -> Any:
    """Without what is not known."""
    if isinstance(node, dict):
        return {name: pruned(value) for name, value in node.items() if value not in (None, "", [], {})}
    return [pruned(item) for item in node] if isinstance(node, list) else node


def spoken(text: Any, language: str) -> Any:
    """Text in a language that is known (JSON-LD 1.1, 4.2.4)."""
    if isinstance(text, list):
        return [spoken(each, language) for each in text]
    return {"@value": text, "@language": language.lower()} if text and language else text


def quantity(value: float | None, unit: str | None) -> Json | None:
    """An amount, in the words of both vocabularies."""
    if value is None:
        return None
    types = ["QuantitativeValue", "gs1:QuantitativeValue"]
    return {"@type": types, "value": value, "unitCode": unit, "gs1:value": value, "gs1:unitCode": unit}


def identity(product: Product, brand: Brand | None) -> Json:
    name = spoken(product.product_name, product.primary_language)
    description = spoken(product.description, product.primary_language)
    return {
        "@type": ["Product", "gs1:Product"],
        "@id": f"https://id.gs1.org/01/{product.gtin}",
        "gtin14": product.gtin,
        "gs1:gtin": product.gtin,
        "name": name,
        "gs1:productName": name,
        "description": description,
        "gs1:productDescription": description,
        "brand": {"@type": ["Brand", "gs1:Brand"], "name": brand.name, "gs1:brandName": brand.name} if brand else None,
        "manufacturer": {"@type": "Organization", "name": product.manufacturer} if product.manufacturer else None,
        "image": product.image_url if product.image_url.startswith("http") else None,
        "url": product.brand_product_page_url,
        "countryOfOrigin": country(product.country_of_origin),
        "gs1:netContent": quantity(product.net_content_value, product.net_content_uom),
        "dateModified": product.modified.isoformat(),
    }


def country(code: str | None) -> Json | None:
    return {"@type": ["Country", "gs1:Country"], "identifier": code, "gs1:countryCode": code} if code else None


def packaging_node(each: Any, assessed: Any) -> Json:
    codes = [code for name, code in RECYCLING.items() if getattr(each, name)]
    material = f"gs1:PackagingMaterialTypeCode-{each.material}" if each.material else None
    return {
        "@type": "gs1:PackagingDetails",
        "identifier": each.id,
        "category": each.packaging_type,
        "gs1:packagingType": each.shape,
        "description": each.description,
        "gs1:packagingMaterial": {
            "@type": "gs1:PackagingMaterialDetails",
            "gs1:packagingMaterialType": {"@id": material},
            "gs1:packagingMaterialCompositionQuantity": quantity(each.weight_grams, "GRM"),
        }
        if material
        else None,
        "weight": quantity(each.weight_grams, "GRM"),
        "gs1:packagingRecyclingProcessType": [{"@id": code} for code in codes],
        "additionalProperty": [
            *percent("recycled_content_percentage", each.recycled_content_percentage),
            *recyclable(assessed),
        ],
    }


def part(each: Any) -> Json:
    return {
        "@type": "Product",
        "identifier": each.id,
        "name": each.name,
        "category": each.component_type,
        "description": each.description,
        "weight": quantity(each.weight_grams, "GRM"),
        "additionalProperty": [
            property_of("quantity", each.quantity, "C62"),
            property_of("is_separable", each.is_separable, None, description=each.separation_instructions),
        ],
    }


def said(each: Any) -> str:
    """One instruction as people read it."""
    told = each.description or each.instruction_type.replace("_", " ").capitalize() + "."
    where = f" ({each.valid_regions})" if each.valid_regions else ""
    return f"{told}{where} {each.collection_url}".strip()


def property_of(name: str, value: Any, unit: str | None, **more: Any) -> Json:
    return {"@type": "PropertyValue", "propertyID": name, "value": value, "unitCode": unit, **more}


def percent(name: str, value: float | None) -> list[Json]:
    return [] if value is None else [property_of(name, value, "P1")]


def measured(each: Any) -> Json:
    return property_of(
        each.impact_type.lower(), each.score_value, each.unit,
        measurementTechnique=each.methodology_reference, description=each.notes,
        dateCreated=each.assessment_date.isoformat() if each.assessment_date else None,
    )  # fmt: skip


def graded(each: Any) -> Json:
    return property_of(each.scheme.lower(), each.grade, None)


def scored(each: Any) -> list[Json]:
    """Scores of circularity, 0 to 10."""
    if each is None:
        return []
    day = each.assessment_date.isoformat() if each.assessment_date else None
    values = [(name, getattr(each, f"{name}_score")) for name in SCORES]
    return [
        property_of(
            f"circularity_{name}_score", value, "C62", minValue=0, maxValue=10,
            measurementTechnique=each.methodology, dateCreated=day,
        )
        for name, value in values
        if value is not None
    ]  # fmt: skip


def recyclable(each: Any) -> list[Json]:
    """What an assessment says: status, and share in percent."""
    if each is None:
        return []
    facts = {
        "measurementTechnique": each.assessment_standard,
        "description": each.recycling_instructions,
        "url": each.recycling_instructions_url,
        "dateCreated": each.assessment_date.isoformat() if each.assessment_date else None,
        "expires": each.valid_until.isoformat() if each.valid_until else None,
    }
    status = property_of("recyclability_status", each.status, None, **facts)
    return [status, *percent("recyclability_percentage", each.recyclability_percentage)]
