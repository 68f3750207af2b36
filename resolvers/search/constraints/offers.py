"""Stock, opening hours and scope: where it is to be had."""

import re
from typing import Any

from resolvers.search.constraints.model import Availability, Scope
from resolvers.search.constraints.text import Text, rule

_ALSO = r"(?: (?:only|please|right now|now|today|currently))*"
IN_STOCK = rule(
    rf"\b(?:only )?(?:(?:that|which|if|when|and|they|it)? ?(?:is|are|'s|'re|has|have|have it|it'?s|they'?re|"
    rf"i can get)? ?)"
    rf"(?:(?:actually |really |currently |definitely )?(?:in[- ]stock|available (?:now|today|right now|immediately|"
    rf"in (?:a )?stores?)|"
    rf"on (?:the )?shel(?:f|ves)|not (?:out of stock|sold out)|immediately available|stocked|really have (?:it|"
    rf"them))){_ALSO}"
    r"|\b(?:(?:that|which) (?:is|are)|only|must be|currently) available\b|\bavailable only\b|\bavailability\b"
)
IN_STOCK_ALONE = rule(
    r"\b(?:no|hide|exclude|excluding|without|skip|remove|nothing|not|don'?t show(?: me)?)(?: the| any| that(?:'s| is|"
    r" are))* "
    r"(?:out[ -]of[ -]stock|sold[ -]out)(?: (?:ones?|items?|products?))?\b|^\W*available\W*$"
)
NO_STOCK_NEEDED = rule(
    r"\b(?:(?:even|also)?(?: if| when)?(?: it'?s| it is| they'?re)?|include|including|show)[ -]*(?:also )?"
    r"(?:out[ -]of[ -]stock|sold[ -]out|not in stock|closed)(?: (?:ones?|items?|products?|stores?))?"
    r"(?: too| as well| (?:is|are) (?:ok(?:ay)?|fine))?(?= *(?:$|[,.;|]| (?:and|but)\b))"
)
OPEN = rule(
    r"\b(?:(?:at|from|in) )?(?:(?:a |the )?(?:stores?|shops?|places?) )?(?:(?:that|which)(?:'s|'re| is|"
    r" are)? )?(?:(?:are|is|'s) )?"
    r"(?:(?:currently|still|now) open|open(?:ed)? (?:right now|now|at the moment|at this (?:hour|time)|currently|"
    r"still)|(?<=that is )open|(?<=that are )open|"
    r"(?<=that's )open|(?<=must be )open)\b|\bopen (?:stores?|shops?)(?: only)?\b|\b(?:(?:is|are|be)(?: it| they| "
    r"this| that)? open|(?:it|that|"
    r"they)(?:'s|'re) open)\b(?! to)"
)
LOCAL = rule(
    r"\b(?:(?:from |at |in )?(?:a |the )?local(?:ly)?(?: (?:stores?|shops?|only|retailers?|available))*|"
    r"in[- ](?:a )?(?:physical )?stores?(?: only| nearby)?|"
    r"(?:in|at) (?:a )?(?:real|physical|brick[- ]and[- ]mortar) (?:stores?|shops?)|in person|brick[- ]and[- ]mortar|"
    r"physical stores?(?: only)?|"
    r"(?:(?:no|not|nothing|without|exclude) (?:in |the )?(?:online|internet|web|delivery|shipping|delivered|"
    r"shipped)(?: (?:stores?|shops?|offers?|"
    r"results?))?)|"
    r"(?:for |store |in[- ]store )?pick[- ]?up(?: (?:today|only|in store))?|offline(?: only)?|only (?:in )?stores?|"
    r"stores? only)\b"
)
ONLINE = rule(
    r"\b(?:(?:only |just |buy |order |shop |available )?online(?: (?:only|stores?|shops?|offers?|ones?|alternatives?|"
    r"please))*|on the (?:web|internet)|web only|"
    r"(?:with |for |free |home |same[- ]day )?(?:home )?deliver(?:y|ed)(?: (?:only|to (?:me|my (?:home|door|house))))?|"
    r"can be (?:shipped|delivered|sent)|(?:that )?ship(?:s|ped|ping)?(?: (?:to (?:me|my (?:home|house|door))|"
    r"included))|free shipping|mail[- ]order|"
    r"(?:not|no|nothing) (?:in|from) (?:a )?(?:physical |local )?stores?|not local(?:ly)?)\b"
)
ONLINE_NOT_LOCAL = rule(
    r"\b(?:(?:not|no|nothing) (?:in|from) (?:a |the )?(?:physical |local )?(?:stores?|shops?)|not local(?:ly)?|"
    r"online,? not (?:in stores?|local(?:ly)?))\b"
)
BOTH = rule(
    r"\b(?:(?:online|local(?:ly)?|in[- ]stores?) (?:or|and) (?:online|local(?:ly)?|in[- ]stores?|off ?line)|(?:also |"
    r"include |including |even )+(?:the )?online(?: (?:stores?|offers?|ones?|results?))?|"
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
    text.take(IN_STOCK_ALONE, lambda found: wanted.append(Availability.IN_STOCK))
    text.take(NO_STOCK_NEEDED, lambda found: text.unset("availability") if found[0].strip() else False)
    text.take(IN_STOCK, stock)
    text.take(OPEN, opening)
    if wanted:
        both = len(set(wanted)) > 1
        text.add["availability"] = (Availability.BOTH if both else wanted[0]).value
