"""The REST APIs: where each is mounted (contract: `mount`) and what it is called. One line for each domain."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Api:
    """One REST API. `title` is that of its OpenAPI document."""

    domain: str
    mount: str
    title: str
    description: str


APIS = (
    Api("account", "/account/api/v1", "Account API", "Who is calling, organizations, members, keys, quotas."),
    Api("brands", "/brands/api/v1", "Brands API", "Brands, claimed and unclaimed."),
    Api("products", "/products/api/v1", "Products API", "Products by GTIN: what they are and what is printed on them."),
    Api("locations", "/locations/api/v1", "Locations API", "Places: stores and points of service, and what is near."),
    Api("retailers", "/retailers/api/v1", "Retailers API", "Who sells what where, for how much, and who says so."),
    Api("compliance", "/compliance/api/v1", "Compliance API", "Recalls of products and lots, safety notices."),
    Api(
        "certifications",
        "/certifications/api/v1",
        "Certifications API",
        "Certifications and claims: what there is, what products carry, and who has checked it.",
    ),
    Api("sustainability", "/sustainability/api/v1", "Sustainability API", "What becomes of products and packaging."),
    Api("content", "/content/api/v1", "Content API", "What is said of products, by language; how complete it is."),
    Api("digital_link", "/resolver/api/v1", "Resolver API", "Where codes lead: links, rules, bar codes."),
    Api("search", "/search/api/v1", "Search API", "Products, brands and retailers, by what they are about."),
    Api("dashboard", "/dashboard/api/v1", "Dashboard API", "What a brand sees of its products: scans."),
)


def api_of(path: str) -> Api | None:
    """The API that an absolute path belongs to."""
    return next((api for api in APIS if path == api.mount or path.startswith(api.mount + "/")), None)
