"""Who may do what at the endpoints of the Search API: everybody, with and without a key."""

from tests.permissions import PUBLIC, Row

ROWS = {
    "search_the_catalog": Row(PUBLIC, query={"q": "cookies"}),
    "suggest_searches": Row(PUBLIC, query={"q": "coo"}),
}
