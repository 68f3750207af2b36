"""How a search that is being typed could go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy import BigInteger, Text, bindparam, func, literal, select, union_all

from closient_gql.core.bounds import Bounds, Doc
from closient_gql.core.db import Query
from closient_gql.core.enums import Described
from closient_gql.core.models.brands import Brand
from closient_gql.core.models.products import Product
from resolvers import access
from resolvers.context import Context
from resolvers.search.vocabulary import Vocabulary, vocabulary
from resolvers.search.words import plain

MOST_WORDS = 5
LONGEST = 100


class SuggestionKind(Described):
    WORDS = "words", "Words of the catalogue."
    BRAND = "brand", "The name of a brand."
    PRODUCT = "product", "The name of a product."


@dataclass(frozen=True)
class Suggestion:
    text: str
    kind: SuggestionKind
    id: str | None = None


def beginning(model: Any, name: Any, kind: SuggestionKind) -> Any:
    """The shortest names that begin so: the index of names finds them."""
    start = func.lower(bindparam("start", type_=Text))
    found = select(literal(kind.value, Text).label("kind"), model.id.label("id"), name.label("text"))
    found = found.where(func.lower(name).like(bindparam("pattern", type_=Text)), name != "", start != "")
    found = found.order_by(func.length(name), func.lower(name), model.id).limit(bindparam("most", type_=BigInteger))
    return found.subquery().select()


NAMES = Query(
    Product,
    union_all(
        beginning(Brand, Brand.name, SuggestionKind.BRAND),
        beginning(Product, Product.product_name, SuggestionKind.PRODUCT),
    ),
)


@access.public
async def search_suggestions(
    ctx: Context,
    query: Annotated[str, Bounds(max_length=LONGEST), Doc("What is typed so far.")],
    *,
    limit: Annotated[int, Bounds(minimum=1, maximum=25), Doc("How many at most.")] = 10,
) -> Sequence[Suggestion]:
    """Words that complete the last one, the most frequent first, then brands and products whose names begin so. What
    is no beginning of anything has no suggestions."""
    typed = " ".join(query.split())
    if not typed:
        return []
    before, _, last = typed.rpartition(" ")
    words = await vocabulary(ctx)
    found = [Suggestion(f"{before} {word}".strip(), SuggestionKind.WORDS) for word in completed(words, plain(last))]
    rows: Any = await ctx.read.all(NAMES, start=typed, pattern=f"{escaped(typed.lower())}%", most=limit)
    found += [Suggestion(row.text, SuggestionKind(row.kind), row.id) for row in rows]  # type: ignore[call-arg]
    return distinct(found)[:limit]


def completed(words: Vocabulary, beginning: str) -> list[str]:
    """Words that begin so, as people write them."""
    return [words.spelling.written(lexeme) for lexeme in words.spelling.completions(beginning, MOST_WORDS)]


def escaped(text: str) -> str:
    """For LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def distinct(found: Sequence[Suggestion]) -> list[Suggestion]:
    """Of those that read the same, the first."""
    kept: dict[str, Suggestion] = {}
    for each in found:
        kept.setdefault(each.text.casefold(), each)
    return list(kept.values())
