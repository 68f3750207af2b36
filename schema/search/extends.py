"""What searches add to products, and their root fields."""

from resolvers.search import queries, similar, suggestions
from schema.declare import Query, extend, relation, root
from schema.products.types import Product
from schema.search.types import CatalogSearch, SearchConnection, SearchSuggestion


@extend(Product)
class SimilarProducts:
    similar: list[Product] = relation(
        similar.similar_to, "Products that mean nearly the same, nearest first.", reads=["id"], size="first"
    )


@extend(Query)
class SearchQueries:
    search: SearchConnection | None = root(
        queries.search, "Products, brands and retailers that are relevant, most relevant first. Everybody may ask."
    )
    catalog_search: CatalogSearch | None = root(
        queries.catalog_search, "The catalog search of REST: the best rows, not paged.", size="limit"
    )
    search_suggestions: list[SearchSuggestion] | None = root(
        suggestions.search_suggestions, "How a search that is being typed could go on. Everybody may ask.", size="limit"
    )
