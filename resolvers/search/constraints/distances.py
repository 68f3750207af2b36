"""How far it may be."""

import re

from resolvers.search.constraints.model import MOST_KM
from resolvers.search.constraints.numbers import NUMBER, amount, number
from resolvers.search.constraints.text import Text, rule

_KM = {"km": 1.0, "kilomet": 1.0, "mi": 1.609344, "mile": 1.609344, "m": 0.001, "met": 0.001, "yd": 0.0009144,
       "yard": 0.0009144, "f": 0.0003048, "block": 0.1}  # fmt: skip
_KM_A_MINUTE = {"walk": 0.08, "foot": 0.08, "driv": 0.5, "car": 0.5, "bik": 0.25, "cycl": 0.25, "bicycle": 0.25,
                "rid": 0.25, "away": 0.08, "": 0.08}  # fmt: skip
"""How far one gets in a minute: on foot 80 m, as estate agents count; by bicycle 15, by car in a town 30 km/h."""
_LONG = r"kms?|kilomet(?:er|re)s?|mi|miles?"
_SHORT = r"m|met(?:er|re)s?|yds?|yards?|ft|feet|foot|blocks?"
_UP_TO = (
    r"(?:with)?in(?: a| the)?|less than|under|below|up to|at most|no (?:more|further|farther) than|"
    r"not (?:more|further|farther) than|max(?:imum)?(?: of)?|closer than|nearer than|(?:nothing|none|"
    r"not anything) (?:more|further|farther) than|inside(?: of)?|around|about|"
    r"not over|distance(?: of| under| below)?|radius(?: of)?|<=?|(?:further|farther|more) than"
)
_SPEED = (
    r"walk(?:ing)?|on foot|by foot|foot|driv(?:e|ing)|by car|car|by bike|by bicycle|bike|biking|bicycle|cycl(?:e|"
    r"ing)|ride"
)
_HOME = r"my (?:place|home|house|office|location)"
_BEHIND = rf"away|radius|from (?:me|here|home|{_HOME})|of (?:me|here|{_HOME})"
WALK = rule(
    rf"\b(?:(?:{_UP_TO}) )?(?P<n>{NUMBER})[- ]*(?:min(?:ute)?s?'?)\b'?s?[- ]*(?:of )?(?P<by>{_SPEED}|away)"
    rf"(?: ?(?:distance|ride|drive|away|{_BEHIND}))*"
    rf"|\b(?P<first>{_SPEED}) (?:of |for |is )?(?:{_UP_TO}) (?P<n2>{NUMBER})[- ]*min(?:ute)?s?\b"
    rf"|\b(?:{_UP_TO}) (?P<m>{NUMBER})[- ]*min(?:ute)?s?\b(?! (?:to|recipe|meal|cook|dinner))"
)
DISTANCE = rule(
    rf"(?:\b(?:a )?(?P<pre>{_UP_TO}|(?:between |from )?(?:{NUMBER}) ?(?:and|to|-)) *)?"
    rf"(?P<n>{NUMBER})[- ]?(?P<unit>{_LONG}|{_SHORT})\b"
    rf"(?P<behind>(?: (?:or less|max(?:imum)?|tops|{_BEHIND}|around|walk(?:ing)?(?: distance)?|driv(?:e|"
    rf"ing)(?: distance)?))+"
    r"|(?= of\b| from\b| around\b))?"
)
DISTANCES = {
    rule(
        r"\b(?:(?:with)?in |at )?(?:a )?(?:easy |short )?(?:walking distance|walkable(?: distance)?|"
        r"short walk(?: away)?|"
        r"(?:(?:at |from |in )?(?:a |any )?(?:shop|store|place)s? )?(?:that |where )?(?:i|we) can walk(?: to)?)\b"
    ): 1.0,
    rule(r"\b(?:(?:with)?in |at )?(?:a )?(?:biking|cycling|bike) distance\b"): 4.0,
    rule(r"\b(?:(?:with)?in |at )?(?:a )?(?:driving distance|short drive(?: away)?)\b"): 10.0,
    rule(r"\b(?:(?:just |right )?(?:around|round) the corner|next door)\b"): 0.5,
}
HERE = rule(
    r"(?:\bnot )?\b(?:(?:near(?:est)?|close(?:st)?|around|next)(?: to)? (?:me|us|here|by|"
    r"my (?:home|house|place|location|office))|nearby|"
    r"(?:with)?in (?:my|the|this) (?:area|neighbou?rhood|vicinity|city|town)|where i (?:am|live)|"
    r"around where i (?:am|"
    r"live)|"
    r"from (?:me|here)|my (?:area|location)|(?:the )?(?:nearest|closest)(?: (?:one|store|shop)s?)?)\b"
)


HALVES = rule(
    rf"\b(?:(?:(?P<whole>{NUMBER})(?: and)? )?(?:(?P<part>[1-9])(?:/|\u2044)(?P<of>[2-9])|(?P<half>a half))|half)"
    rf"[- ]?(?:of )?(?:a )?(?=(?:{_LONG})\b)"
)


def in_digits(found: re.Match[str]) -> str:
    """`1 1/2`, `two and a half` and `half`, in front of a unit."""
    part = int(found["part"]) / int(found["of"]) if found["part"] else 0.5
    return f"{(amount(found['whole']) if found['whole'] else 0) + part:.2f} "


def distances(text: Text) -> None:
    """Kilometres, 50 at most."""
    text.left = HALVES.sub(in_digits, text.left)

    def walk(found: re.Match[str]) -> bool | None:
        by = (found["by"] or found["first"] or "").lower().removeprefix("by ").removeprefix("on ")
        speed = next(speed for start, speed in _KM_A_MINUTE.items() if by.startswith(start))
        return limit(text, amount(found["n"] or found["n2"] or found["m"]) * speed, found)

    def distance(found: re.Match[str]) -> bool | None:
        unit, pre, behind = found["unit"].lower(), (found["pre"] or "").lower(), found["behind"]
        long = re.fullmatch(_LONG, unit)
        if pre.startswith(("further", "farther", "more")):
            return False
        spelled = not found["n"][0].isdigit()
        sure = behind is not None or pre.startswith(
            ("with", "no ", "not ", "closer", "nearer", "inside", "radius", "dist")
        )
        if not sure and (not long or (spelled and not pre)):
            return False
        if unit == "mi" and not (pre or behind):
            return False
        km = next(km for start, km in sorted(_KM.items(), key=lambda i: -len(i[0])) if unit.startswith(start))
        return limit(text, amount(found["n"]) * km, found)

    text.take(WALK, walk)
    text.take(DISTANCE, distance)
    for pattern, km in DISTANCES.items():
        text.take(pattern, lambda found, km=km: limit(text, km, found))  # type: ignore[misc]


def limit(text: Text, km: float, at: re.Match[str]) -> bool | None:
    if km <= 0:
        return False
    if km > MOST_KM:
        text.notes.append(f"Searches go {MOST_KM:.0f} km far at most.")
    text.set("distance_km", number(max(min(km, MOST_KM), 0.01)), at)
    return True


def here(text: Text) -> None:
    """`near me`, `nearby`: from where the person is. It says no distance."""

    def note(found: re.Match[str]) -> bool:
        if not found[0].lower().startswith("not "):  # who is not to be near wants no distance
            text.found["here"] = True
        return True

    text.take(HERE, note)
