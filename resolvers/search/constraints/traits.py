"""Allergens, diets, certifications, substances: what is said of products.

Nothing is avoided because it is merely named: `milk chocolate` and `with nuts` say what is wanted. A negation in front
(`no`, `without`, `doesn't contain`, `allergic to`), `-free` behind, or an intolerance behind makes it a constraint; a
negation of that takes it back.
"""

import re
from collections.abc import Iterable

from resolvers.search.constraints.spelling import respelled
from resolvers.search.constraints.text import Text, rule
from resolvers.search.constraints.vocabulary import (
    ALLERGIC,
    AVOIDED,
    COLORS,
    DIETARY,
    SUBSTANCE,
)
from resolvers.search.substances import slug_of


def either(words: "Iterable[str]") -> str:
    """Any of the words, the longest first; a blank is any blank or hyphen. A tree by their letters: of a list each
    word would be tried at each place of a text."""
    rests: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        rests.setdefault(word[:1], []).append(word[1:])
    signs = {" ": "[ -]", "'": "'?"}
    return "|".join(
        (signs.get(first) or re.escape(first)) + (f"(?:{either(rest)})" if any(rest) else "")
        for first, rest in sorted(rests.items(), reverse=True)
    )


THING = either({**AVOIDED, **SUBSTANCE, **ALLERGIC})
_AND = r"(?: ?(?:,|/|&|\+) ?(?:and |or |nor |no |any )?| (?:and|or|nor|as well as)(?: (?:no|any|without|also))? )"
_LIST = rf"(?:{THING})\b(?:{_AND}(?:{THING})\b){{0,30}}"
_LISTED = rf"(?P<things>{_LIST})"
_LIKED = rf"(?:{THING})\b(?:(?: ?(?:,|/|&|\+) ?(?:and |or )?| (?:and|or|as well as) )(?:{THING})\b){{0,30}}"
"""A list that ends where something is denied: `i can eat gluten, no peanuts`."""
_NOT = r"(?:n['o]?t|not|never)"
_EAT = r"(?:eat|have|drink|use|tolerate|do|want|like|consume|digest|handle|process|stand|touch|be (?:near|around))"
_HAS = (
    r"(?:that |which )?(?:(?:is|are|may|might|could|can) )?"
    r"(?:with|w/|contain(?:s|ing)?|has|have|having|made (?:with|from|of|out of))(?: an?)?"
)
_SPARE = (
    r"(?:exclud(?:e|es|ing)|hid(?:e|ing)|(?:filter(?:ing)?|tak(?:e|ing)|leav(?:e|ing)) out|get(?:ting)? rid of|"
    r"remov(?:e|ing)|skip|drop|avoid(?:ing)?|(?:do ?n['o]?t|do not|never|stop) "
    r"(?:show(?:ing)?|giv(?:e|ing)|suggest(?:ing)?|recommend(?:ing)?|bring|pick|want|includ(?:e|ing)))(?: me| us)?"
)
_ANYTHING = r"(?:(?:any|all|the|every) ?)*(?:thing|ones?|products?|foods?|items?|stuff|results?)"
_SOMEBODY = r"(?:me|him|her|us|them|(?:my|our|the) \w+)"
_BADLY = r"(?:lethally|severely|highly|death?ly|deadly|extremely|very|really|super|seriously|badly|terribly|mildly)"
NEGATION = (
    rf"(?:(?:with )?(?:absolutely |strictly )?no(?: more| added| (?:way )?(?:traces?|hint) of| may contain)?|neither|"
    rf"everything but|unless (?:it|they|there) (?:has|have|contains?|is|are)|"
    rf"not even(?: (?:traces?|a hint) of)?|not an?(?: single)?|never ever|"
    rf"(?:without|sans)(?: any)?(?: added)?|w/?out|w/o|sin|ohne|senza|avoid(?:s|ing)?|"
    rf"exclud(?:e|es|ing)|{_SPARE} {_ANYTHING} {_HAS}|(?:filter(?:ing)? out|get(?:ting)? rid of|hide)|except(?: for)?|"
    rf"minus|zero|0 ?g?(?: of)?|hold the|skip the|"
    rf"omit(?:ting)?|(?:leav(?:e|es|ing)|cut(?:s|ting)?) out|g[ia]v(?:e|es|ing) up|"
    rf"(?:completely |entirely )?free (?:of|from)|devoid of|lack(?:s|ing)|(?:nothing|none|not any(?:thing)?) {_HAS}|"
    rf"not? containing|(?:(?:bad |severe |allergic )*reactions?|epi-?pens?) (?:to|for|from)|"
    rf"(?:un|not )able to {_EAT}|not allowed(?: (?:to {_EAT}|any))?|not (?:ok(?:ay)?|fine|cool|good) with|"
    rf"reacts? (?:badly |severely )?to|(?:breaks? out|gets? (?:sick|ill|hives)|swells? up)"
    rf"(?: (?:from|after|with|when (?:i|he|she|they|we) (?:eats?|ha(?:ve|s)|drinks?)))+|"
    rf"(?:do|does|did|is|are|was|must|should|can|could|wo|would|has|have|"
    rf"ca) ?{_NOT}(?: be)?(?: ever)? (?:contain(?:ing)?|include|{_EAT}|made (?:with|from|of)|having)|"
    rf"(?:cannot|can ?not|must not|should not|may not) (?:contain|include|{_EAT})|"
    rf"(?:that |which )?(?:is|are) ?{_NOT}(?= dairy\b)|"
    rf"not (?:made )?(?:with|from|contain(?:ing)?)|never (?:contain(?:s|ing)?|with|eat)|"
    rf"(?:{_BADLY} )?(?:allerg(?:ic|y) (?:to|against)|anaphyla(?:ctic|xis) (?:to|from)|intoleran(?:t|ce) (?:to|of))|"
    rf"sensitiv(?:e|ity) to|"
    rf"stay(?:ing)? away from|steer(?:ing)? clear of|anything but|other than|rather not(?: have)?|(?:i )?hates?)"
    r"(?: any of(?: the)?| all(?: of)?(?: the)?| any| the|"
    r" anything with| products? with| foods? with| things? with)?(?: kinds? of| types? of| traces? of)?"
)
_NAMED = rf"\b(?:{either(AVOIDED)})\b"
_UNPARTED = (
    rf"(?:{THING})\b(?: (?:{THING})\b)+,? (?:or|nor) (?:{THING})\b|"
    rf"{_NAMED}(?: {_NAMED})+,? and {_NAMED}|"
    rf"(?![^|]*\bsoya? milk\b){_NAMED}(?: {_NAMED}){{2,}}(?=\W*$)"
)
"""Lists without commas: of two things side by side the second may as well be what is wanted (no gluten soy milk)."""
BEFORE = rule(
    rf"\b(?:{NEGATION}(?: ?: ?|[ -])|non[- ]|(?:allerg(?:ens?|y|ies|ic)|intolerances?)(?: to avoid| list)?"
    rf"(?: ?[:-] ?| (?:are|is|includes?) )|not (?={_LIST}(?![ -]*(?:fre|less))\s*(?:$|[,.;!|]|and\b|but\b|please\b)))"
    rf"(?P<things>{_UNPARTED}|{_LIST})(?:\s+(?:(?:is|are) (?:ok(?:ay)?|fine)\b|allerg(?:y|ies)|"
    rf"in (?:it|them)|inside|at all|added|whatsoever|"
    rf"please))?"
)
_AND_FREE = r"(?: ?-? ?(?:,|/|&|\+) ?(?:and |or )?| ?-? (?:and|or) )"
FREE = rule(
    rf"(?:(?<!\w)(?:100 ?%|completely|totally|truly|fully|entirely) )?\b(?P<things>(?:{THING})(?:(?: ?-? "
    rf"?free)?{_AND_FREE}(?:{THING}))*)(?:(?:[ -]?| ?- ?)fre+|(?<!seed)-?less|"
    rf"frei(?:e[nrsm]?)?)\b"
    r"(?! (?:shipping|delivery|range|returns?))"
)
ILL = rule(
    rf"\b(?:(?:i|we|he|she|they|who|that|my \w+)(?:'m|'s|'re| am| is| are| have| has|'ve)? )?(?:(?:a|an|"
    rf"got) )?(?:severe |bad )?"
    rf"{_LISTED}[ -](?:allerg(?:y|ies|ic)|anaphyla(?:xis|ctic)|intoleran(?:t|ce)|sensitiv(?:e|"
    rf"ity))\b(?:[ -](?:friendly|safe|people))?|"
    rf"\b(?:i'?m |am |is |for )?(?:a )?(?P<coeliac>co?eliacs?)(?: disease)?(?:[ -](?:safe|friendly))?\b|"
    rf"(?<!(?:.my|his|her) )(?!(?<=for )gf\W*$)(?<![\w.-])(?P<short>[gdnes]f|cmp[ai])(?![\w-])"
)
SAYS_SHORT = {
    "gf": ["gluten"], "df": ["milk"], "cmpa": ["milk"], "cmpi": ["milk"], "nf": ["nuts", "peanuts"], "ef": ["eggs"],
    "sf": ["soybeans"],
}  # fmt: skip
SURELY_SHORT = rule(r"\b(?:[gd]f|cmp[ai])\b")
"""Beside one of these the others are no names of something else."""
GIFT = rule(r"\b(?:gifts?|presents?|birthday|anniversary|valentines?)\b(?! cake)")
"""Then it is a girlfriend's."""
ILL_FROM = rule(
    rf"\b{_LISTED} (?:(?:really |always |also )?(?:makes?|gives?|upsets?|hurts?|bothers?|kills?|triggers?)|(?:could|"
    rf"can|"
    rf"will|would|might) (?:kill|hurt|make|give)) {_SOMEBODY}(?: (?:feel |get |break |a |an |really |very |so |bad "
    rf")*(?:"
    r"sick|ill|nauseous|hives|rash(?:es)?|cramps|gas|bloated|(?:head|stomach) ?aches?|migraines?|swell(?: up)?|"
    r"itch(?:y)?|"
    r"out|throw up|vomit|stomach|heartburn|anaphylaxis|reactions?)\b|(?<=kill me)|(?<=kill him)|(?<=kill her)|"
    r"(?<=kill us)|(?<=kill them)|(?<=stomach)|(?<=tummy))"
)
"""`eggs give me hives`; what makes me happy is not avoided."""
KEPT_OUT = rule(rf"\b(?:keep|leave|take)(?: all| any)?(?: the)? {_LISTED} (?:out|off|away)\b(?: of (?:it|them))?")
SAFE = rule(rf"\b(?P<things>{_NAMED})[ -]safe\b")
SAFE_FOR = rule(
    rf"\b(?:safe|suitable|ok(?:ay)?) for (?:people with |someone with |a |an )?{_LISTED}[ -](?:allerg(?:y|ies)|"
    rf"intolerance)\b"
)
_OK = r"(?:ok(?:ay)?|fine|allowed|alright|all right|good|no problem|welcome|back|acceptable)"
ALLOWED = rule(
    rf"\b{_LISTED}(?: (?:is|are|would be|'s))?(?: (?:totally|also|perfectly))? {_OK}(?: (?:again|now|too|"
    rf"after all))?\b|"
    rf"\b(?:(?:i|it|they) (?:can|could|do) (?:have|eat|tolerate|contain)|(?:i'?m |am |we'?re )"
    rf"(?<!not )(?:ok(?:ay)?|fine|cool) with|(?<!not )allow(?:ing)?|permit|(?:i )?(?:don'?t|do not) (?:mind|"
    rf"worry about|care about)|bring back|put back|re-?add|add back|"
    rf"it'?s (?:ok(?:ay)?|fine|all right) (?:if|when|that|to have)(?: it| they)?(?: has| have| contains?)?|"
    rf"(?<!n't )(?<!not )(?<!dont )include|including|stop excluding|stop avoiding|no longer (?:avoid|"
    rf"exclude)(?:ing)?|(?:i'?m )?not allergic to|don'?t (?:avoid|exclude)|no need to (?:avoid|exclude))(?: the)? "
    rf"(?P<allowed>{_LIKED})(?: (?:again|back|too))?"
)
FORBIDDEN = rule(
    rf"\b{_LISTED} (?:(?:(?:(?:is|are|would be) )?(?:not|never)|(?:is|are)n'?t|(?:is|are) ?n[o']t) "
    r"(?:ok(?:ay)?|fine|allowed|good|acceptable|safe|an option)|(?:is|are) (?:out|off[ -]limits|(?:a )?no[ -]go|a no|"
    r"forbidden|banned|prohibited|deadly|dangerous|poison(?:ous)?|bad for \w+))\b|"
    rf"\b{_LISTED.replace('things', 'asked')} ?[:?=] ?(?:absolutely |definitely |please )?(?:no(?:ne|t|pe)?|never|"
    rf"avoid)"
    r"(?=\W*$|[,;.!])"
)
"""`peanuts are not ok`, `nuts? absolutely not`."""
TRACES = rule(
    rf"\b(?:(?:could|may|might|can) )?(?:(?:have |contain )?(?:some |small |possible )?traces?(?: of {_LIST})?|"
    rf"(?:may|might) contain {_LIST}) (?:is|are|would be) {_OK}\b"
)
"""Who may have traces takes nothing back: what contains it and what may cannot be told apart as surely."""
TRACES_COUNT = "Traces count as contained here, so what is avoided still is."
DROPPED = rule(
    rf"\b(?<!n't )(?<!dont )(?<!not )(?<!never )(?:forget|drop|remove|lift|lose|clear|cancel|undo|ignore|skip|scratch|"
    rf"scrap)(?: about)?(?: the| my| that| this)? "
    rf"(?P<allowed>{_LIKED})(?:[ -]free)? (?:things?|filters?|parts?|bit|restrictions?|"
    rf"requirements?|constraints?|rules?|exclusions?)\b"
)
"""`drop the gluten thing`: what is dropped is that it was avoided."""
DENYING = rule(rf"\b(?:{NEGATION}|non)(?: ?: ?|[ -])$")
WITHOUT_IT = rule(r"(?:without|sans|w/)")
ONE_OF_THEM = "Of nuts and of fish all or none are avoided; \u201cnuts are fine\u201d takes that back."
DENIED = rule(
    r"\b(?:no|not|nothing|none|never|without|exclud\w+|hid\w+|avoid\w*|rid|out|remov\w+|skip|drop|stop)\b|n't\b"
)
"""Where one of these stands shortly before, nobody knows whether it is wanted."""
FORGOTTEN = rule(
    rf"^\W*(?:(?:ok(?:ay)?|actually|and|just)\b,? )*(?:forget|never ?mind|ignore)(?: about)?(?: the)? "
    rf"(?P<allowed>{_LIKED})(?: too| please| now)?\W*$"
)
WITH = rule(
    rf"\b(?P<with>with|containing|contains|that has|that have|made with|full of)(?: added| some| extra|"
    rf" lots of)? (?P<allowed>{_LIKED})(?! ?\?)"
)
LEFTOVER = rule(
    r"\b(?:free of|free from|(?:does ?n'?t|do ?n'?t|does not|do not|must not|not) contain(?:ing)?(?: any)?|"
    r"containing no|(?:(?:i'?m|i am|is|are|who'?s|we'?re|who are) )?(?:allergic|intolerant) to|allergy to) "
    r"(?P<what>(?!(?:everything|anything|it|that|them|this|these|those|many|most|some|lots|all|so)\b)[a-z][a-z'-]*(?: "
    r"[a-z][a-z'-]*){0,2}?)(?= *(?:$|[,.;|!?]| (?:and|or|but|near|within|"
    r"under|in|for|with|that|please)\b))"
)
WITHOUT = rule(
    r"\b(?:(?:without|w/?out|w/o|not (?:from|by|made (?:by|in))|(?:anything|any brand|a brand|brands?) (?:but|except|"
    r"other than)|(?:but )?other than)(?: any| an?| the)? (?P<what>[a-z0-9][\w'-]*(?: [a-z0-9][\w'-]*){0,2}?)|"
    r"(?<!\.)no (?P<one>(?!(?:way|thanks?|thank|problem|worries|rush|idea|matter|more|one|name|bake|iron|show|drip|"
    r"exceptions?|limits?|preference|longer|need|artificial|chemicals|wait|delivery|shipping|online|pick|"
    r"stock)\b)[a-z][\w'-]{2,}))"
    r"(?= *(?:$|[,.;|!?)]| (?:and|or|but|near|within|under|over|in|for|with|that|please|below|between)\b))"
)
_KOSHER = rule(r"\bkosher (?:salt|dill|pickles?)\b|\borganic chemistry\b|\bcream of tartar\b|\bfree[- ]range\b")
REQUIRE = rule(
    rf"\b(?:(?:that(?:'s| is| are)|which (?:is|are)|must be|should be|has to be|have to be|needs? to be|make (?:it|"
    rf"them)|it'?s|they'?re|only|certified|labell?ed(?: as)?|with an? |suitable for|for|is|are|100%|strictly|fully|"
    rf"purely|all) ?)*"
    rf"(?P<trait>{either(DIETARY)})\b(?:[ -]certifi(?:ed|cation)|[ -](?:label(?:led|ed)?|seal|logo)|[ -](?:friendly|"
    rf"approved|only|ones?|options?|diet|people|products?|filter|part|bit|thing|requirement|constraint|restriction))*"
)
_WITHOUT_THE = re.compile(r"\bwithout(?: the| my)? *$", re.IGNORECASE)
_SPECIAL = tuple(word for word in DIETARY if re.search(r"\b(?:no[tn]?|without)\b|free|less\b|nongmo|nonfat", word))


_THING = rule(rf"\b(?:{THING})(?:\b|(?=-?fre|less))")


def things(listed: str, words: "dict[str, tuple[str, ...]]") -> tuple[list[str], list[str]]:
    """The slugs of allergens and of substances in a list such as `nuts, dairy and palm oil`."""
    allergens: list[str] = []
    substances: list[str] = []
    for found in _THING.finditer(listed):
        word = " ".join(found[0].lower().replace("-", " ").split())
        for slug in words.get(word, ()):
            allergens += [slug] if slug not in allergens else []
        if word not in words and (substance := SUBSTANCE.get(word)) and substance not in substances:
            substances.append(substance)
    return allergens, substances


def traits(text: Text, *, any_substance: bool = True) -> None:
    """Takes traits out of a text. `any_substance`: also those that no list here has (free of lanolin)."""
    kept: list[tuple[int, str]] = []
    for found in _KOSHER.finditer(text.left):  # names, not wishes: hidden while wishes are looked for
        kept.append((found.start(), found[0]))
    for start, name in kept:
        text.left = text.left[:start] + "\x00" * len(name) + text.left[start + len(name) :]
    text.left = NOR.sub(r"\1, no ", text.left)
    for _ in range(2):  # colors, flavors, or preservatives
        text.left = ARTIFICIAL.sub(r"\1artificial \2 \1artificial \3", text.left)
    text.left = NOT_ONLY.sub("", respelled(text.left))
    text.take(SPECIAL, lambda found: required(text, found))
    for pattern in (FORGOTTEN, DROPPED):
        text.take(pattern, lambda found: allowed(text, found))
    text.take(TRACES, lambda found: text.notes.append(TRACES_COUNT))
    text.take(ALLOWED, lambda found: allowed(text, found))
    text.take(FORBIDDEN, lambda found: avoided(text, found, AVOIDED))
    for pattern in (ILL_FROM, ILL, SAFE):
        text.take(pattern, lambda found: avoided(text, found, ALLERGIC))
    text.take(KEPT_OUT, lambda found: avoided(text, found, AVOIDED))
    text.take(SAFE_FOR, lambda found: avoided(text, found, ALLERGIC))
    text.take(
        BEFORE,
        lambda found: avoided(text, found, ALLERGIC if ILLNESS.search(found[0]) else AVOIDED),
    )
    text.take(FREE, lambda found: avoided(text, found, AVOIDED))
    text.take(REQUIRE, lambda found: required(text, found))
    text.take(WITH, lambda found: wanted(text, found))
    if any_substance:
        text.take(LEFTOVER, lambda found: text.set("avoid_substances", [slug_of(found["what"])]))
    text.take(WITHOUT, lambda found: without(text, found))
    for start, name in kept:
        text.left = text.left[:start] + name + text.left[start + len(name) :]


ARTIFICIAL = rule(
    r"\b(no |without |without any |free of |free from )artificial (colou?r(?:ing)?s?|flavou?r(?:ing)?s?|preservatives?)"
    r"(?:,? (?:or|and|nor) |, )(colou?r(?:ing)?s?|flavou?r(?:ing)?s?|preservatives?)\b"
)
"""`no artificial colors or flavors` is no artificial ones of both."""
NOR = rule(
    rf"\b((?:no|without(?: any)?|free of|free from) (?:added sugars?|sugar added|artificial \w+|preservatives?|"
    rf"additives?))(?:,? or|,? nor) (?:any )?(?=(?:{THING}|preservatives?|additives?|artificial)\b)"
)
"""`no added sugar or palm oil` is neither."""
NOT_ONLY = rule(r"\bnot (?:only|just|merely) (?=[^.;]*\b(?:but|too|also|as well)\b)")
"""`not only gluten free but also nut free` is both."""
ILLNESS = rule(r"allerg|intoler|sensitiv|anaphyla|reacts?\b|sick|\bill\b|hives|break|swell")
SPECIAL = rule(rf"\b(?P<trait>{either(_SPECIAL)})\b")
"""Wishes that are negations by themselves: `not tested on animals`."""


MILKY = rule(r"^[^|]*\b(?:milk|cheeses?|yogh?urts?|cream|butter|kefir|dairy)\b")
"""What is made of milk may be free of lactose, and then a claim says so."""


def avoided(text: Text, found: "re.Match[str]", words: "dict[str, tuple[str, ...]]") -> bool | None:
    groups = found.groupdict()
    if groups.get("coeliac") or groups.get("short"):
        if groups.get("short") and (not SURELY_SHORT.search(found.string) or GIFT.search(found.string)):
            return False
        listed: tuple[list[str], list[str]] = SAYS_SHORT.get((groups.get("short") or "gf").lower(), []), []
    else:
        listed = things(found.groupdict().get("asked") or found["things"], words)
    allergens, substances = listed
    if not allergens and not substances:
        return False
    if (
        "milk" in allergens
        and re.search(r"\blactose\b", found[0], re.IGNORECASE)
        and (MILKY.search(text.left[found.end() :]) or MILKY.search(text.left[: found.start()]))
    ):
        text.set("require_certifications", ["free_from_lactose"], found)
        return True
    # who forgets something without nuts does not forget the nuts
    sure = found.re is ILL_FROM.compiled or (WITHOUT_IT.match(found[0]) and not text.before(found, 1).endswith("not"))
    back = not sure and text.takes_back(found)
    said = groups.get("things") or ""
    if back and (also := re.search(r"\bfree ?,", said, re.IGNORECASE)):  # not gluten free, dairy free
        more = things(said[also.end() :], words)
        allergens, substances = things(said[: also.end()], words)
        put(text, *more, back=False)
    put(text, allergens, substances, back=back)
    return True


def put(text: Text, allergens: list[str], substances: list[str], *, back: bool) -> None:
    for key, slugs in (("exclude_allergens", allergens), ("avoid_substances", substances)):
        if slugs:
            text.unset(key, slugs) if back else text.set(key, slugs)


def allowed(text: Text, found: "re.Match[str]", *, sure: bool = True) -> bool | None:
    """`sure`: what is fine, rather than what is searched for. Then almonds take back no other nuts."""
    listed = found.groupdict().get("things") or found["allowed"]
    if found.groupdict().get("things") and DENYING.search(text.left[: found.start()]):
        *denied, listed = re.split(_AND, listed, flags=re.IGNORECASE)
        if not denied:
            return False  # no nuts is fine
        text.cut(found.start() + found[0].index(listed, len(denied[-1])), found.end())
        put(text, *things(listed, AVOIDED), back=True)
        return False  # what is denied before it stays to be read
    allergens, substances = things(listed, AVOIDED if sure else ALLERGIC)
    if sure and things(listed, ALLERGIC)[0] != allergens:
        text.notes.append(ONE_OF_THEM)
    put(text, allergens, substances, back=True)
    return bool(allergens or substances)


def wanted(text: Text, found: "re.Match[str]") -> bool:
    """`with nuts` is searched for, and what excluded them is taken back."""
    if not DENIED.search(text.before(found, 5)):
        allowed(text, found, sure=False)
    return False


def required(text: Text, found: "re.Match[str]") -> bool | None:
    word = " ".join(found["trait"].lower().split())
    slug = DIETARY.get(word) or DIETARY.get(word.replace("-", " "), "")
    if re.search(r"\bnon-?$", text.before(found, 1)) or re.search(
        r"\bnon[- ]$", text.left[: found.start()], re.IGNORECASE
    ):
        text.unset("require_certifications", [slug])
        text.cut(max(text.left.lower().rfind("non", 0, found.start()), 0), found.start())
        return True
    if without := _WITHOUT_THE.search(text.left[: found.start()]):
        text.unset("require_certifications", [slug])
        text.cut(without.start(), found.start())
        return True
    text.set("require_certifications", [slug], found)
    return True


def without(text: Text, found: "re.Match[str]") -> bool:
    """What a product is to be without and no rule knows: a word that its text must not have, as searches spell it."""
    what = (found["what"] or found["one"]).strip()
    if what.lower().split()[-1] in COLORS:
        return False
    text.found.setdefault("unwanted", []).append(f'-"{what}"' if " " in what else f"-{what}")
    return True
