"""Links and former GTINs by REST, and ten thousand rules: what is written counts from the next scan on."""

from closient_gql.core.db import Connection
from closient_gql.core.ids import new_id
from tests import make
from tests.digital_link.conftest import API, Owner


async def test_the_life_of_a_link(owner: Owner) -> None:
    gtin = await owner.product(1)
    made = await owner.link(f"/01/{gtin}", "gs1:instructions", "https://brand.example/en", hreflang=["en"])
    path = f"{API}/links/{made['id']}"
    assert (await owner.api.get(path, headers=owner.headers)).json() == made
    assert await owner.goes(f"/01/{gtin}?linkType=gs1:instructions") == (
        "https://brand.example/en?linkType=gs1:instructions"
    )
    changed = await owner.api.patch(path, json={"href": "https://brand.example/new"}, headers=owner.headers)
    assert changed.status_code == 200
    assert changed.json() == made | {"href": "https://brand.example/new", "modified": changed.json()["modified"]}
    assert await owner.goes(f"/01/{gtin}?linkType=gs1:instructions") == (
        "https://brand.example/new?linkType=gs1:instructions"
    )
    for body, field in (
        ({"href": "http://brand.example/"}, "href"), ({"href": "https://127.0.0.1/"}, "href"),
        ({"link_type": "gs1:nothing"}, "link_type"), ({"anchor": "/01/123"}, "anchor"),
    ):  # fmt: skip
        refused = await owner.api.patch(path, json=body, headers=owner.headers)
        assert refused.status_code == 422, refused.text
        assert field in refused.json()["error"]["details"][0]["field"]
    assert (await owner.api.delete(path, headers=owner.headers)).status_code == 204
    assert (await owner.api.get(path, headers=owner.headers)).status_code == 404
    assert (await owner.scan(f"/01/{gtin}?linkType=gs1:instructions")).status_code == 404


async def test_lists_of_links(owner: Owner) -> None:
    first, second = [await owner.product(number) for number in (1, 2)]
    for gtin, kind in ((first, "gs1:pip"), (first, "gs1:instructions"), (second, "gs1:pip")):
        await owner.link(f"/01/{gtin}", kind, "https://brand.example/")
    for query, count in (
        ("", 3),
        (f"?gtin={first}", 2),
        ("?link_type=gs1:pip", 2),
        (f"?gtin={second}&link_type=gs1:instructions", 0),
    ):
        found = (await owner.api.get(f"{owner.path}/links{query}", headers=owner.headers)).json()
        assert (len(found["data"]), found["pagination"]["total_count"]) == (count, count), query


async def test_former_gtins(owner: Owner) -> None:
    gtin, former = await owner.product(1), "09506000134352"  # below their prefix
    assert (await owner.scan(f"/01/{former}")).status_code == 404
    path = f"{API}/products/{gtin}/former-gtins/{former}"
    foreign = f"{API}/products/{gtin}/former-gtins/{make.make_gtin(7)}"
    assert (await owner.api.put(foreign, headers=owner.headers)).status_code == 403
    assert (await owner.api.put(path, headers=owner.headers)).status_code == 204
    assert await owner.goes(f"/01/{former}") == f"http://testserver/p/{gtin}"
    assert (await owner.api.delete(path, headers=owner.headers)).status_code == 204
    assert (await owner.scan(f"/01/{former}")).status_code == 404


async def test_a_product_that_is_deleted_leads_to_the_one_that_takes_its_place(owner: Owner) -> None:
    old, new = [await owner.product(number) for number in (1, 2)]
    await owner.link(f"/01/{old}", "gs1:defaultLink", "https://brand.example/old")
    taking = f"{API}/products/{{}}/former-gtins/{{}}"
    assert (await owner.api.put(taking.format(new, old), headers=owner.headers)).status_code == 204
    assert await owner.goes(f"/01/{old}") == "https://brand.example/old"
    circle = await owner.api.put(taking.format(old, new), headers=owner.headers)
    assert (circle.status_code, circle.json()["error"]["code"]) == (409, "CONFLICT")
    assert new in circle.json()["error"]["message"]
    gone = await owner.api.delete(f"/products/api/v1/products/{old}", headers=owner.headers)
    assert gone.status_code == 200
    assert await owner.goes(f"/01/{old}/10/L") == f"http://testserver/p/{new}?lot=L"
    assert await owner.goes(f"/01/{new}") == f"http://testserver/p/{new}"


async def test_addresses_of_links_are_stored_in_ascii(owner: Owner) -> None:
    gtin = await owner.product(1)
    made = await owner.link(f"/01/{gtin}", "gs1:pip", "https://münchen.example/ä")
    assert made["href"] == "https://xn--mnchen-3ya.example/%C3%A4"
    body = {
        "anchor": f"/01/{gtin}/10/{{lot}}",
        "link_type": "gs1:pip",
        "href": "https://a.example/ä/{lot}",
        "title": "T",
    }
    refused = await owner.post("links", body, 422)
    assert "ASCII" in refused["error"]["details"][0]["message"]


async def test_ten_thousand_rules(owner: Owner, connection: Connection) -> None:
    gtin = await owner.product(1)
    rows = [
        (new_id(), owner.organization_id, "ORGANIZATION", n, "CUSTOM_URL", f"https://brand.example/{n}", n == 9_999)
        for n in range(10_000)
    ]
    columns = ["id", "organization_id", "scope_type", "order_index", "destination_type", "custom_url", "enabled"]
    await connection.copy_records_to_table("resolution_rules", records=rows, columns=columns)
    await owner.api.app.state.hearing.told()  # type: ignore[attr-defined]
    assert await owner.goes(f"/01/{gtin}") == "https://brand.example/9999"
    asked = {"digital_link": f"/01/{gtin}", "at": "2026-11-26T12:00:00Z"}
    run = await owner.post("resolution-rules/dry-run", asked, 200)
    assert (run["considered"], run["location"]) == (10_000, "https://brand.example/9999")
    page = (await owner.api.get(f"{owner.path}/resolution-rules?page=100&page_size=100", headers=owner.headers)).json()
    assert (len(page["data"]), page["pagination"]["total_count"]) == (100, 10_000)
