"""How a brand is verified: by prefix, by domain, by people; each with its state and its reason."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from closient_gql.adapters.dns import Dns, DnsError, FakeDns
from closient_gql.adapters.http import Fetched, FetchError
from closient_gql.core.db import Connection, Database, Writer
from closient_gql.core.errors import Conflict, Invalid, NotFound
from closient_gql.core.settings import settings
from closient_gql.server.cli import app
from resolvers.brands import moderation, prefixes, verifications
from resolvers.brands.jobs import check_domain
from tests import make
from tests.brands.conftest import BRANDS, audited, events, jobs, key
from tests.conftest import Client

NOW = "UPDATE brands SET claimed_at = now() WHERE id = $1"
Asking = Callable[..., Awaitable[Any]]
Looking = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def brand(connection: Connection, me: make.Account) -> str:
    """Claimed, with a website that was known before, and one product."""
    id = await make.insert(connection, "brands", name="Acme", organization_id=me.organization_id,
                           website="https://www.acme.example/shop")  # fmt: skip
    await connection.execute(NOW, id)
    await make.product(connection, 400_638_133_393, brand_id=id, owner_id=me.organization_id,
                       claim_verification_status="unverified")  # fmt: skip
    return id


@pytest.fixture
def ask(api: Client, brand: str) -> Asking:
    async def asking(method: str, subject: str, id: str = "", status: int = 201) -> Any:
        answer = await api.post(f"{BRANDS}/{id or brand}/verifications", json={"method": method, "subject": subject})
        assert answer.status_code == status, answer.text
        return answer.json() if status == 201 else answer.json()["error"]

    return asking


@pytest.fixture
def look(api: Client, database_url: str) -> Looking:
    """Runs the job of a verification with this DNS and this answer of the domain; gives how it stands."""

    async def looking(found: dict[str, Any], dns: Dns | None = None, answer: Fetched | FetchError | None = None) -> Any:
        async def get(url: str) -> Fetched:
            assert url == found["file_url"]
            if isinstance(answer, Fetched):
                return answer
            raise answer or FetchError("It cannot be reached.")

        database = Database(database_url, 1)
        try:
            await check_domain(database, {"id": found["id"]}, dns=dns or FakeDns(), get=get)
        finally:
            await database.close()
        return (await api.get(f"{BRANDS}/{found['brand_id']}/verifications/{found['id']}")).json()

    return looking


async def standing(connection: Connection, brand: str) -> tuple[bool, list[str]]:
    """Whether the brand is verified, and what its products say."""
    rows = await connection.fetch("SELECT claim_verification_status AS it FROM products WHERE brand_id = $1", brand)
    return await connection.fetchval("SELECT is_verified FROM brands WHERE id = $1", brand), [row["it"] for row in rows]


async def record(connection: Connection, organization: str, prefix: str) -> str:
    async with connection.transaction():
        return await prefixes.add(Writer(connection), organization, prefix, "command line")


# --- by company prefix


async def test_a_typed_in_prefix_goes_to_review(connection: Connection, brand: str, ask: Asking) -> None:
    found = await ask("gs1_prefix", "400-6381")
    assert (found["subject"], found["state"], found["needs_review"], found["reason"], found["decided_at"]) == (
        "4006381", "pending", True, "This prefix is not recorded for your organization, so a person looks at it.", None,
    )  # fmt: skip
    assert await standing(connection, brand) == (False, ["unverified"])


async def test_a_recorded_prefix_verifies_at_once(
    connection: Connection, me: make.Account, brand: str, ask: Asking
) -> None:
    waiting = await ask("manual", "See our papers.")
    await record(connection, me.organization_id, "400638")
    found = await ask("gs1_prefix", "400638")
    assert (found["state"], found["reason"], found["needs_review"]) == (
        "verified", "The prefix 400638 is recorded for the organization.", False,
    )  # fmt: skip
    assert await standing(connection, brand) == (True, ["verified"])
    assert await events(connection, brand) == ["brand.verified"]
    actions = [entry[0] for entry in await audited(connection, brand)]
    assert actions == ["brand.verification_requested", "brand.verification_requested", "brand.verified"]
    (rest,) = await connection.fetch("SELECT * FROM brand_verifications WHERE id = $1", waiting["id"])
    assert (rest["state"], rest["needs_review"], rest["reason"]) == (
        "superseded", False, "The brand was verified otherwise.",
    )  # fmt: skip
    assert (await ask("manual", "x", status=409))["message"] == "This brand is verified already."


async def test_a_recorded_prefix_must_cover_the_products(
    connection: Connection, me: make.Account, other: make.Account, brand: str, ask: Asking
) -> None:
    await record(connection, me.organization_id, "400639")
    await record(connection, other.organization_id, "400638")
    assert (await ask("gs1_prefix", "400639"))["reason"].startswith("Some of the brand's products have GTINs of other")
    assert (await ask("gs1_prefix", "400638"))["reason"].startswith("This prefix is not recorded for your organization")
    assert await standing(connection, brand) == (False, ["unverified"])


async def test_a_registry_is_asked(
    connection: Connection, me: make.Account, brand: str, ask: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Registry:
        name = "a registry"

        async def holds(self, organization_id: str, prefix: str) -> bool:
            return (organization_id, prefix) == (me.organization_id, "400638")

    monkeypatch.setattr(verifications, "REGISTRY", Registry())
    assert (await ask("gs1_prefix", "4006"))["state"] == "pending"
    assert (await ask("gs1_prefix", "400638"))["state"] == "verified"
    assert await connection.fetchval("SELECT source FROM company_prefixes") == "a registry"


@pytest.mark.parametrize(
    ("method", "subject"),
    [("gs1_prefix", "123"), ("gs1_prefix", "1234567890123"), ("gs1_prefix", "٤٠٠٦٣"), ("gs1_prefix", "abcd"),
     ("domain", "https://acme.example/"), ("domain", "acme"), ("domain", "127.0.0.1"), ("domain", "acme.example:80"),
     ("domain", "a b.example"), ("domain", "-.example"), ("domain", "x" * 64 + ".example"), ("manual", " ")],
)  # fmt: skip
async def test_what_cannot_be_checked(ask: Asking, method: str, subject: str) -> None:
    assert [detail["field"] for detail in (await ask(method, subject, status=422))["details"]] == ["subject"]


# --- by domain


async def test_a_dns_record_verifies(connection: Connection, brand: str, ask: Asking, look: Looking) -> None:
    found = await ask("domain", "ACME.example.")
    assert (found["subject"], found["state"], found["needs_review"]) == ("acme.example", "pending", False)
    assert found["file_url"] == "https://acme.example/.well-known/closient-verification.txt"
    assert await jobs(connection) == [("brands.check_domain", f'{{"id":"{found["id"]}"}}')]
    none = await look(found, FakeDns({"acme.example": ["v=spf1 -all", found["record"] + "0"]}))
    assert none["state"] == "pending"
    assert none["reason"].startswith(
        "acme.example has no such DNS record. The file: It cannot be reached. Last checked"
    )
    shown = await look(found, FakeDns({"acme.example": [f'"{found["record"]}"']}))
    assert (shown["state"], shown["reason"]) == ("verified", "acme.example has the DNS record.")
    assert await standing(connection, brand) == (True, ["verified"])
    assert await look(found) == shown  # a job that runs twice
    assert await events(connection, brand) == ["brand.verified"]


@pytest.mark.parametrize(
    ("url", "status", "text", "words"),
    [("https://acme.example/x", 200, "hello\r\n{record}\r\n", None),
     ("https://www.acme.example/x", 200, "{record}", None),
     ("https://evil.example/x", 200, "{record}", "redirects to another domain"),
     ("https://notacme.example/x", 200, "{record}", "redirects to another domain"),
     ("https://acme.example/x", 404, "{record}", "answers 404"),
     ("https://acme.example/x", 200, "secret words of theirs", "has another text"),
     ("https://acme.example/x", 200, "x{record}", "has another text")],
)  # fmt: skip
async def test_a_file_verifies(ask: Asking, look: Looking, url: str, status: int, text: str, words: str | None) -> None:
    class Silent:
        async def txt(self, name: str) -> list[str]:
            raise DnsError(f"The name servers of {name} gave no answer.")

    found = await ask("domain", "acme.example")
    body = text.format(record=found["record"]).encode()
    after = await look(found, Silent(), Fetched(url, status, {}, body))
    assert after["state"] == ("pending" if words else "verified")
    assert (words or "has the file") in after["reason"]
    assert "secret" not in after["reason"]


async def test_domains_beyond_ascii(connection: Connection, brand: str, ask: Asking, look: Looking) -> None:
    await connection.execute("UPDATE brands SET website = 'https://Straße.example/' WHERE id = $1", brand)
    found = await ask("domain", "STRAẞE.example")
    assert found["subject"] == "xn--strae-oqa.example"  # not strasse.example, which may be somebody else's
    body = found["record"].encode()
    assert (await look(found, None, Fetched(found["file_url"], 200, {}, body)))["state"] == "verified"


@pytest.mark.parametrize("domain", ["other.example", "shop.acme.example", "www.example", "acme.example.org"])
async def test_a_domain_that_is_not_the_brands_goes_to_review(
    connection: Connection, brand: str, ask: Asking, look: Looking, domain: str
) -> None:
    found = await ask("domain", domain)
    after = await look(found, FakeDns({domain: [found["record"]]}))
    assert (after["state"], after["needs_review"]) == ("pending", True)
    assert "website, where no claimant has set it, is another one (https://www.acme.example/shop)" in after["reason"]
    assert await standing(connection, brand) == (False, ["unverified"])


async def test_a_claimant_does_not_choose_the_website(
    api: Client, connection: Connection, brand: str, ask: Asking, look: Looking
) -> None:
    """Who claims a brand, gives it a website of its own and proves that one has proved nothing of the brand."""
    for website in ("https://mine.example", "https://mine.example/again"):
        assert (await api.patch(f"{BRANDS}/{brand}", json={"website": website})).status_code == 200
    mine = await ask("domain", "mine.example")
    after = await look(mine, FakeDns({"mine.example": [mine["record"]]}))
    assert (after["state"], after["needs_review"]) == ("pending", True)
    assert "is another one (https://www.acme.example/shop)" in after["reason"]
    before = await ask("domain", "acme.example")
    assert (await look(before, FakeDns({"acme.example": [before["record"]]})))["state"] == "verified"


async def test_nor_does_a_claimant_before(
    api: Client, connection: Connection, me: make.Account, other: make.Account, brand: str, ask: Asking, look: Looking
) -> None:
    """One who gives a brand a website and lets it go does not help the next one to prove it."""
    assert (await api.patch(f"{BRANDS}/{brand}", json={"website": "https://mine.example"})).status_code == 200
    assert (await api.delete(f"/account/api/v1/organizations/{me.organization_id}")).status_code == 204
    api.headers.update(key(other))
    assert (await api.post(f"{BRANDS}/{brand}/claim")).json()["website"] == "https://mine.example"
    mine = await ask("domain", "mine.example")
    after = await look(mine, FakeDns({"mine.example": [mine["record"]]}))
    assert (after["state"], after["needs_review"]) == ("pending", True)
    assert after["reason"].endswith("where no claimant has set it, is not known: so a person looks at it.")


async def test_an_own_brand_is_verified_by_the_website_that_it_has(
    api: Client, me: make.Account, ask: Asking, look: Looking
) -> None:
    id = (await api.post(BRANDS, json={"organization_id": me.organization_id, "name": "Own"})).json()["id"]
    await api.patch(f"{BRANDS}/{id}", json={"website": "https://own.example"})
    found = await ask("domain", "www.own.example", id)
    assert (await look(found, FakeDns({"www.own.example": [found["record"]]})))["state"] == "verified"


@pytest.mark.parametrize(("method", "status"), [("domain", "unverified"), ("manual", "verified")])
async def test_a_domain_shows_nothing_of_gtins_that_the_owner_put_into_the_brand(
    api: Client, connection: Connection, me: make.Account, ask: Asking, look: Looking, method: str, status: str
) -> None:
    body = {"organization_id": me.organization_id, "name": "Own", "website": "https://own.example"}
    id = (await api.post(BRANDS, json=body)).json()["id"]
    await make.product(connection, 1)  # anybody may claim it, and say that it is of the own brand
    product = f"/products/api/v1/products/{make.make_gtin(1)}"
    assert (await api.post(f"{product}/claim")).status_code == 200
    assert (await api.patch(product, json={"brand": "own"})).json()["brand"] == "Own"
    found = await ask(method, "own.example", id)
    if method == "domain":
        await look(found, FakeDns({"own.example": [found["record"]]}))
    else:
        async with connection.transaction():
            await moderation.approve(Writer(connection), found["id"], "Seen.", "moderator")
    assert await standing(connection, id) == (True, [status])


async def test_another_check(api: Client, connection: Connection, brand: str, ask: Asking) -> None:
    path = f"{BRANDS}/{brand}/verifications"
    first, review = await ask("domain", "acme.example"), await ask("manual", "See our papers.")
    assert (await api.post(f"{path}/{first['id']}/check")).json() == first
    assert len(await jobs(connection)) == 1  # who asks again and again has it looked at once
    await connection.execute("DELETE FROM pgqueuer")
    assert (await api.post(f"{path}/{first['id']}/check")).status_code == 200
    assert await jobs(connection) == [("brands.check_domain", f'{{"id":"{first["id"]}"}}')]
    second = await ask("domain", "acme.example")
    gone = (await api.get(f"{path}/{first['id']}")).json()
    assert (gone["state"], gone["reason"]) == ("superseded", "A newer request took its place.")
    assert second["record"] != first["record"]
    for id, status in ((first["id"], 409), (review["id"], 409), ("aaaaaaaaaaaa", 404)):
        assert (await api.post(f"{path}/{id}/check")).status_code == status
    listed = (await api.get(path)).json()["data"]
    assert [each["id"] for each in listed] == [second["id"], review["id"], first["id"]]


# --- by people


async def test_people_decide(api: Client, connection: Connection, brand: str, ask: Asking) -> None:
    write = Writer(connection)
    path = f"{BRANDS}/{brand}/verifications"
    first = await ask("manual", "See our papers.")
    assert (first["state"], first["reason"], first["needs_review"]) == ("pending", "A person looks at it.", True)
    (waiting,) = await moderation.queue(write)
    assert (waiting.id, waiting.brand_name) == (first["id"], "Acme")  # type: ignore[attr-defined]
    async with connection.transaction():
        await moderation.reject(write, first["id"], "They are not legible.", "ann")
    after = (await api.get(f"{path}/{first['id']}")).json()
    assert (after["state"], after["reason"], after["needs_review"]) == ("rejected", "They are not legible.", False)
    with pytest.raises(Conflict, match="was decided already: rejected"):
        await moderation.approve(write, first["id"], "", "ann")
    second = await ask("manual", "See our better papers.")
    async with connection.transaction():
        await moderation.approve(write, second["id"], "They are in order.", "ann")
    assert await standing(connection, brand) == (True, ["verified"])
    assert await moderation.queue(write) == []
    with pytest.raises(NotFound):
        await moderation.reject(write, "aaaaaaaaaaaa", "x", "ann")


async def test_what_became_of_the_brand_decides(
    api: Client, connection: Connection, me: make.Account, other: make.Account, brand: str, ask: Asking, look: Looking
) -> None:
    """An organization that is deleted takes nothing with it: neither a person nor a job verifies for it any more."""
    review, domain = await ask("manual", "See our papers."), await ask("domain", "acme.example")
    assert (await api.delete(f"/account/api/v1/organizations/{me.organization_id}")).status_code == 204
    assert await moderation.queue(Writer(connection)) == []
    with pytest.raises(Conflict, match="no longer the organization's"):
        await moderation.approve(Writer(connection), review["id"], "", "ann")
    await look(domain, FakeDns({"acme.example": [domain["record"]]}))
    assert (await standing(connection, brand))[0] is False
    claimed = await api.post(f"{BRANDS}/{brand}/claim", headers=key(other))
    assert (claimed.json()["organization_id"], claimed.json()["is_verified"]) == (other.organization_id, False)
    theirs = await api.get(f"{BRANDS}/{brand}/verifications", headers=key(other))
    assert theirs.json()["data"] == []  # what others tried is not theirs to see


async def test_prefixes_do_not_overlap(connection: Connection, me: make.Account, other: make.Account) -> None:
    assert await record(connection, me.organization_id, "400-6381") == "4006381"
    assert await record(connection, me.organization_id, "4006381") == "4006381"  # once more is once
    for digits in ("4006381", "40063", "400638133"):
        with pytest.raises(Conflict):
            await record(connection, other.organization_id, digits)
    with pytest.raises(Invalid):
        await record(connection, other.organization_id, "40x6")
    assert [row.prefix for row in await prefixes.recorded(Writer(connection))] == ["4006381"]


async def test_from_the_shell(
    connection: Connection, database_url: str, me: make.Account, brand: str, ask: Asking,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings.cache_clear()

    async def run(*arguments: str) -> str:
        found = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
        return found.output + str(found.exception or "")

    prefix = "brand", "prefix"
    assert await run(*prefix, "add", me.organization_id, "4006381") == f"prefix 4006381 {me.organization_id}\n"
    assert "4006381  " in await run(*prefix, "list")
    assert await run(*prefix, "remove", "400-6381") == f"removed prefix 4006381 of organization {me.organization_id}\n"
    assert "recorded for nobody" in await run(*prefix, "remove", "4006381")
    assert (await ask("gs1_prefix", "4006381"))["state"] == "pending"
    id = (await ask("manual", "See \x1b[2Jour\npapers."))["id"]
    listed = await run("moderation", "list")
    assert f"{id}  Acme ({brand})" in listed
    assert "See  [2Jour papers." in listed  # what a terminal would obey is not told to it
    assert await run("moderation", "approve", id) == f"verified brand {brand} of organization {me.organization_id}\n"
    assert "decided already" in await run("moderation", "reject", id, "--reason", "x")
    settings.cache_clear()
