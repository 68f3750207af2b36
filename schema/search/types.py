"""What searches find, and why."""

import strawberry

from resolvers.brands.queries import brands_by_id
from resolvers.products.queries import products_by_id
from resolvers.retailers.retailers import retailers_by_id
from resolvers.search import asked, explanations, facets, inputs, results, spoken, suggestions
from resolvers.search.asked import Degradation, SearchKind
from resolvers.search.constraints.model import ConstraintKey
from resolvers.search.facets import SearchFacetKind
from resolvers.search.results import AllergenDataConfidence
from schema.brands.types import Brand
from schema.declare import adopt_enum, adopt_input, column, reference, relation, value
from schema.products.types import Product
from schema.retailers.types import Retailer
from schema.shared import Connection

adopt_enum(SearchKind, "What a search finds.", "SearchKind")
adopt_enum(suggestions.SuggestionKind, "What a suggestion is.")
adopt_enum(ConstraintKey, "What narrows a search.")
adopt_enum(Degradation, "Why a search compares words alone.")
adopt_enum(SearchFacetKind, "By what hits are counted.")
adopt_enum(AllergenDataConfidence, "How far the allergens of a hit are known.")
adopt_input(inputs.PriceRange, "PriceRangeInput", "Prices in one currency.")
adopt_input(inputs.SearchFilters, "SearchFiltersInput", "What every hit keeps. What is unknown does not pass.")


@value(explanations.MatchedTerm, says="One word or phrase that was looked for, and where a hit has it.")
class SearchMatch:
    term: str = column("What was looked for, as it was typed.")
    searched: list[str] = column("What was compared: it, or what it was corrected to, and words that mean the same.")
    weight: float = column(
        "How much it counts among all terms: rare words count more, a size in which nothing is found not at all. "
        "Together they come to 1."
    )
    fields: list[str] = column("Where it stands: name, brand, category, other; empty: nowhere.")


@value(explanations.Explanation, says="Why a hit passed the gate.")
class SearchExplanation:
    score: float = column("How relevant it is: more is better; comparable as long as the model is the same.")
    threshold: float = column("What the score must come to: the gate of the model.")
    partial: bool = column("Whether it answers a part of the query only.")
    cosine: float | None = column("How near its meaning is to that of the query; null: only words were compared.")
    coverage: float = column("The share of what was looked for, by weight, that its words cover: 0 to 1.")
    model: str | None = column("The embedding model whose vectors were compared.")
    matches: list[SearchMatch] = column("Each word or phrase that was looked for.")
    text: str = column("All of it in a sentence, for people.")


@value(asked.Hit, says="Something that a search found.")
class SearchHit:
    kind: SearchKind = column("What it is.")
    id: strawberry.ID = column("Id of the product, brand or retailer.")
    score: float = column("How relevant it is: more is better. Never below the threshold.")
    partial: bool = column(
        "Whether it answers a part of the query only: something else answers all of it, or nothing in the size that is "
        "asked for."
    )
    name: str = relation(results.names_of, "Its name.")
    description: str = relation(results.descriptions_of, "What it is; empty if nothing is said.")
    metadata: dict[str, str] = relation(results.metadata_of, "What leads on from here, such as gtin, brand, website.")
    certifications: list[str] = relation(
        results.certifications_of,
        "Certifications and claims that hold today, and diets that it suits, by their codes in lower case.",
        size=5,
    )
    contains_allergens: list[str] = relation(
        results.contained_allergens_of, "Allergens that its label names, by their slugs. Traces are not among them.",
        size=5,
    )  # fmt: skip
    substance_flags: list[str] = relation(
        results.substance_flags_of, "Substances to be avoided that its label speaks of after all, as traces.", size=1
    )
    allergen_data_confidence: AllergenDataConfidence = relation(
        results.allergen_confidence_of, "How far the allergens that the search excludes are known; or else all of them."
    )
    product: Product | None = reference("product_id", products_by_id, "The product, if it is one.")
    brand: Brand | None = reference("brand_id", brands_by_id, "The brand, if it is one.")
    retailer: Retailer | None = reference("retailer_id", retailers_by_id, "The retailer, if it is one.")
    explanation: SearchExplanation = relation(explanations.explanations_of, "Why it passed the gate.")


@value(facets.Bucket, says="How many hits have one value.")
class SearchBucket:
    value: str | None = column("The value: an id, a code or a slug; null: those without one.")
    label: str | None = column("The value for people; null where nothing is known of it.")
    n: int = strawberry.field(name="count", description="How many hits.")


@value(facets.Facet, says="How the hits are made up, over the whole set.")
class SearchFacet:
    kind: SearchFacetKind = column("By what they are counted.")
    single_valued: bool = column("Whether each hit counts once: then the counts add up to the total.")
    buckets: list[SearchBucket] = column("The most frequent first.")


@value(explanations.Correction, says="A word that nothing in the catalogue has, and what was searched instead.")
class SearchCorrection:
    typed: str = column("As it was typed.")
    searched: str = column("As it was searched.")


@value(spoken.Spoken, says="A filter that the text of a search names.")
class SearchInterpretation:
    key: ConstraintKey = column("Which filter.")
    slugs: list[str] = column("What it came to.")


@value(results.Results, says="What a search found: a list by page or by cursor.")
class SearchConnection(Connection[SearchHit]):
    degraded: Degradation | None = relation(
        explanations.degradations_of, "Why words alone were compared, if they were."
    )
    threshold: float = relation(explanations.thresholds_of, "The gate: no hit has a lower score.")
    corrections: list[SearchCorrection] = relation(explanations.corrections_of, "Words that were corrected.", size=1)
    interpreted: list[SearchInterpretation] = relation(
        explanations.interpretations_of, "Filters that the text itself names, such as gluten free.", size=1
    )
    facets: list[SearchFacet] = relation(
        facets.facets_of, "How all that was found is made up, whatever part of it is shown.", size="kinds"
    )


@value(results.CatalogSearch, says="What the catalog search of REST found.")
class CatalogSearch:
    query: str = column("What was looked for, as it was given.")
    total_count: int = column("Rows in `results`.")
    results: list[SearchHit] = column("The most relevant first.")
    degraded: Degradation | None = column("Why words alone were compared, if they were.")


@value(suggestions.Suggestion, says="How a search that is being typed could go on.")
class SearchSuggestion:
    text: str = column("The whole text of the search.")
    kind: suggestions.SuggestionKind = column("What it is.")
    id: strawberry.ID | None = column("Id of the product or brand; null for words.")
