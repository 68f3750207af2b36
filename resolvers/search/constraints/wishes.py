"""Distances, prices, stock and scope: what is said of offers."""

import re
from typing import Any

from resolvers.search.constraints.model import MOST_KM, MOST_PRICE, Availability, Relation, Scope
from resolvers.search.constraints.numbers import BEFORE, BEHIND, NUMBER, amount, currency_of, number
from resolvers.search.constraints.text import Text


def rule(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# --- what takes something back as a whole

_TOPICS = {
    "price": ("price_min", "price_max"), "budget": ("price_min", "price_max"), "cost": ("price_min", "price_max"),
    "colour": ("color",), "color": ("color",), "distance": ("distance_km",), "radius": ("distance_km",),
    "stock": ("availability",), "availability": ("availability",), "opening hours": ("availability",),
    "scope": ("scope",), "allergen": ("exclude_allergens",), "allergy": ("exclude_allergens",),
    "allergie": ("exclude_allergens",), "diet": ("require_certifications",), "dietary": ("require_certifications",),
    "certification": ("require_certifications",), "substance": ("avoid_substances",),
    "ingredient": ("avoid_substances",),
}  # fmt: skip
_TOPIC = "|".join(sorted(_TOPICS, key=len, reverse=True))
_LIMIT = r"(?: (?:limits?|filters?|constraints?|restrictions?|requirements?|range|cap|preferences?))?"
ANY = rule(
    rf"\b(?:(?:any|whatever|whichever|regardless of(?: the)?|no matter(?: the| what)?|no|without(?: a| the)?) "
    rf"(?P<any>{_TOPIC})s?(?(any){_LIMIT})(?! (?:free|added|matters? to))"
    rf"|(?:forget|drop|remove|ignore|lift|clear|cancel|never ?mind|don'?t care|do not care|don'?t mind|lose|undo)"
    rf"(?: about)?(?: the| my| that| any| all)*"
    rf" (?P<drop>{_TOPIC})s?{_LIMIT}"
    rf"|(?:the )?(?P<matter>{_TOPIC})s?{_LIMIT} (?:doesn'?t|does not|don'?t|do not|isn'?t|is not) "
    r"(?:matter|important|an issue|a problem))\b"
)
NO_STOCK_NEEDED = rule(
    r"\b(?:(?:even|also)?(?: if| when)?(?: it'?s| it is| they'?re)?|include|including|show)[ -]*(?:also )?"
    r"(?:out[ -]of[ -]stock|sold[ -]out|not in stock|closed)(?: (?:ones?|items?|products?|stores?))?"
    r"(?: too| as well| (?:is|are) (?:ok(?:ay)?|fine))?(?= *(?:$|[,.;|]| (?:and|but)\b))"
)
ANYWHERE = rule(r"\b(?:anywhere|no matter where|wherever|any distance|however far)\b")


def topics(text: Text) -> None:
    """`any colour`, `forget the price`, `distance doesn't matter`."""

    def take_back(found: re.Match[str]) -> bool:
        topic = (found["any"] or found["drop"] or found["matter"]).lower()
        for key in _TOPICS[topic]:
            text.unset(key)
        return True

    text.take(ANY, take_back)
    text.take(ANYWHERE, lambda found: text.unset("distance_km"))


# --- what is not known here

RATING = rule(
    r"(?:\b(?:with|and|or|that (?:is|are|has|have)|has|have|having|rated|ratings?|of|should have|look for)\b[ ,]*)*"
    rf"(?:\b(?:rated|ratings?|reviews?)\b(?: (?:is|are|of|between|above|over|under|below|at least|at most|more than|"
    rf"less than|higher than|greater than|from|and|than|a))*)?"
    rf"(?:\b(?:above|over|at least|at most|more than|fewer than|less than|greater than|higher than|under|between|"
    rf"from|a|minimum(?: of)?)\b )*"
    rf"\(?(?:\d[\d.,]*\+?)(?: (?:and|to|-) \d[\d.,]*)?\+?(?: ?plus)?[ -]*(?:customer )?"
    r"(?:stars?|star ratings?|reviews?|reviewers?|ratings?)\b\)?(?: (?:or|and) (?:higher|more|above|better|up))?"
)
RATED = rule(
    rf"\b(?:rated|ratings?)(?: (?:is|are|of|higher than|greater than))* (?:above|over|at least|between|higher than|below|"
    rf"under|from) \d[\d.]*\+?(?: and \d[\d.]*)?(?: stars?)?(?: but)?"
)


def ratings(text: Text) -> None:
    def note(found: re.Match[str]) -> bool:
        known = "Ratings and reviews are not known here, so they did not narrow the search."
        if known not in text.notes:
            text.notes.append(known)
        return True

    text.take(RATING, note)
    text.take(RATED, note)


# --- distances

_KM = {"km": 1.0, "kilomet": 1.0, "mi": 1.609344, "mile": 1.609344, "m": 0.001, "met": 0.001, "yd": 0.0009144,
       "yard": 0.0009144, "f": 0.0003048, "block": 0.1}  # fmt: skip
_KM_A_MINUTE = {"walk": 0.08, "foot": 0.08, "driv": 0.5, "car": 0.5, "bik": 0.25, "cycl": 0.25, "bicycle": 0.25,
                "rid": 0.25, "away": 0.08, "": 0.08}  # fmt: skip
"""How far one gets in a minute: on foot 80 m, as estate agents count; by bicycle 15, by car in a town 30 km/h."""
_LONG = r"kms?|kilomet(?:er|re)s?|mi|miles?"
_SHORT = r"m|met(?:er|re)s?|yds?|yards?|ft|feet|foot|blocks?"
_UP_TO = (
    r"(?:with)?in(?: a| the)?|less than|under|below|up to|at most|no (?:more|further|farther) than|"
    r"not (?:more|further|farther) than|max(?:imum)?(?: of)?|closer than|nearer than|inside(?: of)?|around|about|"
    r"not over|distance(?: of| under| below)?|radius(?: of)?|<=?|(?:further|farther|more) than"
)
_SPEED = (
    r"walk(?:ing)?|on foot|by foot|foot|driv(?:e|ing)|by car|car|by bike|by bicycle|bike|biking|bicycle|cycl(?:e|ing)|ride"
)
_BEHIND = r"away|radius|from (?:me|here|home|my (?:place|home|house|office|location))|of me|of here|of my (?:place|home|location)"
WALK = rule(
    rf"\b(?:(?:{_UP_TO}) )?(?P<n>{NUMBER})[- ]*(?:min(?:ute)?s?'?)\b'?s?[- ]*(?:of )?(?P<by>{_SPEED}|away)"
    rf"(?: ?(?:distance|ride|drive|away|{_BEHIND}))*"
    rf"|\b(?:{_UP_TO}) (?P<m>{NUMBER})[- ]*min(?:ute)?s?\b(?! (?:to|recipe|meal|cook|dinner))"
)
DISTANCE = rule(
    rf"(?:\b(?:a )?(?P<pre>{_UP_TO}) *)?(?P<n>{NUMBER})[- ]?(?P<unit>{_LONG}|{_SHORT})\b"
    rf"(?P<behind>(?: (?:or less|max(?:imum)?|tops|{_BEHIND}|around|walk(?:ing)?(?: distance)?|driv(?:e|ing)(?: distance)?))+"
    r"|(?= of\b| from\b| around\b))?"
)
DISTANCES = {
    rule(r"\b(?:(?:with)?in |at )?(?:a )?(?:easy |short )?(?:walking distance|walkable(?: distance)?|short walk(?: away)?)\b"): 1.0,
    rule(r"\b(?:(?:with)?in |at )?(?:a )?(?:biking|cycling|bike) distance\b"): 4.0,
    rule(r"\b(?:(?:with)?in |at )?(?:a )?(?:driving distance|short drive(?: away)?)\b"): 10.0,
    rule(r"\b(?:(?:just |right )?(?:around|round) the corner|next door)\b"): 0.5,
}
HERE = rule(
    r"\b(?:(?:near(?:est)?|close(?:st)?|around|next)(?: to)? (?:me|us|here|by|my (?:home|house|place|location|office))|"
    r"nearby|in (?:my|the|this) (?:area|neighbou?rhood|vicinity|city|town)|where i (?:am|live)|around where i (?:am|live)|"
    r"from (?:me|here)|my (?:area|location)|(?:the )?(?:nearest|closest)(?: (?:one|store|shop)s?)?)\b"
)


def distances(text: Text) -> None:
    """Kilometres, 50 at most."""

    def walk(found: re.Match[str]) -> bool | None:
        by = (found["by"] or "").lower().removeprefix("by ").removeprefix("on ")
        speed = next(speed for start, speed in _KM_A_MINUTE.items() if by.startswith(start))
        return limit(text, amount(found["n"] or found["m"]) * speed, found)

    def distance(found: re.Match[str]) -> bool | None:
        unit, pre, behind = found["unit"].lower(), (found["pre"] or "").lower(), found["behind"]
        long = re.fullmatch(_LONG, unit)
        if pre.startswith(("further", "farther", "more")):
            return False
        spelled = not found["n"][0].isdigit()
        sure = behind is not None or pre.startswith(("with", "no ", "not ", "closer", "nearer", "inside", "radius", "dist"))
        if not sure and (not long or spelled and not pre):
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
        text.found["here"] = True
        return True

    text.take(HERE, note)


# --- prices



def money(n: int) -> str:
    return rf"(?P<pre{n}>{BEFORE})? ?(?P<n{n}>{NUMBER})(?P<k{n}>k\b)? ?(?P<post{n}>{BEHIND})?"


_COST = r"(?:(?:that |which )?(?:cost(?:s|ing)?|priced?|is|are|for|at|with a (?:price|budget)|(?:the |my |a )?(?:price|budget)(?: range)?)(?: of|:)? )?"
_MOST = (
    r"(?:under|below|less than|lower than|cheaper than|beneath|at most|no more than|not more than|up to|upto|max(?:imum)?(?: price| of)?:?|"
    r"not (?:over|above|exceeding)|(?:does ?n'?t|do ?n'?t|should ?n'?t|must ?n'?t|does not|should not|must not|not) cost(?:ing)?(?: me)? (?:more than|over)|"
    r"(?:with)?in(?: a| my)?(?: budget(?: of)?)?(?= ?[$\u20ac\u00a3]| \d+ (?:dollars?|bucks?|euros?))|"
    r"(?:i (?:have|only have|can spend)|spend(?:ing)?)(?: (?:only|at most|up to|no more than|less than))?|"
    r"(?:maximum|top|highest) (?:price|budget)(?: of| is|:)?|(?:a )?budget(?: of| is|:)?|not? (?:more|pricier|dearer) than|never more than|<=?|\u2264)"
)
_LEAST = (
    r"(?:over|above|more than|higher than|at least|no less than|not less than|not (?:under|below)|min(?:imum)?(?: price| of)?:?|starting (?:at|from)|"
    r"upwards of|from|greater than|exceeding|>=?|\u2265|(?:minimum|lowest) price(?: of| is|:)?)"
)
RANGE = rule(
    rf"{_COST}(?:(?:in the range of |in the |priced |ranging )?(?:between|from|btwn) |\()?{money(1)} ?(?:-|to|and|until|up to|\.\.) ?{money(2)}(?: range)?\)?"
)
MOST = rule(rf"(?<![\w$]){_COST}{_MOST} ?{money(1)}(?: or (?:less|under|below|cheaper))?")
MOST_BEHIND = rule(rf"(?<![\w.,]){_COST}{money(1)} ?(?:or (?:less|under|below|cheaper|lower)|max(?:imum)?\b|tops\b|at (?:the )?most|budget)")
LEAST = rule(rf"(?<![\w$]){_COST}{_LEAST} ?{money(1)}(?: or (?:more|above|over|higher|up))?")
LEAST_BEHIND = rule(rf"(?<![\w.,]){_COST}{money(1)} ?(?:or (?:more|above|over|higher|up)\b|(?:and|&) (?:up|above)\b|\+(?!\w))")
ABOUT = rule(rf"(?<!\w){_COST}(?P<how>around|about|roughly|approximately|circa|close to|near|~|exactly|for|at) ?{money(1)}")
NEXT = re.compile(
    r"^[\s,]*(?:$|[.;|!?)]|(?:and|or|but|near|within|in|with|without|for|that|which|please|each|total|from|at|if|now|today|"
    r"then|only|instead|maximum|max|tops|around|close|on|is|are)\b)",
    re.IGNORECASE,
)
"""What may follow a number that is a price though no currency stands beside it."""
_OTHER_THINGS = re.compile(
    r"\b(?:rat(?:ed|ings?)|stars?|reviews?|size|aged?|ages|pack|model|version|spf|calories|kcal|serves|feeds|%|percent)\b[^|]*$"
)


def prices(text: Text) -> None:
    text.take(RANGE, lambda found: between(text, found))
    for pattern, key in ((MOST, "price_max"), (MOST_BEHIND, "price_max"), (LEAST, "price_min"), (LEAST_BEHIND, "price_min")):
        text.take(pattern, lambda found, key=key: bound(text, found, key))  # type: ignore[misc]
    text.take(ABOUT, lambda found: about(text, found))


def priced(text: Text, found: re.Match[str], *numbers: str) -> bool:
    """Whether these numbers are amounts of money."""
    signs = [found[f"{part}{n}"] for n in numbers for part in ("pre", "post")]
    if any(signs):
        return True
    if not any(character.isdigit() for n in numbers for character in found[f"n{n}"]) and not re.search(
        r"\b(?:price|cost|budget|spend)", found[0], re.IGNORECASE
    ):
        return False
    if re.search(r"\b(?:pric|cost|budget|spend)", found[0], re.IGNORECASE):
        return True
    return bool(NEXT.search(text.left[found.end() :])) and not _OTHER_THINGS.search(text.before(found))


def value_of(found: re.Match[str], n: str) -> float:
    return min(amount(found[f"n{n}"]) * (1000 if found[f"k{n}"] else 1), MOST_PRICE)


def between(text: Text, found: re.Match[str]) -> bool | None:
    if not priced(text, found, "1", "2"):
        return False
    joined = re.search(r"\b(?:between|from|btwn|range|pric|cost)", found[0], re.IGNORECASE)
    signs = [found[f"{part}{n}"] for n in "12" for part in ("pre", "post")]
    if not joined and not any(signs):
        return False
    if re.search(r"\band\b", found[0]) and not joined:
        return False
    low, high = sorted((value_of(found, "1"), value_of(found, "2")))
    back = text.takes_back(found)
    for key, value in (("price_min", low), ("price_max", high)):
        text.unset(key) if back else text.set(key, number(value))
    note_currency(text, found, "1", "2")
    return True


def bound(text: Text, found: re.Match[str], key: str) -> bool | None:
    if not priced(text, found, "1"):
        return False
    text.set(key, number(value_of(found, "1")), found)
    note_currency(text, found, "1")
    return True


def about(text: Text, found: re.Match[str]) -> bool | None:
    """`around $10` is from 8 to 12; `for $10` is at most that."""
    if not (found["pre1"] or found["post1"]):
        return False
    value, how = value_of(found, "1"), found["how"].lower()
    if how == "for":
        text.set("price_max", number(value), found)
    else:
        margin = 0.0 if how in ("exactly", "at") else 0.2
        text.set("price_min", number(value * (1 - margin)))
        text.set("price_max", number(value * (1 + margin)))
    note_currency(text, found, "1")
    return True


def note_currency(text: Text, found: re.Match[str], *numbers: str) -> None:
    signs = [currency_of(found[f"{part}{n}"]) for n in numbers for part in ("pre", "post")]
    if sign := next(filter(None, signs), ""):
        text.found["currency"] = sign


RELATIONS = {
    Relation.CHEAPEST: rule(r"\b(?:the )?(?:cheapest|least expensive|lowest[- ]priced?|most affordable|lowest cost)(?: ones?| options?)?\b"),
    Relation.CHEAPER: rule(
        r"\b(?:make (?:it|them) )?(?:a (?:bit|little) |much |something |anything |even |way )?(?:cheaper|less expensive|more affordable|less pricey|"
        r"lower[- ](?:priced?|cost)|not (?:so|as|that|too) expensive|(?:that'?s |it'?s |they'?re |those are )?(?:way |much )?too (?:expensive|pricey|dear)|for less(?: money)?|"
        r"lower the price|bring (?:the )?price down|reduce the price)(?: (?:ones?|options?|alternatives?|than (?:that|those|these|this)))*\b"
    ),
    Relation.DEARER: rule(
        r"\b(?:make (?:it|them) )?(?:a (?:bit|little) |something )?(?:more expensive|pricier|dearer|higher[- ](?:priced?|end)|fancier)(?: (?:ones?|options?))?\b"
    ),
    Relation.CLOSER: rule(
        r"\b(?:something |a (?:bit|little) |even |much )?(?:closer|nearer|less far|not (?:so|as|that) far(?: away)?|(?:that'?s |it'?s )?too far(?: away)?)"
        r"(?: (?:ones?|by|to (?:me|home|here)))?\b"
    ),
    Relation.FARTHER: rule(
        r"\b(?:a (?:bit|little) )?(?:farther|further)(?: away| out)?(?: is (?:ok(?:ay)?|fine))?\b(?! than)|"
        r"\b(?:(?:widen|expand|increase|extend)(?: the)? (?:search|area|radius|distance)|(?:wider|larger|bigger) (?:area|radius))\b"
    ),
}  # fmt: skip


def relations(text: Text) -> None:
    """Wishes that compare with what was seen."""
    for relation, pattern in RELATIONS.items():

        def note(found: re.Match[str], relation: Relation = relation) -> bool:
            text.relations.append(relation)
            return True

        text.take(pattern, note)


# --- stock, opening hours, scope

_ALSO = r"(?: (?:only|please|right now|now|today|currently))*"
IN_STOCK = rule(
    rf"\b(?:only )?(?:(?:that|which|if|when|and|they|it)? ?(?:is|are|'s|'re|has|have|have it|it'?s|they'?re|i can get)? ?)"
    rf"(?:(?:actually |really |currently |definitely )?(?:in[- ]stock|available (?:now|today|right now|immediately|in (?:a )?stores?)|"
    rf"on (?:the )?shel(?:f|ves)|not (?:out of stock|sold out)|immediately available|stocked|really have (?:it|them))){_ALSO}"
    r"|\b(?:(?:that|which) (?:is|are)|only|must be|currently) available\b|\bavailable only\b|\bavailability\b"
)
NOT_IN_STOCK = NO_STOCK_NEEDED
OPEN = rule(
    r"\b(?:(?:at|from|in) )?(?:(?:a |the )?(?:stores?|shops?|places?) )?(?:(?:that|which)(?:'s|'re| is| are)? )?(?:(?:are|is|'s) )?"
    r"(?:(?:currently|still|now) open|open(?:ed)? (?:right now|now|at the moment|at this (?:hour|time)|currently|still)|(?<=that is )open|(?<=that are )open|"
    r"(?<=that's )open|(?<=must be )open)\b|\bopen (?:stores?|shops?)(?: only)?\b"
)
LOCAL = rule(
    r"\b(?:(?:from |at |in )?(?:a |the )?local(?:ly)?(?: (?:stores?|shops?|only|retailers?|available))*|in[- ](?:a )?(?:physical )?stores?(?: only| nearby)?|"
    r"(?:in|at) (?:a )?(?:real|physical|brick[- ]and[- ]mortar) (?:stores?|shops?)|in person|brick[- ]and[- ]mortar|physical stores?(?: only)?|"
    r"(?:(?:no|not|nothing|without|exclude) (?:in |the )?(?:online|internet|web)(?: (?:stores?|shops?|offers?|results?))?)|"
    r"(?:for |store |in[- ]store )?pick[- ]?up(?: (?:today|only|in store))?|offline(?: only)?|only (?:in )?stores?|stores? only)\b"
)
ONLINE = rule(
    r"\b(?:(?:only |just |buy |order |shop |available )?online(?: (?:only|stores?|shops?|offers?|ones?|alternatives?|please))*|on the (?:web|internet)|web only|"
    r"(?:with |for |free |home |same[- ]day )?(?:home )?deliver(?:y|ed)(?: (?:only|to (?:me|my (?:home|door|house))))?|"
    r"(?:that )?ship(?:s|ped|ping)?(?: (?:to (?:me|my (?:home|house|door))|included))|free shipping|mail[- ]order|"
    r"(?:not|no|nothing) (?:in|from) (?:a )?(?:physical |local )?stores?|not local(?:ly)?)\b"
)
BOTH = rule(
    r"\b(?:(?:online|local(?:ly)?|in[- ]stores?) (?:or|and) (?:online|local(?:ly)?|in[- ]stores?|off ?line)|(?:also |include |including |even )+(?:the )?online(?: (?:stores?|offers?|ones?|results?))?|"
    r"online (?:too|as well|also|is (?:ok(?:ay)?|fine)|ok(?:ay)?)|anywhere)\b"
)


def offers(text: Text) -> None:
    """Stock, opening hours, scope."""
    wanted: list[Availability] = []

    def stock(found: re.Match[str]) -> bool:
        if text.takes_back(found):
            text.unset("availability")
        else:
            wanted.append(Availability.IN_STOCK)
        return True

    def opening(found: re.Match[str]) -> bool:
        if text.takes_back(found):
            text.unset("availability")
        else:
            wanted.append(Availability.OPEN_NOW)
        return True

    def scope(value: Scope | None) -> Any:
        return lambda found: text.unset("scope") if value is None else text.set("scope", value.value, found)

    text.take(BOTH, scope(None))
    text.take(ONLINE_NOT_LOCAL, scope(Scope.ONLINE))
    text.take(LOCAL, scope(Scope.LOCAL))
    text.take(ONLINE, scope(Scope.ONLINE))
    text.take(NOT_IN_STOCK, lambda found: text.unset("availability") if found[0].strip() else False)
    text.take(IN_STOCK, stock)
    text.take(OPEN, opening)
    if wanted:
        both = len(set(wanted)) > 1
        text.add["availability"] = (Availability.BOTH if both else wanted[0]).value


ONLINE_NOT_LOCAL = rule(r"\b(?:(?:not|no|nothing) (?:in|from) (?:a |the )?(?:physical |local )?(?:stores?|shops?)|not local(?:ly)?|online,? not (?:in stores?|local(?:ly)?))\b")
