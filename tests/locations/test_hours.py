"""Opening hours: the weekly form, texts in OpenStreetMap's syntax, the clock where the place is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.locations import hours, osm_hours
from resolvers.locations.hours import Form, SpecialDays, TimeSpan, Weekday, WeeklySpan, Where, is_open, next_change

NEW_YORK = ZoneInfo("America/New_York")
THERE = Where("America/New_York", "US", 39.29, -76.61)


def span(opens: str, closes: str) -> TimeSpan:
    return TimeSpan(opens, closes)


def week(*days: Weekday, opens: str = "09:00", closes: str = "17:00") -> tuple[WeeklySpan, ...]:
    return tuple(WeeklySpan(day, opens, closes) for day in days)


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


FRIDAY_NIGHTS = Form(week(Weekday.FRIDAY, opens="20:00", closes="02:00"))
DAILY = Form(week(*Weekday), holidays=(), special=(
    SpecialDays(date(2026, 12, 24), date(2026, 12, 24), (span("09:00", "12:00"),)),
    SpecialDays(date(2026, 12, 31), date(2026, 12, 31), (span("20:00", "04:00"),)),
    SpecialDays(date(2026, 12, 28), date(2027, 1, 3)),
))  # fmt: skip
SPRING = Form(week(Weekday.SUNDAY, opens="01:00", closes="04:00"))


@pytest.mark.parametrize(
    ("form", "moment", "open"),
    [
        (FRIDAY_NIGHTS, "2026-11-27T19:59", False),
        (FRIDAY_NIGHTS, "2026-11-27T20:00", True),
        (FRIDAY_NIGHTS, "2026-11-28T01:59", True),  # Saturday, by Friday's hours
        (FRIDAY_NIGHTS, "2026-11-28T02:00", False),
        (FRIDAY_NIGHTS, "2026-11-27T01:00", False),  # no Thursday night
        (DAILY, "2026-11-25T12:00", True),
        (DAILY, "2026-11-26T12:00", False),  # Thanksgiving
        (DAILY, "2026-12-24T11:59", True),
        (DAILY, "2026-12-24T12:00", False),
        (DAILY, "2026-12-25T12:00", False),
        (DAILY, "2026-12-31T21:00", True),  # the first of two special days counts
        (DAILY, "2027-01-01T03:59", True),  # a night that runs into a day that is closed
        (DAILY, "2027-01-01T04:00", False),
        (DAILY, "2027-01-04T09:00", True),
        (SPRING, "2026-03-08T03:30", True),  # the night in which the clocks go forward
    ],
)
def test_open_by_the_clock_of_the_place(form: Form, moment: str, open: bool) -> None:
    assert is_open(form, THERE, at(moment)) is open
    assert is_open(form, THERE, at(moment).astimezone(UTC)) is open


def test_holidays_are_those_of_the_country() -> None:
    form = Form(week(*Weekday), holidays=(span("10:00", "11:00"),))
    berlin = datetime(2026, 10, 3, 12, tzinfo=ZoneInfo("Europe/Berlin"))  # German Unity Day, a Saturday
    assert [is_open(form, Where("Europe/Berlin", country), berlin) for country in ("DE", "FR", None)] == [
        False,
        True,
        True,
    ]
    assert is_open(form, Where("Europe/Berlin", "DE"), berlin.replace(hour=10)) is True
    assert is_open(form, Where("Europe/Berlin", "AQ"), berlin) is True  # of a country without a calendar


@pytest.mark.parametrize(
    ("text", "moment", "change"),
    [
        ("Fr 20:00-02:00", "2026-11-27T21:00", "2026-11-28T02:00"),
        ("Fr 20:00-02:00", "2026-11-28T02:00", "2026-12-04T20:00"),
        ("Mo-Fr 09:00-12:00,12:00-17:00", "2026-11-25T10:00", "2026-11-25T17:00"),  # what touches is one
        ("Mo-Su 00:00-24:00; PH off", "2026-11-20T10:00", "2026-11-26T00:00"),
        ("Mo-Fr 09:00-17:00; PH off", "2026-11-25T18:00", "2026-11-27T09:00"),
        ("Dec 25 10:00-12:00", "2026-11-25T18:00", "2026-12-25T10:00"),
        ("24/7", "2026-11-25T18:00", None),
        ("off", "2026-11-25T18:00", None),
        ("Su 01:00-04:00", "2026-03-08T01:30", "2026-03-08T04:00"),
        ("Su 02:15-03:00", "2026-03-08T01:30", "2026-03-15T02:15"),  # this hour is skipped
        ("Su 02:15-03:00", "2026-03-01T03:00", "2026-03-15T02:15"),
    ],
)
def test_when_it_opens_or_closes_next(text: str, moment: str, change: str | None) -> None:
    found = next_change(osm_hours.read(text), THERE, at(moment))
    assert found == (at(change) if change else None)


def test_what_is_always_open_is_not_looked_at_for_a_year(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = hours.opened

    def counted(form: hours.Hours, where: Where, first: date, days: int) -> list[hours.Open]:
        assert days <= 19
        return opened(form, where, first, days)

    monkeypatch.setattr(hours, "opened", counted)
    assert next_change(osm_hours.read("24/7"), THERE, at("2026-11-25T18:00")) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("24/7", "Mo-Su 00:00-24:00"),
        ("Mo-Fr 08:00-12:00, 13:30-18:30; Sa 8:00-16:00", "Mo-Fr 08:00-12:00,13:30-18:30; Sa 08:00-16:00"),
        ("Mo-Sa  07:00-18:00;\nPH off", "Mo-Sa 07:00-18:00; PH off"),
        ("08:00-20:00; PH 10:00-12:00", "Mo-Su 08:00-20:00; PH 10:00-12:00"),
        ("Fr-Mo 10:00-12:00", "Mo 10:00-12:00; Fr-Su 10:00-12:00"),
        ("Fr-Sa 22:00-26:00", "Fr-Sa 22:00-02:00"),
        ("Fr 22:00-02:00, Sa 10:00-12:00", "Fr 22:00-02:00, Sa 10:00-12:00"),
        ("Fr 22:00-02:00; Sa 10:00-12:00", "Fr 22:00-24:00; Sa 10:00-12:00"),  # a rule outdoes all of its day
        ("Fr 18:00-24:00; Sa 00:00-24:00; Su 00:00-12:00", "Fr 18:00-24:00; Sa 00:00-24:00; Su 00:00-12:00"),
        ("off", "off"),
    ],
)
def test_texts_that_a_form_says(text: str, written: str) -> None:
    form = osm_hours.read(text)
    assert isinstance(form, Form)
    assert osm_hours.text_of(form) == written
    assert osm_hours.read(written) == form


@pytest.mark.parametrize(
    "text",
    ["Jun-Aug Mo 10:00-12:00", "sunrise-sunset", "Mo[1] 10:00-12:00", "Mo-Fr 09:00-17:00 \"by appointment\"",
     "week 1-10 Mo 10:00-12:00", "Sa,PH 10:00-12:00; Mo 22:00-04:00", "Mo-Fr 09:00-17:00; 2026 Feb 30 off"],
)  # fmt: skip
def test_texts_that_no_form_says_are_kept(text: str) -> None:
    assert osm_hours.read(text) == text
    assert osm_hours.text_of(text) == text


def test_what_a_text_leaves_open_is_not_known() -> None:
    assert is_open("Mo-Su 09:00-17:00 unknown", THERE, at("2026-11-25T12:00")) is None
    assert is_open("sunrise-sunset", THERE, at("2026-06-21T06:00")) is True
    assert is_open("sunrise-sunset", THERE, at("2026-12-21T06:00")) is False


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Open Daily from 11 to 7", "Daily from 11 to 7"),
        ("8-6:30", "8-6:30"),
        ("Mo-Fr 25:00-26:00", "25:00-26:00"),
        (";", ";"),
    ],
)
def test_what_is_no_such_text(text: str, rest: str) -> None:
    with pytest.raises(ValueError) as caught:
        osm_hours.read(text)
    assert str(caught.value) == (
        f"must be in OpenStreetMap's syntax, such as Mo-Fr 09:00-18:00; PH off: {rest!r} is not understood"
    )


@pytest.mark.parametrize(
    "text", ["", " ", "Mo" * 501, "x\0y", 'Mo-Fr 09:00-17:00 "\0"', "Mo-Fr 09:00-17:00" + ";" * 900, "((((", "9" * 1000]
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        osm_hours.read(text)


clocks = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
spans = st.builds(TimeSpan, clocks, clocks | st.just("24:00")).filter(lambda each: each.opens != each.closes)
days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
forms = st.builds(
    Form,
    st.lists(st.builds(WeeklySpan, st.sampled_from(Weekday), clocks, clocks | st.just("24:00")), max_size=9).map(tuple),
    st.none() | st.lists(spans, max_size=2).map(tuple),
    st.lists(st.builds(lambda a, n, h: SpecialDays(a, a + timedelta(n), tuple(h)), days, st.integers(0, 9),
                       st.lists(spans, max_size=2)), max_size=3).map(tuple),
)  # fmt: skip


@given(forms)
@settings(max_examples=40, deadline=None)
def test_a_form_is_stored_as_it_is(form: Form) -> None:
    assert hours.loaded(hours.stored(form)) == form


@given(
    st.lists(st.tuples(st.sampled_from(Weekday), clocks, clocks), max_size=7),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
)
@settings(max_examples=40, deadline=None)
def test_the_library_agrees_on_what_is_written(found: list[tuple[Weekday, str, str]], moment: datetime) -> None:
    form = Form(tuple(WeeklySpan(day, opens, closes) for day, opens, closes in found if opens != closes))
    moment = moment.replace(second=0, microsecond=0, tzinfo=NEW_YORK)
    if moment.astimezone(UTC).astimezone(NEW_YORK) == moment:  # not in the hour that a change of the clock leaves out
        assert is_open(form, THERE, moment) == is_open(osm_hours.text_of(form), THERE, moment)


@given(forms, st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))
@settings(max_examples=30, deadline=None)
def test_a_change_is_one(form: Form, moment: datetime) -> None:
    form = Form(tuple(each for each in form.weekly if each.opens != each.closes), form.holidays, form.special)
    now = moment.replace(tzinfo=UTC)
    change = next_change(form, THERE, now)
    state = is_open(form, THERE, now)
    if change is not None:
        assert change > now
        assert is_open(form, THERE, change) is not state
        assert is_open(form, THERE, change - timedelta(seconds=1)) is state


def test_the_zone_of_a_point() -> None:
    places = {(39.29, -76.61): "America/New_York", (47.14, 9.52): "Europe/Vaduz", (1.28, 103.85): "Asia/Singapore"}
    assert {place: hours.zone_at(*place) for place in places} == places
    assert hours.zone_at(-90, 0) == "UTC"
