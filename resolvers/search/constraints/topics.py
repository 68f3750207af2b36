"""What takes constraints back as a whole, what compares with what was seen, and what is not known here."""

import re
from functools import partial

from resolvers.search.constraints.model import Relation
from resolvers.search.constraints.text import Text, rule

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
    rf"\b(?:(?:any|whatever|whichever|regardless of(?: the)?|no matter(?: the| what)?|"
    rf"no(?: limits? (?:on|to|for)(?: the)?)?|without(?: a| the)?) "
    rf"(?P<any>{_TOPIC})s?{_LIMIT}(?! (?:free|added|matters? to|but|except|other|besides))"
    rf"|(?:forget|drop|remove|ignore|lift|clear|cancel|never ?mind|don'?t care|do not care|don'?t mind|lose|undo)"
    rf"(?: about)?(?: the| my| that| any| all)*"
    rf" (?P<drop>{_TOPIC})s?{_LIMIT}"
    rf"|(?:the )?(?P<matter>{_TOPIC})s?{_LIMIT} (?:doesn'?t|does not|don'?t|do not|isn'?t|is not) "
    r"(?:matter|important|an issue|a problem))\b"
)
NONE_OF = rule(r"(?:no|without(?: a| the)?) (?:allergen|substance|ingredient)s?")
"""Who wants none of these takes nothing back."""
ANY_BRAND = rule(r"\b(?:any|whatever|whichever|no matter (?:the|what)) brands?\b")
ANYWHERE = rule(r"\b(?:anywhere|no matter where|wherever|any distance|however far)\b")


def topics(text: Text) -> None:
    """`any colour`, `forget the price`, `distance doesn't matter`."""

    def take_back(found: re.Match[str]) -> bool:
        topic = (found["any"] or found["drop"] or found["matter"]).lower()
        if NONE_OF.fullmatch(found[0]):
            return False
        for key in _TOPICS[topic]:
            text.unset(key)
        return True

    text.take(ANY, take_back)
    text.take(ANY_BRAND, lambda found: True)
    text.take(ANYWHERE, lambda found: text.unset("distance_km"))


# --- what is not known here

RATING = rule(
    r"(?:\b(?:with|and|or|that (?:is|are|has|have)|has|have|having|rated|ratings?|of|should (?:have|be)|"
    r"look for)\b[ ,]*)*"
    r"(?:\b(?:rated|ratings?|reviews?)\b(?: (?:is|are|of|between|above|over|under|below|at least|at most|more than|"
    r"less than|higher than|greater than|from|and|than|a))*)?"
    r"(?:\b(?:above|over|at least|at most|more than|fewer than|less than|greater than|higher than|under|between|"
    r"from|a|minimum(?: of)?)\b )*"
    r"\(?(?<![$\u20ac\u00a3\u00a5\d.,])(?:\d[\d.,]*\+?)(?: (?:and|to|-) \d[\d.,]*)?\+?(?: ?plus)?[ -]*(?:customer )?"
    r"(?:star ratings?|stars?|reviews?|reviewers?|ratings?)\b\)?(?: (?:or|and) (?:higher|more|above|better|up))?"
)
RATED = rule(
    r"\b(?:rated|ratings?)(?: (?:should be|must be|is|are|of|higher than|greater than|above|over|at least|between|"
    r"below|under|from|minimum(?: of)?))* [0-5](?:\.\d+)?\+?(?![\d,$%])(?: (?:and|to) \d[\d.]*)?(?: stars?)?"
    r"(?: (?:or|and) (?:higher|more|above|better|up))?(?: but)?"
)
PRAISED = rule(
    r"(?<!\d )(?<!\d\+ )\b(?:(?:it |they |the \w+ )?(?:should|must) (?:be|have) )?"
    r"(?:(?:with|and|has|have|having) )*(?:(?:top|highest|highly|well|best|decently|better)[- ](?:rated|reviewed)|"
    r"(?:(?:good|great|excellent|decent|strong|many|a lot of|lots of|large number of|the most|high|positive|customer|"
    r"user|top)[ -])+(?:review counts?|ratings?|reviews?|feedback))\b(?: \(\d[\d,]*\+?\))?"
)
_PEOPLE = r"(?:customers?|people|buyers?|users?|shoppers?|reviewers?)"
COUNTED = rule(
    r"\b(?:(?:with|and|has|have|having|an?) )*(?:(?:decent|good|great|large|high|big|fair|huge|the) )*"
    r"(?:number|amount)s? of (?:good |customer |positive )*(?:ratings?|reviews?)\b"
    r"(?: (?:should be|must be|is)?(?: ?(?:above|over|at least|more than|greater than|higher than))? \d[\d,]*\+?)?|"
    rf"\b(?:that (?:(?:has|have) been|is|are) )?(?:reviewed|rated) by (?:many|lots of|a lot of|several) {_PEOPLE}|"
    rf"\b(?:reviewed |rated )?by (?:over |at least |more than )?\d[\d,]*(?: ?\+| plus)? {_PEOPLE}\b"
)


_DAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|tomorrow|tonight"
_HOUR = r"\d{1,2}(?::\d\d)?(?: ?[ap]\.?m\.?)?(?! ?(?:dollars?|bucks?|km|mi|min))|midnight|noon|night"
OPEN_LATER = rule(
    rf"\b(?:that(?:'s| is| are)? )?(?:still )?open(?:s|ing)? (?:(?:(?:on|until|till?|after|before|past|at|from|for) )+"
    rf"(?:the )?(?:{_DAYS}|{_HOUR})(?: (?:mornings?|evenings?|nights?|afternoons?))?|(?:{_DAYS})|late|all night|"
    rf"24 ?(?:/ ?7|hours?|h))\b"
)
NOT_KNOWN = {
    "Ratings and reviews are not known here, so they did not narrow the search.": (COUNTED, PRAISED, RATING, RATED),
    "Stores can be asked for that are open now, and not for another time, so that did not narrow the search.": (
        OPEN_LATER,
    ),
}


def not_known(text: Text) -> None:
    """What nothing is known of is taken out, and the answer says so."""

    def note(said: str, found: re.Match[str]) -> bool:
        if said not in text.notes:
            text.notes.append(said)
        return True

    for said, patterns in NOT_KNOWN.items():
        for pattern in patterns:
            text.take(pattern, partial(note, said))


# --- what compares with what was seen

RELATIONS = {
    Relation.CHEAPEST: rule(
        r"\b(?:the )?(?:cheapest|least expensive|lowest[- ]priced?|most affordable|lowest cost)(?: ones?|"
        r" options?)?\b"
    ),
    Relation.CHEAPER: rule(
        r"\b(?:make (?:it|them) )?(?:a (?:bit|little) |much |something |anything |even |way )?(?:cheaper|"
        r"less expensive|more affordable|less pricey|"
        r"lower[- ](?:priced?|cost)|not (?:so|as|that|too) expensive|(?:that'?s |it'?s |they'?re |"
        r"those are )?(?:way |much )?too (?:expensive|pricey|dear)|for less(?: money)?|"
        r"lower the price|bring (?:the )?price down|reduce the price)(?: (?:ones?|options?|alternatives?|"
        r"than (?:that|those|these|this)))*\b"
    ),
    Relation.DEARER: rule(
        r"\b(?:make (?:it|them) )?(?:a (?:bit|little) |something )?(?:more expensive|pricier|dearer|"
        r"higher[- ](?:priced?|end)|fancier)(?: (?:ones?|options?))?\b"
    ),
    Relation.CLOSER: rule(
        r"\b(?:something |a (?:bit|little) |even |much )?(?:closer|nearer|less far|not (?:so|as|that) far(?: away)?|"
        r"(?:that'?s |it'?s )?too far(?: away)?)"
        r"(?: (?:ones?|by|to (?:me|home|here)))?\b"
    ),
    Relation.FARTHER: rule(
        r"\b(?:a (?:bit|little) )?(?:farther|further)(?: away| out)?(?: is (?:ok(?:ay)?|fine))?\b(?! than)|"
        r"\b(?:(?:widen|expand|increase|extend)(?: the)? (?:search|area|radius|distance)|(?:wider|larger|"
        r"bigger) (?:area|radius))\b"
    ),
}  # fmt: skip


def relations(text: Text) -> None:
    """Wishes that compare with what was seen."""
    for relation, pattern in RELATIONS.items():

        def note(found: re.Match[str], relation: Relation = relation) -> bool:
            text.relations.append(relation)
            return True

        text.take(pattern, note)
