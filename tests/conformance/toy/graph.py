"""The schema that the Apollo subgraph suite asks for, with plain Strawberry types.

Its names and values are the suite's: it looks for exactly these.
"""

from typing import Any

import strawberry
from strawberry.federation import Schema, field, interface_object, schema_directive, type
from strawberry.schema_directive import Location

EMAIL = strawberry.ID("support@apollographql.com")


@schema_directive(
    locations=[Location.OBJECT], name="custom", compose=True, import_url="https://myspecs.dev/myCustomDirective/v1.0"
)
class Custom: ...


@strawberry.type
class ProductVariation:
    id: strawberry.ID


@type(shareable=True)
class ProductDimension:
    size: str | None
    weight: float | None
    unit: str | None = field(inaccessible=True)


@strawberry.type
class CaseStudy:
    case_number: strawberry.ID
    description: str | None = None


@type(keys=["study { caseNumber }"])
class ProductResearch:
    study: CaseStudy
    outcome: str | None = None

    @classmethod
    def resolve_reference(cls, study: dict[str, Any]) -> "ProductResearch | None":
        return next((found for found in RESEARCH if found.study.case_number == study["caseNumber"]), None)


RESEARCH = [
    ProductResearch(study=CaseStudy(case_number=strawberry.ID("1234"), description="Federation Study")),
    ProductResearch(study=CaseStudy(case_number=strawberry.ID("1235"), description="Studio Study")),
]


@type(keys=["email"])
class User:
    email: strawberry.ID
    name: str | None = field(override="users", default="Jane Smith")
    total_products_created: int | None = field(external=True, default=1337)
    years_of_employment: int = field(external=True, default=10)

    @field(requires=["totalProductsCreated", "yearsOfEmployment"])  # type: ignore[untyped-decorator]
    def average_products_created_per_year(self) -> int | None:
        return round((self.total_products_created or 0) / self.years_of_employment)

    @classmethod
    def resolve_reference(
        cls,
        email: strawberry.ID,
        totalProductsCreated: int = 1337,
        yearsOfEmployment: int = 10,
    ) -> "User":
        return cls(email=email, total_products_created=totalProductsCreated, years_of_employment=yearsOfEmployment)


def author() -> User | None:
    return User(email=EMAIL)


@type(keys=["sku package"])
class DeprecatedProduct:
    sku: str
    package: str
    reason: str | None = "Migrate to Federation V2"
    created_by: User | None = strawberry.field(resolver=author)

    @classmethod
    def resolve_reference(cls, sku: str, package: str) -> "DeprecatedProduct | None":
        return deprecated_product(sku, package)


def deprecated_product(sku: str, package: str) -> DeprecatedProduct | None:
    known = (sku, package) == ("apollo-federation-v1", "@apollo/federation-v1")
    return DeprecatedProduct(sku=sku, package=package) if known else None


@type(keys=["id", "sku package", "sku variation { id }"], directives=[Custom()])
class Product:
    id: strawberry.ID
    sku: str | None
    package: str | None
    variation: ProductVariation | None
    research: list[ProductResearch]
    created_by: User | None = field(provides=["totalProductsCreated"], resolver=author)
    notes: str | None = field(tags=["internal"], default=None)

    @strawberry.field
    def dimensions(self) -> ProductDimension | None:
        return ProductDimension(size="small", weight=1, unit="kg")

    @classmethod
    def resolve_reference(cls, **given: Any) -> "Product | None":
        if "variation" in given:
            given["variation"] = ProductVariation(id=given["variation"]["id"])
        return next((p for p in PRODUCTS if all(getattr(p, name) == value for name, value in given.items())), None)


def made(name: str, package: str, variation: str, study: int) -> Product:
    return Product(
        id=strawberry.ID(f"apollo-{name}"), sku=name, package=package,
        variation=ProductVariation(id=strawberry.ID(variation)), research=[RESEARCH[study]],
    )  # fmt: skip


PRODUCTS = [made("federation", "@apollo/federation", "OSS", 0), made("studio", "", "platform", 1)]


@interface_object(keys=["id"])
class Inventory:
    id: strawberry.ID

    @strawberry.field
    def deprecated_products(self) -> list[DeprecatedProduct]:
        found = deprecated_product("apollo-federation-v1", "@apollo/federation-v1")
        return [found] if found else []

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Inventory":
        return cls(id=id)


@strawberry.type
class Query:
    @strawberry.field
    def product(self, id: strawberry.ID) -> Product | None:
        return Product.resolve_reference(id=id)

    deprecated_product: DeprecatedProduct | None = strawberry.field(
        resolver=deprecated_product, deprecation_reason="Use product query instead"
    )


schema = Schema(Query, types=[Inventory, ProductResearch], federation_version="2.3")
