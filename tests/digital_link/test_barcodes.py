"""Bar codes, read back by a reader: what they carry, and what is refused."""

import io
import re
from typing import Any

import httpx2
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from closient_gql.adapters.barcodes import svg
from closient_gql.core.db import Connection
from closient_gql.core.gs1 import Gtin, build_uri
from closient_gql.core.gs1.checks import CSET82
from resolvers.digital_link.barcodes import Symbology, Wanted, encode
from tests import make
from tests.conftest import Client

GTIN = "09506000134352"
MOUNT = "/resolver/api/v1/products"
GS = b"\x1d"


@pytest.fixture
async def product(connection: Connection) -> None:
    for n, gtin in enumerate((GTIN, "19506000134359", "00000096385074"), 1):
        await make.product(connection, n, gtin=gtin)


async def ask(api: Client, gtin: str = GTIN, **query: Any) -> httpx2.Response:
    return await api.get(f"{MOUNT}/{gtin}/barcode", params=query)


def read(data: bytes) -> zxingcpp.Barcode:
    found = zxingcpp.read_barcode(Image.open(io.BytesIO(data)).convert("L"))
    assert found is not None
    return found


def redrawn(svg: str) -> Image.Image:
    """The picture that the SVG draws, 4 pixels to the unit."""
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert found
    image = Image.new("L", (int(found[1]) * 4, int(found[2]) * 4), 255)
    for x, y, w, h in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", svg):
        image.paste(0, (int(x) * 4, int(y) * 4, (int(x) + int(w)) * 4, (int(y) + int(h)) * 4))
    return image


CARRIED = [
    ({}, "]Q1", b"http://testserver/01/09506000134352"),
    ({"batch": "AB/1", "serial": "7"}, "]Q1", b"http://testserver/01/09506000134352/10/AB%2F1/21/7"),
    ({"symbology": "GS1_DATAMATRIX"}, "]d2", b"0109506000134352"),
    ({"symbology": "GS1_DATAMATRIX", "batch": "A(B", "serial": "7"}, "]d2", b"010950600013435210A(B" + GS + b"217"),
    ({"symbology": "GS1_128", "batch": "ABC", "serial": "12"}, "]C1", b"010950600013435210ABC" + GS + b"2112"),
    ({"symbology": "EAN_13"}, "]E0", b"9506000134352"),
]


async def test_every_symbology_says_exactly_this(product: None, api: Client) -> None:
    for query, identifier, content in CARRIED:
        answer = await ask(api, format="png", size=800, **query)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png"), answer.text
        found = read(answer.content)
        assert (found.symbology_identifier, found.bytes) == (identifier, content)
        answer = await ask(api, format="svg", **query)
        assert answer.headers["content-type"] == "image/svg+xml"
        drawing = zxingcpp.read_barcode(redrawn(answer.text))
        assert drawing is not None
        assert drawing.bytes == content


async def test_sizes_are_whole_modules(product: None, api: Client) -> None:
    """An EAN-13 is 95 modules wide, 113 with its quiet zones."""
    widths = {}
    for size, quiet in ((113, "true"), (400, "true"), (4000, "true"), (95, "false"), (399, "false")):
        answer = await ask(api, symbology="EAN_13", format="png", size=size, quiet_zone=quiet)
        widths[size, quiet] = Image.open(io.BytesIO(answer.content)).width
    assert widths == {(113, "true"): 113, (400, "true"): 339, (4000, "true"): 3955, (95, "false"): 95,
                      (399, "false"): 380}  # fmt: skip
    answer = await ask(api, symbology="EAN_13", size=400)
    assert 'width="339" height="165" viewBox="0 0 113 55"' in answer.text
    assert "<title>EAN_13: 9506000134352</title>" in answer.text


REFUSED: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("19506000134359", {"symbology": "EAN_13"}, [
        ("gtin", "is a GTIN-14 (indicator digit 1), and an EAN-13 carries 13 digits; use QR, GS1_DATAMATRIX or "
                 "GS1_128")]),
    ("96385074", {"symbology": "EAN_13"}, [
        ("gtin", "is a GTIN-8, which no EAN-13 may carry (GS1 General Specifications, 5.2); use QR, GS1_DATAMATRIX or "
                 "GS1_128")]),
    (GTIN, {"symbology": "EAN_13", "batch": "A", "serial": "1"}, [
        ("batch", "does not fit into an EAN-13, which carries the GTIN alone; use QR, GS1_DATAMATRIX or GS1_128"),
        ("serial", "does not fit into an EAN-13, which carries the GTIN alone; use QR, GS1_DATAMATRIX or GS1_128")]),
    (GTIN, {"symbology": "GS1_128", "batch": "A" * 20, "serial": "B" * 20}, [
        ("serial", "makes 61 characters, and a GS1-128 carries 48; use GS1_DATAMATRIX or QR")]),
    (GTIN, {"size": 50, "batch": "A" * 20, "serial": "B" * 20, "symbology": "GS1_DATAMATRIX", "quiet_zone": "maybe"}, [
        ("quiet_zone", "must be one of true, false")]),
    (GTIN, {"symbology": "EAN_13", "size": 112}, [
        ("size", "must be at least 113: so many modules wide is this bar code")]),
    (GTIN, {"symbology": "ean", "format": "gif", "size": 49, "batch": "", "serial": "x" * 21}, [
        ("symbology", "must be one of QR, GS1_DATAMATRIX, GS1_128, EAN_13"), ("size", "must be at least 50"),
        ("batch", "must have at least 1 characters"), ("serial", "must have at most 20 characters"),
        ("format", "must be one of svg, png")]),
    (GTIN, {"size": "1e3"}, [("size", "must be an integer")]),
    ("09506000134353", {}, [
        ("gtin", "has a wrong check digit: 0950600013435 is followed by 2, not by 3")]),
    ("4006-381333931", {}, [("gtin", "must match ^[0-9]{8,14}$")]),
]  # fmt: skip


async def test_what_cannot_be_carried_is_named(product: None, api: Client) -> None:
    for gtin, query, problems in REFUSED:
        answer = await ask(api, gtin, **query)
        assert answer.status_code == 422, (gtin, query)
        assert [(each["field"], each["message"]) for each in answer.json()["error"]["details"]] == problems
    for field, value in (("batch", "Ä"), ("serial", "1 2"), ("batch", "[10]X"), ("serial", "^")):
        answer = await ask(api, **{field: value})
        (detail,) = answer.json()["error"]["details"]
        assert detail["field"] == field
        assert detail["message"].startswith(f"cannot be AI {10 if field == 'batch' else 21}: ")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(st.sampled_from(Symbology), *[st.text(CSET82, min_size=1, max_size=13) for _ in range(2)])
def test_whatever_a_batch_and_a_serial_are_made_of(symbology: Symbology, batch: str, serial: str) -> None:
    if symbology is Symbology.EAN_13:
        batch = serial = ""
    wanted = Wanted(Gtin(GTIN), symbology, 4000, True, batch or None, serial or None)
    found = zxingcpp.read_barcode(redrawn(svg(encode(wanted, "https://id.example").symbol, 1, "x").decode()))
    assert found is not None
    elements = [("01", GTIN), ("10", batch), ("21", serial)]
    expected = {
        Symbology.QR: build_uri(elements[: 3 if batch else 1], "https://id.example"),
        Symbology.EAN_13: GTIN[1:],
    }.get(symbology, f"01{GTIN}10{batch}\x1d21{serial}")
    assert found.bytes.decode() == expected


async def test_an_address_that_no_link_can_begin_with(product: None, api: Client) -> None:
    answer = await api.get(f"{MOUNT}/{GTIN}/barcode", headers={"host": "my_server"})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("No Digital Link URI can begin with this address.")


async def test_unknown_products_have_none_and_known_ones_may_be_kept(product: None, api: Client) -> None:
    answer = await ask(api, make.make_gtin(77))
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, "There is no such product.")
    answer = await ask(api)
    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    again = await api.get(f"{MOUNT}/{GTIN}/barcode", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
