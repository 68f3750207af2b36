"""What a text says: the rules in their order, and the words that are left.

The order matters: a rule sees what those before it have left. Numbers with a unit of length are distances before they
can be prices; what is avoided is found before what is required, and colours come after names that have one.
"""

import re
from dataclasses import replace

from closient_gql.core.gs1.gtin import GtinError, parse_gtin
from resolvers.search.constraints import colors, distances, offers, places, prices, topics, traits
from resolvers.search.constraints.model import Reading
from resolvers.search.constraints.text import TAKEN, Text

GTIN = re.compile(r"\bgtin ?: ?(?P<gtin>[0-9][0-9 -]*[0-9])", re.IGNORECASE)
_ABOUT = (
    r"(?: (?:about )?(?:that|it|this|those|them|all(?: of)?(?: that| this)?|everything|what i said|"
    r"the (?:last|previous) (?:one|search|query)))"
)
RESETS = re.compile(
    rf"\b(?:never ?mind{_ABOUT}?|nvm|(?:forget|scratch|scrap|ignore|drop|cancel){_ABOUT}|no,? wait|wait,? no|"
    rf"instead of [\w ]{{1,40}}?(?=,? (?:show|find|give|get|i |let|search|look))|start(?:ing)? (?:over|again|fresh|"
    rf"from scratch)|"
    r"new search(?: for)?|forget (?:about )?(?:the )?[^\W\d][\w ]{1,40}(?=[,;.])|search (?:for )?something else|"
    r"something (?:else|different)(?: entirely| altogether)?|reset(?: everything| all| (?:the |my )?(?:search|"
    r"filters))?|"
    r"clear (?:(?:all )?(?:of )?(?:the |my )?(?:filters?|constraints?)|everything|all)|begin again|let'?s (?:try|do|"
    r"look (?:for|"
    r"at)) (?:something else|another thing)|on second thought|"
    r"changed? my mind|different (?:topic|product|question)|now (?:i(?:'m| am)? (?:want|need|looking for)|show me|"
    r"find)|"
    r"actually,? (?:i(?:'d)? (?:want|need|like|prefer)|show me|find me|make that))\b",
    re.IGNORECASE,
)
CHANGED_MIND = re.compile(r"never ?mind|nvm|no,? wait|wait|on second|changed?|actually|now\b", re.IGNORECASE)
"""What begins anew only with something else to search for: `actually, I need them nut free` keeps what was said."""
UNREAD = re.compile(
    r"(?<!not )(?<!\bno )(?<!\bno food )\b(?:al+erg\w*|anaphyla\w*|intoleran\w*|c(?:o)?eliacs?)\b"
    r"(?![ -](?:relief|medic\w+|tablets?|pills?|spray|eye|"
    r"drops|tests?|season))",
    re.IGNORECASE,
)
NOT_UNDERSTOOD = (
    "Not understood: what must not be in it. Name it, such as \u201cno peanuts\u201d or \u201cmilk-free\u201d."
)
INSTEAD = re.compile(r"\b(?:instead|rather)\b(?! of\b)|\bswitch to\b", re.IGNORECASE)
REFINES = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|and|so|hmm|great|thanks|good|nice|cool)[, ]+)*(?:but|and|also|only|just|same|"
    r"with(?:out)?|for|in|under|below|over|the ones|ones|those|"
    r"make (?:it|them)|preferably|ideally|any of (?:them|those|these)|which (?:of|one)|of (?:those|these)|"
    r"from (?:those|these)|"
    r"narrow|filter|limit|restrict|sort|more|less|exclude|remove|hide|no|not|within|that|they|it (?:should|must|"
    r"needs)|do (?:any|they)|are (?:any|they)|is (?:it|there one))\b|"
    r"\b(?:something|anything|ones?) (?:with|that|in|made|for)\b|\b(?:as well|too|ones?|them|those|of these)\W*$",
    re.IGNORECASE,
)
_FILLER = (
    r"i take (?:it|that) back|no problem|"
    r"(?:can|could|would|will|do|did) you(?: please)?(?: help me)?(?: to)?|(?:please )?(?:show|find|get|give|bring|"
    r"recommend|suggest)(?: me)?(?: some| a few)?|"
    r"i(?:'m| am| was)? ?(?:just )?(?:also )?(?:looking|searching|hunting|shopping|after|want(?:ing)?|need|"
    r"would like|'d like|prefer|'d prefer|wanna|love|like)(?: (?:to (?:find|buy|get|see|have|eat|order|know)|for|"
    r"some))*|"
    r"we (?:want|need|are looking for)|do a search for|search(?: for)?|looking for|look for|find|where (?:can|could|"
    r"do|to) (?:i |we )?(?:find|buy|get|purchase)|where(?:'s| is| are)?|"
    r"who (?:has|sells|stocks|carries)|does anyone (?:have|sell)|which stores? (?:has|have|sells?|stocks?)|what(?:'?s|"
    r" is| are)|do you (?:have|know|sell)|do they have|are there(?: any)?|is there(?: any)?|"
    r"i have|i've got|(?:my |our )?(?:son|daughter|kid|child|children|wife|husband|partner|friend)s?(?: who)? "
    r"(?:can|could|(?:is|are) able to) (?:eat|have|drink|use)|(?:for )?(?:someone|somebody|anyone|anybody)|"
    r"my (?:son|daughter|kid|child|wife|husband|partner|friend|toddler|baby|mom|mum|dad|mother|father|brother|sister|"
    r"girlfriend|boyfriend|roommate|niece|nephew|guest)s?|it (?:has|needs) to be|(?:(?:please )?do ?n'?t forget|"
    r"remember)(?: that)?|(?:i'?m |we'?re )?trying to|(?:no )?i (?:mean|meant)|anymore|any ?more|important|essential|"
    r"required|a must|no exceptions|either|absolutely|definitely|whatsoever|asap|needs?|sells?|"
    r"budget[- ]friendly|apiece|per (?:pack|pound|lb|box|bottle|piece|item|unit|can|bag|jar)|"
    r"versions?|as long as(?: it'?s| there'?s| they'?re)?|if(?: possible)?|"
    r"(?:first|second|third|last|other|next) ones?|"
    r"to (?:buy|get|eat|find)|for (?:me|us|sale)|make (?:it|them)|what about|how about|maybe|perhaps|please|"
    r"thanks?(?: you)?|hi|hello|hey|ok(?:ay)?|yes|yeah|"
    r"something|anything|things?|some|any|the|a|an|ones?|it|its|it's|them|they|those|these|this|that(?:'?s| is| are)?|"
    r"which|is|are|am|be|was|"
    r"but|and|or|also|only|just|instead|rather|too|as well|with|for|of|in|at|on|to|from|by|so|then|now|today|tonight|"
    r"i|i'm|im|we're|i'd rather(?: have| get| buy| eat)?|make that|(?:any|whatever|whichever) brand|"
    r"brand does ?n'?t matter|each|range|stay|keep|stuff|me|my|we|us|you|"
    r"should|must|has|have|had|can|could|would|like|same|still|even|really|very|preferably|ideally|actually|all|"
    r"option|options|products?|items?|price[ds]?|cost(?:s|ing)?|budget|store|stores|shop|shops|"
    r"not|no|n't|don't|do|does|doesn't|if possible|somewhere|there|here|within|near|around|away|more|less|than|(?<!\d "
    r")up|"
    r"cheap|affordable|inexpensive|buy|sold|sell|selling|available|contain(?:s|ing)?|made|let's|lets|about|switch|"
    r"want|need|show|see|them all|what|and not|good|best|recommend|results?|between|average(?:ly)?[- ]priced?|"
    r"(?:for (?:my|our|a|the) [\w-]+ )?who|(?:that(?:'s| is| are) )?safe|extend|expand|widen|"
    r"increase"
)
_FIRST = re.compile(rf"^(?:{_FILLER})(?![\w'&-])[\s,.;:!?]*", re.IGNORECASE)
_LAST = re.compile(rf"[\s,.;:!?]*(?<![\w'&-])(?:{_FILLER})$", re.IGNORECASE)
_TOUCHING = re.compile(r"^[\s,.;:!?()\[\]&/+-]+|[\s,.;:!?()\[\]&/+-]+$")
_APART = re.compile(rf"[{re.escape(TAKEN)}]+|(?<=\w)[.!?] +(?=[A-Z])")
PLAIN_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


RULES = (
    topics.topics, topics.not_known, distances.distances, distances.here, places.codes_named, prices.prices,
    traits.traits, offers.offers, topics.relations, colors.said_colors, places.places, colors.colors,
)  # fmt: skip


def read(text: str) -> Reading:
    """What one text says. Never fails; what no rule knows are words to search for."""
    found = Text(text)
    found.take(GTIN, lambda match: gtin(found, match))
    if "gtin" in found.found or "problem" in found.found:
        return found.reading("")
    for rule in RULES:
        rule(found)
    found.take(RESETS, lambda match: reset(found, match))
    if UNREAD.search(found.left):
        found.notes.append(NOT_UNDERSTOOD)
    refines = bool(REFINES.search(text.strip()))
    unwanted = found.found.pop("unwanted", [])
    words = " ".join([what_is_left(found.left), *unwanted]).strip()
    if INSTEAD.search(text) and PLAIN_WORD.search(what_is_left(found.left)):
        found.found["resets"] = True
    reading = replace(found.reading(words), refines=refines or bool(found.relations))
    return replace(reading, resets=False) if found.maybe and reading.narrows and not words else reading


def reset(text: Text, found: "re.Match[str]") -> bool:
    """Whether it begins anew: surely, or if it names something else."""
    text.maybe = bool(CHANGED_MIND.match(found[0])) and (text.maybe or "resets" not in text.found)
    text.found["resets"] = True
    return True


def gtin(text: Text, found: "re.Match[str]") -> bool | None:
    try:
        text.found["gtin"] = parse_gtin(found["gtin"])
    except GtinError as error:
        text.found["problem"] = f"names a GTIN that is none: it {error}"
    return True


def what_is_left(left: str) -> str:
    """The words between what was taken, without filler at their ends; what a sentence only says again is left out."""
    found: list[str] = []
    for part in map(trimmed, _APART.split(left)):
        if part and not (found and set(part.lower().split()) <= set(" ".join(found).lower().split())):
            found.append(part)
    return " ".join(found)


def trimmed(part: str) -> str:
    while True:
        shorter = _TOUCHING.sub("", _LAST.sub("", _FIRST.sub("", _TOUCHING.sub("", part))))
        if shorter == part:
            return part
        part = shorter
