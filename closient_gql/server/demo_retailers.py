"""The demo retailers: real chains, the shops of the demo places that belong to none, their stores, some real sites.

Nobody owns them: they are canonical. Offers are another set (`demo_offers`).
"""

from collections import defaultdict

from closient_gql.core.db import Connection
from closient_gql.server.demo_places import place_id
from closient_gql.server.demo_rows import Progress, Row, demo_id, insert_all, lines_of

CURRENCIES = {"US": "USD", "LI": "CHF", "SG": "SGD"}  # of the countries of the demo places
SITES = {  # sites of chains that have demo stores: address, currency, countries that they sell to
    "walmart-36cadd": ("https://www.walmart.com", "USD", ["US"]),
    "target-592fe0": ("https://www.target.com", "USD", ["US"]),
    "sephora-a08666": ("https://www.sephora.com", "USD", ["US"]),
    "gnc-699d49": ("https://www.gnc.com", "USD", ["US"]),
    "denner-704edb": ("https://www.denner.ch", "CHF", ["CH", "LI"]),
}


def retailer_id(chain: str) -> str:
    """The id of the chain with this id in the name suggestion index."""
    return demo_id("retailer", chain)


def physical_store_id(reference: str) -> str:
    """The id of the store at the place with this reference: `node/2123366892`, `walmart/1`."""
    return demo_id("physical_store", reference)


def online_store_id(url: str) -> str:
    """The id of the store at this address."""
    return demo_id("online_store", url)


async def retailers(connection: Connection, progress: Progress) -> None:
    chains = lines_of("chains.jsonl.gz")
    places = [place for name in ("osm-shops", "walmart") for place in lines_of(f"{name}.jsonl.gz")]
    there = {row["id"] for row in await connection.fetch("SELECT id FROM locations WHERE organization_id IS NULL")}
    found = Chains(chains)
    # a place that somebody has deleted has no store
    stores = [(place, found.of(place)) for place in places if place_id(place["ref"]) in there]
    singles = {_single_id(place): place for place, chain in stores if chain is None}
    tables = {
        "retailers": [_chain(chain) for chain in chains] + [_single(id, place) for id, place in singles.items()],
        "physical_stores": [_physical(place, chain) for place, chain in stores],
        "online_stores": [_online(chain) for chain in chains if chain["id"] in SITES],
    }
    await insert_all(connection, tables, progress)


class Chains:
    """Finds the chain that a place belongs to."""

    def __init__(self, chains: list[Row]) -> None:
        self.by_name: dict[str, list[Row]] = defaultdict(list)
        for chain in chains:
            for name in chain["names"]:
                self.by_name[name].append(chain)

    def of(self, place: Row) -> Row | None:
        """The chain of this name in this country, of this kind if there are several; None: none, or who knows which."""
        name = str(place.get("brand") or place["name"]).casefold()
        fits = [chain for chain in self.by_name[name] if place["country"] in chain.get("countries", [place["country"]])]
        kinds = set(place.get("categories", ()))
        fits = [chain for chain in fits if chain["category"] in kinds] or fits
        return fits[0] if len({chain.get("wikidata", chain["id"]) for chain in fits}) == 1 else None


def _chain(chain: Row) -> Row:
    wikidata = {"wikidata": chain["wikidata"]} if "wikidata" in chain else {}
    return {
        "id": retailer_id(chain["id"]),
        "name": chain["name"],
        "category": chain["category"],
        "website": SITES[chain["id"]][0] if chain["id"] in SITES else "",
        "marketplace_regions": chain.get("countries", []),
        "metadata": wikidata,
    }


def _single_id(place: Row) -> str:
    return demo_id("retailer", f"{place['country']} {place['name'].casefold()}")


def _single(id: str, place: Row) -> Row:
    return {
        "id": id,
        "name": place["name"],
        "category": next(iter(place.get("categories", ())), None),
        "website": place.get("website", ""),
        "marketplace_regions": [place["country"]],
        "metadata": {},
    }


def _physical(place: Row, chain: Row | None) -> Row:
    kind, _, number = place["ref"].partition("/")
    return {
        "id": physical_store_id(place["ref"]),
        "retailer_id": retailer_id(chain["id"]) if chain else _single_id(place),
        "location_id": place_id(place["ref"]),
        "number": number if kind == "walmart" else "",
        "currency": CURRENCIES[place["country"]],
        "metadata": {},
    }


def _online(chain: Row) -> Row:
    url, currency, countries = SITES[chain["id"]]
    return {
        "id": online_store_id(url),
        "retailer_id": retailer_id(chain["id"]),
        "url": url,
        "domain": url.removeprefix("https://"),
        "currency": currency,
        "countries": countries,
        "metadata": {},
    }
