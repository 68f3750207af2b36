"""Everything that is known of products, of all domains at once: as many statements for a hundred as for twenty-five."""

from collections.abc import AsyncIterator

import pytest

from closient_gql.core.db import Database
from closient_gql.core.models.account import KeyKind
from resolvers.viewer import Viewer
from tests import make
from tests.products.test_graph import Graph

FACTS = """query ($first: Int) { products(first: $first, ordering: NAME) { nodes { gtin
  brand { name } allImages { id } allIngredients { id } nutrition { nutrients { name } }
  allRecalls { id } recalls(open: true) { nodes { id } } ofLot: recalls(lot: "L117") { nodes { id } }
  safetyNotices { nodes { id text { title } } } ftl { containsFtlSubstance }
  certifications { nodes { certification { code } isActive } } claims { nodes { claim { code } isActive } }
  allergens { allergen presence } allergenConfidence diets { diet suitability }
  sustainability { packaging { id } components { id } endOfLifeInstructions { id } environmentalImpacts { id }
    recyclability { status } grades { scheme } circularity { overallScore } } circularity { overallScore } } } }"""


@pytest.fixture
async def demo(demo_url: str) -> AsyncIterator[Graph]:
    database = Database(demo_url, 5)
    yield Graph(database, Viewer(KeyKind.USER, make.make_id(1), None, make.make_id(2)))
    await database.close()


async def test_all_facts_of_a_hundred_products(demo: Graph) -> None:
    counts = {}
    for first in (25, 100):
        data = await demo.ask(FACTS, first=first)
        assert len(data["products"]["nodes"]) == first
        counts[first] = demo.statements
    assert counts == {25: 27, 100: 27}
