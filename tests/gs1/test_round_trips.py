"""For every AI of the dictionary, with values made up by chance: what is written is read back, in every form."""

import random
import re
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closient_gql.core.gs1 import (
    Element,
    Elements,
    Gs1Error,
    Options,
    build_bracketed,
    build_data_string,
    build_element_string,
    build_uri,
    build_urn,
    compress_uri,
    decompress_uri,
    parse_bracketed,
    parse_data_string,
    parse_element_string,
    parse_uri,
    parse_urn,
    read,
    urn_to_uri,
)
from closient_gql.core.gs1.dictionary import default
from tests.gs1.data import ENTRIES, value_for, vectors

ALONE = Options(combinations=False)
SEEDS = st.integers(0, 2**32)


def any_elements(rnd: random.Random) -> Elements:
    chosen = rnd.sample(list(ENTRIES.values()), rnd.randint(1, 6))
    return tuple(Element(entry.ai, value_for(entry, rnd)) for entry in chosen)


def link_elements(rnd: random.Random) -> Elements:
    """A key, some of its qualifiers, attributes that may stand with them; in the order of a canonical URI."""
    path = rnd.choice(default().paths)
    taken = {*path, *(ai for longer in default().paths if longer[0] == path[0] for ai in longer)}
    free = [entry.ai for entry in ENTRIES.values() if entry.attribute and entry.ai not in taken]
    attributes = sorted(rnd.sample(free, rnd.randint(0, 4)))
    return tuple(Element(ai, value_for(ENTRIES[ai], rnd)) for ai in (*path, *attributes))


@pytest.mark.parametrize("seed", range(3))
def test_every_ai_is_read_and_written(seed: int) -> None:
    rnd = random.Random(seed)
    for entry in ENTRIES.values():
        one = (Element(entry.ai, value_for(entry, rnd)),)
        assert entry.explain(one[0].value) is None
        assert parse_bracketed(build_bracketed(one), ALONE) == one
        assert parse_element_string(build_element_string(one), ALONE) == one


@given(SEEDS)
@settings(max_examples=60)
def test_many_elements_in_every_form(seed: int) -> None:
    elements = any_elements(random.Random(seed))
    assert parse_bracketed(build_bracketed(elements), ALONE) == elements
    assert parse_element_string(build_element_string(elements), ALONE) == elements
    assert parse_data_string(build_data_string(elements), ALONE) == elements


@given(SEEDS)
@settings(max_examples=60)
def test_links(seed: int) -> None:
    elements = link_elements(random.Random(seed))
    uri = build_uri(elements, "https://example.com/some/stem", ALONE)
    link = parse_uri(f"{uri}{'&' if '?' in uri else '?'}linkType=gs1:pip#part", ALONE)
    assert sorted(link.elements) == sorted(elements)
    assert link.stem == "https://example.com/some/stem"
    assert (link.other, link.fragment) == (("linkType=gs1:pip",), "part")
    assert parse_uri(link.uri, ALONE) == link


@given(SEEDS, st.booleans(), st.booleans())
@settings(max_examples=80)
def test_compressed_links(seed: int, optimise: bool, keep_key: bool) -> None:
    elements = link_elements(random.Random(seed))
    uri = (
        parse_uri(build_uri(elements, options=ALONE), ALONE)._replace(attributes=elements[len(path_of(elements)) :]).uri
    )
    packed = compress_uri(uri, optimise=optimise, keep_key=keep_key, options=ALONE)
    assert packed == uri if keep_key and len(elements) == 1 else decompress_uri(packed, ALONE) == uri


def path_of(elements: Elements) -> list[str]:
    return [ai for ai, _ in parse_uri(build_uri(elements, options=ALONE), ALONE).path]


@given(SEEDS)
@settings(max_examples=60)
def test_a_change_of_one_character_is_judged_the_same_fast_and_slowly(seed: int) -> None:
    rnd = random.Random(seed)
    for entry in rnd.sample(list(ENTRIES.values()), 12):
        value = list(value_for(entry, rnd))
        value[rnd.randrange(len(value))] = rnd.choice("0123456789AZaz%!#\u0664\u00e9 \x1d^")
        changed = "".join(value)[: rnd.choice([None, -1, 3])] + rnd.choice(["", "", "0", "AB"])
        assert bool(entry.fits(changed)) == (entry.explain(changed) is None), (entry.ai, changed)


@pytest.mark.parametrize(("scheme", "digits", "urn_pattern", "link_pattern"), vectors("tag-data-translation"))
def test_urns_of_every_scheme_and_length_of_prefix(
    scheme: str, digits: str, urn_pattern: str, link_pattern: str
) -> None:
    """URNs made up from the pattern of the table: the link is as the table says, and gives the same URN back."""
    name, rnd = scheme.split("-")[0].lower(), random.Random(scheme + digits)
    fixed = {"sgtin": 13, "itip": 13, "sscc": 17, "gsrn": 17, "gsrnp": 17}.get(name, 12) - int(digits)
    numbers = {n: "".join(rnd.choices("0123456789", k=n)) for n in range(13)}
    reference = "1.PART%2F7-%23" if name == "cpi" else numbers[fixed]
    rest = {"sscc": "", "gsrn": "", "gsrnp": "", "sgcn": ".007", "cpi": ".7", "itip": ".01.03.A%2F(!)"}
    urn = f"urn:epc:id:{name}:{'9506' + numbers[int(digits) - 4]}.{reference}{rest.get(name, '.S%25%3C7.+=')}"
    urn = urn.replace(".1.PART", ".1PART")
    if name == "giai":
        urn = f"urn:epc:id:giai:{'9506' + numbers[int(digits) - 4]}.A.b%22(7"
    assert re.search(urn_pattern, urn), urn
    uri = urn_to_uri(urn)
    assert re.search(link_pattern, uri.replace("%22", '"')), uri
    assert parse_uri(uri).elements == parse_urn(urn)
    assert build_urn(parse_urn(urn), int(digits)) == urn


@given(st.text(max_size=60) | st.text("()0123456789^%/:?&=#][.AIhtpsurnec\x1d\\", max_size=60))
@settings(max_examples=150)
def test_any_text_is_read_or_refused(text: str) -> None:
    for attempt in (text, f"https://a/{text}", f"https://a/01/09506000134352{text}", f"]Q3{text}", f"(01){text}"):
        with suppress(Gs1Error):
            found = read(attempt, ALONE)
            assert all(ENTRIES[ai].explain(value) is None for ai, value in found.elements)


def test_paths_are_sorted() -> None:
    """So that of equally long ones the first is taken, as the reference does."""
    assert all(one < other for one, other in pairwise(default().paths))
