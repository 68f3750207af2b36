"""GS1 Digital Link URIs: how many distinct ones a second are read, every value linted, against biip in the same run.

All URIs are different and each is read once a round, so nothing that remembers inputs gains anything. biip checks
forms and the check digits of keys; ours also every linter of the syntax dictionary, the order of the path and the AIs
that exclude or require each other. Rounds of both take turns; the best of each counts, and processor time is measured,
because the machine has other work.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence

from biip.gs1_digital_link_uris import GS1DigitalLinkURI

from bench import result, say
from closient_gql.core.gs1 import check_digit, parse_uri

URIS, SHARE, ROUNDS = 30_000, 6, 5  # biip gets every sixth URI
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-"


def made(rnd: random.Random) -> Iterator[str]:
    """URIs as they stand on packages: mostly GTINs, some SSCCs and locations, with qualifiers and attributes."""

    def digits(count: int) -> str:
        return "".join(rnd.choices("0123456789", k=count))

    def letters(most: int) -> str:
        return "".join(rnd.choices(LETTERS, k=rnd.randint(4, most)))

    def keyed(start: str, count: int) -> str:
        body = start + digits(count - len(start) - 1)
        return body + check_digit(body)

    while True:
        kind = rnd.random()
        if kind < 0.1:
            yield f"https://id.gs1.org/00/{keyed('09506', 18)}"
        elif kind < 0.2:
            yield f"https://example.com/places/414/{keyed('9506', 13)}/254/{letters(12)}"
        else:
            path = f"https://id.gs1.org/01/{keyed('0950', 14)}"
            path += f"/10/{letters(12)}" if rnd.random() < 0.5 else ""
            path += f"/21/{letters(16)}" if rnd.random() < 0.7 else ""
            date = f"{rnd.randint(24, 32)}{rnd.randint(1, 12):02}{rnd.randint(1, 28):02}"
            query = [f"17={date}"] if rnd.random() < 0.6 else []
            query += [f"3103={digits(6)}"] if rnd.random() < 0.3 else []
            yield path + ("?" + "&".join(query) if query else "")


def rate(parse: Callable[[str], object], uris: Sequence[str]) -> float:
    """URIs a second of processor time."""
    begun = time.process_time()
    for uri in uris:
        parse(uri)
    return len(uris) / (time.process_time() - begun)


def main() -> None:
    source = made(random.Random(2026))
    uris = list(dict.fromkeys(next(source) for _ in range(URIS)))
    few = uris[::SHARE]
    for parse in (parse_uri, GS1DigitalLinkURI.parse):
        parse(uris[0])  # tables are made before the clock runs
    ours, theirs = 0.0, 0.0
    for number in range(ROUNDS):
        ours = max(ours, rate(parse_uri, uris))
        theirs = max(theirs, rate(GS1DigitalLinkURI.parse, few))
        say(f"round {number + 1}: {ours:,.0f} a second, biip {theirs:,.0f}")
    say(f"{len(uris):,} distinct URIs: {ours / theirs:.1f} times as many a second as biip")
    result(uris=len(uris), ours_a_second=ours, biip_a_second=theirs, ratio=ours / theirs)


if __name__ == "__main__":
    main()
