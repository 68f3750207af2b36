"""The form of keys: what is no key is told from one without looking it up (contract: conventions, api keys)."""

import re

from hypothesis import given
from hypothesis import strategies as st

from closient_gql.core.keys import checksum, hash_key, key_kind, new_key
from closient_gql.core.models.account import KeyKind

kinds = st.sampled_from(["csb", "csu", "cpk"])
bodies = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=32, max_size=32)


@given(kinds)
def test_new_keys_have_the_form(kind: str) -> None:
    key = new_key(kind)
    assert re.fullmatch(r"(csb|csu|cpk)_[A-Za-z0-9]{32}_[0-9a-f]{8}", key)
    assert key_kind(key) is KeyKind(kind)  # type: ignore[call-arg]
    assert len(hash_key(key)) == 32


@given(kinds, bodies, st.integers(4, 44), st.characters(codec="utf-8"))
def test_one_wrong_character_is_always_noticed(kind: str, body: str, place: int, wrong: str) -> None:
    key = f"{kind}_{body}_{checksum(body)}"
    broken = key[:place] + wrong + key[place + 1 :]
    assert (key_kind(broken) is None) == (broken != key)


@given(kinds, bodies, st.integers(0, 30))
def test_swapped_neighbours_are_always_noticed(kind: str, body: str, place: int) -> None:
    swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    assert (key_kind(f"{kind}_{swapped}_{checksum(body)}") is None) == (swapped != body)


@given(st.text())
def test_any_text_can_be_asked(text: str) -> None:
    assert key_kind(text) is None


def test_the_checksum_is_that_of_the_contract() -> None:
    assert checksum("AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEf") == "84041098"
