"""The words of the graph: what they refuse, and that everything is described."""

import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, build_schema

import schema
from closient_gql.core import models
from closient_gql.server.snapshots import FEDERATION
from resolvers import access
from resolvers.brands.queries import brands_by_id
from resolvers.context import Context
from resolvers.products.queries import categories_by_id, products_by_gtin, products_by_id
from schema.declare import ENTITIES, column, entity, extend, relation, root, snake, value
from schema.products.types import NutrientValue, Product


def test_everything_has_a_description() -> None:
    lacking = []
    for kind in schema.graph()._schema.type_map.values():
        if kind.name.startswith(("_", "link__")):
            continue
        if not kind.description:
            lacking.append(kind.name)
        if isinstance(kind, GraphQLEnumType):
            lacking += [f"{kind.name}.{name}" for name, member in kind.values.items() if not member.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                if name.startswith("_"):
                    continue
                if not field.description:
                    lacking.append(f"{kind.name}.{name}")
                arguments = getattr(field, "args", {})
                lacking += [
                    f"{kind.name}.{name}({a}:)" for a, argument in arguments.items() if not argument.description
                ]
    assert lacking == []


def test_every_entity_is_found_by_id_first() -> None:
    assert {name: list(e.keys) for name, e in ENTITIES.items()} == {
        "User": ["id"],
        "Organization": ["id"],
        "ApiKey": ["id"],
        "Member": ["id"],
        "Brand": ["id"],
        "BrandVerification": ["id"],
        "ProductCategory": ["id"],
        "ProductImage": ["id"],
        "Ingredient": ["id"],
        "Product": ["id", "gtin"],
        "Location": ["id"],
        "Retailer": ["id"],
        "PhysicalStore": ["id"],
        "OnlineStore": ["id"],
        "InStoreOffer": ["id"],
        "OnlineOffer": ["id"],
        "InStorePromotion": ["id"],
        "OnlinePromotion": ["id"],
        "RegionalOverride": ["id"],
        "InventorySource": ["id"],
        "OfferFeed": ["id"],
        "Recall": ["id"],
        "SafetyNotice": ["id"],
        "CertificationBody": ["id"],
        "Certification": ["id"],
        "Claim": ["id"],
        "ContentItem": ["id"],
        "Link": ["id"],
        "ResolutionRule": ["id"],
    }
    assert ENTITIES["Product"].keys == {"id": products_by_id, "gtin": products_by_gtin}
    assert {name: e.domain for name, e in ENTITIES.items() if e.domain not in ("products", "retailers")} == {
        "User": "account", "Organization": "account", "ApiKey": "account", "Member": "account",
        "Brand": "brands", "BrandVerification": "brands", "Location": "locations",
        "Recall": "compliance", "SafetyNotice": "compliance", "CertificationBody": "certifications",
        "Certification": "certifications", "Claim": "certifications", "ContentItem": "content",
        "Link": "digital_link", "ResolutionRule": "digital_link",
    }  # fmt: skip


def test_a_plain_field_must_be_a_column() -> None:
    with pytest.raises(TypeError, match="Wrong: colour is neither a column nor a relation"):

        @value(models.brands.Brand, says="x")
        class Wrong:
            colour: str = column("x")


def test_a_value_cannot_be_extended() -> None:
    with pytest.raises(TypeError, match="NutrientValue has no keys"):
        extend(NutrientValue)


def test_a_field_cannot_be_declared_twice_and_must_be_a_relation() -> None:
    async def names(ctx: Context, products: list[object]) -> list[str]:
        return ["x" for _ in products]

    with pytest.raises(TypeError, match=r"Product\.brand exists already"):

        @extend(Product)
        class Again:
            brand: str = relation(names, "x")

    with pytest.raises(TypeError, match=r"Product\.colour must be a relation"):

        @extend(Product)
        class Plain:
            colour: str = column("x")


def test_a_root_field_says_who_may_ask() -> None:
    async def anybody(ctx: Context) -> str:
        return "x"

    with pytest.raises(TypeError, match="anybody does not say who may ask"):
        root(anybody, "x")
    assert root(access.public(anybody), "x").metadata["access"] == "public"


def test_every_field_says_how_it_is_found() -> None:
    """What a compiled executor needs: kind and function of everything that is not a column."""
    kinds = set()
    for kind in schema.graph()._schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("_"):
            for name, field in kind.fields.items():
                definition = field.extensions["strawberry-definition"]
                if definition.base_resolver is not None and not name.startswith("_"):
                    assert callable(definition.metadata["function"]), f"{kind.name}.{name}"
                    kinds.add(definition.metadata["kind"])
    assert kinds == {"batch", "reference", "root"}
    parent = schema.graph()._schema.type_map["ProductCategory"].fields["parent"]  # type: ignore[attr-defined]
    metadata = dict(parent.extensions["strawberry-definition"].metadata)
    assert (metadata["kind"], metadata["column"], metadata["function"]) == ("reference", "parent_id", categories_by_id)


def test_unknown_domains() -> None:
    with pytest.raises(ValueError, match="no domain nope"):
        schema.graph("nope")


def test_a_subgraph_has_stubs_of_what_others_own() -> None:
    sdl = schema.graph("products").as_str()
    built = build_schema(FEDERATION + sdl, assume_valid_sdl=True)
    brand = built.type_map["Brand"]
    assert isinstance(brand, GraphQLObjectType)
    assert list(brand.fields) == ["id", "products"]
    assert 'type Brand @key(fields: "id") {' in sdl
    assert "viewer" not in built.query_type.fields  # type: ignore[union-attr]
    alone = schema.graph("brands").as_str()
    assert 'type Organization @key(fields: "id", resolvable: false)' in alone


def test_two_entities_need_two_names() -> None:
    assert snake("netContentUom") == "net_content_uom"
    assert snake("dailyValuePct") == "daily_value_pct"
    with pytest.raises(TypeError, match="colour"):

        @entity(models.brands.Brand, keys={"id": brands_by_id}, says="x")
        class Wrong:
            id: strawberry.ID = column("x")
            colour: str = column("x")
