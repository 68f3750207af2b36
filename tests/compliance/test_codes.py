"""GTINs in the words of recall notices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_gql.core.gs1.gtin import check_digit
from resolvers.compliance.codes import read

A, B, CASE = "00012345678905", "04006381333931", "10012345678902"
CASES: list[tuple[str, list[str], list[str]]] = [  # text, GTINs in it, what is called one and is none
    ("UPC 012345678905", [A], []),
    ("UPC: 0 12345 67890 5, lots 123 and 124", [A], []),
    ("UPC# 0-12345-67890-5.", [A], []),
    ("UPCs 012345678905 and 4006381333931", [A, B], []),
    ("EAN 4 006381 333931; GTIN 1 00 12345 67890 2", [B, CASE], []),
    ("GTIN 00012345678905, UPC 012345678905", [A], []),
    ("12 oz. bottle, 012345678905, sold nationwide", [A], []),
    ("0 12345 67890 5 12 oz", [A], []),
    ("EAN 96385074", ["00000096385074"], []),
    ("made on 96385074", [], []),
    ("UPC 012345678906", [], ["012345678906"]),
    ("UPC 4122033749", [], ["4122033749"]),
    ("UPC 12345-67890", [], ["1234567890"]),
    ("UPC 1 23456 7890, Item # 4351050999", [], []),
    ("Call 800-555-0123 or 1-800-555-0123 about lot 123456789012", ["00123456789012"], []),
    ("lot code A012345678905 or 012345678905B", [], []),
    ("UPC 000000000000", [], ["000000000000"]),
    ("UPC \uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10\uff15", [], []),
    ("", [], []),
]


@pytest.mark.parametrize(("text", "gtins", "unread"), CASES, ids=[case[0][:40] for case in CASES])
def test_gtins_in_text(text: str, gtins: list[str], unread: list[str]) -> None:
    found = read(text)
    assert (list(found.gtins), list(found.unread)) == (gtins, unread)


@given(st.text("0123456789", min_size=11, max_size=11), st.sampled_from(["{}", "{0[0]} {0[1]} {0[2]} {0[3]}", "{0}"]))
def test_every_upc_is_found_in_every_print(body: str, form: str) -> None:
    upc = body + check_digit(body)
    groups = [upc[0], upc[1:6], upc[6:11], upc[11]]
    text = "-".join(groups) if form == "{}" else form.format(groups) if "[" in form else upc
    assert read(f"UPC {text}.").gtins == (() if set(upc) == {"0"} else (upc.zfill(14),))


def test_every_gtin_of_a_long_text_is_found() -> None:
    all_ = [f"{n:011d}" for n in range(1, 1500)]
    found = read("UPC " + ", ".join(body + check_digit(body) for body in all_))
    assert len(found.gtins) == 1499
