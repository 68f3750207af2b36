"""Lots in the words of notices: "Lot numbers 123, 124 and 130-140", "all lots except 7A", "lots beginning with 23".

A reader walks over the words. It looks for "lot" or "batch", and from there takes codes as long as the text goes on
like a list: separators, "and", "through", dates of expiry, remarks in brackets. The first word that fits none of these
ends the list. A text that never says "lot" is a list from its beginning. Rather one lot too many than one too few, but
never words, quantities, dates or article numbers for lots.
"""

import re
from dataclasses import dataclass, field, replace

from resolvers.compliance.lot_words import (
    AFTER_MODE,
    ALL,
    CODES,
    CONNECTORS,
    CONTAINS,
    DATE,
    DATE_WORDS,
    DATES,
    DOWNWARDS,
    FILLERS,
    KEYWORDS,
    LABELS,
    LONGEST_REMARK,
    MAY_BE_A_LOT,
    MOST_JOINED,
    MOST_SKIPPED,
    PREFIX,
    RANGES,
    STOPS,
    SUFFIX,
    UNITS,
    UPWARDS,
    Word,
    words_of,
)
from resolvers.compliance.lots import LONGEST, Lots, is_range, normal, wild

ALIKE = re.compile(r"([A-Z]+)[0-9]+-\1[0-9]+", re.ASCII)  # A1-A10
PLAIN = re.compile(r"[A-Z]{0,2}[0-9]+[A-Z]?", re.ASCII)  # most lots of most lists: there is nothing to read in them
EXCEPT = re.compile(
    r"(?<!\w)(?:except(?:ing)?(?: for)?|exclud(?:ing|es?)|other than|(?:but )?not including|do(?:es)? not include|"
    r"with the exception of|but not)(?!\w)(?P<what>(?:[^.;\n]|\.(?=\S))*)",
    re.IGNORECASE,
)
AGAIN = re.compile(r",\s*(?=(?:all\s+)?(?:lots?|batch(?:es)?)\b)", re.IGNORECASE)  # excluding lot 5, lots 1 to 9


def read_item(text: str) -> Lots:
    """One entry of a list of lots: a code as it is, and what its words say."""
    code = normal(text)
    if PLAIN.fullmatch(code):
        return Lots(frozenset((code,)))
    found = read_text(text)
    if wild(code) or len(code) > LONGEST:
        return found
    return replace(found, exacts=found.exacts | {code})


def read_text(text: str) -> Lots:
    """What a text says of lots; nothing, where it says nothing of them."""
    whole, besides = text, Lots()
    if found := EXCEPT.search(text):
        first = found["what"] if text[: found.start()].strip() else AGAIN.split(found["what"], 1)[0]
        whole = text[: found.start()] + text[found.start("what") + len(first) :]
        besides = Reader(first).lots()
    lots = Reader(whole).lots(or_all=bool(besides))
    return without(lots, besides) if besides else lots


def without(lots: Lots, besides: Lots) -> Lots:
    """What is left. What was never among them cannot be left out: `lots 1-5, excluding lot 3, and lots 7-9`; and what
    is named by itself is not: `Lots other than 5 are not affected. Lot 5 is.`"""
    strays = frozenset(code for code in besides.exacts if code in lots.exacts or not lots.covers(code))
    others = tuple(pair for pair in besides.ranges if not any(end and lots.covers(end) for end in pair))
    left_out = replace(
        besides, exacts=besides.exacts - strays, ranges=tuple(pair for pair in besides.ranges if pair not in others)
    )
    return replace(lots, exacts=lots.exacts | strays, ranges=lots.ranges + others, besides=left_out or None)


@dataclass
class Reader:
    """Walks over the words once. The state is where in the list it is."""

    text: str
    exacts: set[str] = field(default_factory=set)
    ranges: list[tuple[str | None, str | None]] = field(default_factory=list)
    prefixes: list[tuple[str, str]] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    every: bool = False

    def __post_init__(self) -> None:
        self.words = words_of(self.text)
        self.keywords = KEYWORDS if any(w.low in KEYWORDS for w in self.words) else CODES
        self.bare = not any(w.low in self.keywords for w in self.words)
        self.listing = self.bare  # whether it is in a list of lots
        self.plural = False  # whether it is said to be one of several
        self.reset()

    def reset(self) -> None:
        self.mode = ""  # prefix, suffix, contains
        self.run: list[str] = []  # codes that stand side by side
        self.left: list[str] | None = None  # the run before "through"
        self.between = False
        self.some = False  # whether this list has had a code
        self.with_digits = False
        self.all = False
        self.dated = ""  # "word": right behind a word for dates; "date": behind a date; "": not among dates
        self.separated = True
        self.opened = False  # "through 140" with nothing before it

    def lots(self, or_all: bool = False) -> Lots:
        """`or_all`: what says nothing means every lot, because some are left out."""
        at = 0
        while at < len(self.words):
            at = self.step(at)
        self.finish()
        lots = Lots(frozenset(self.exacts), tuple(self.ranges), tuple(self.prefixes), tuple(self.patterns), self.every)
        return Lots(every=True) if or_all and not lots else lots

    # --- one word after another; each step says where the next one begins

    def step(self, at: int) -> int:
        word = self.words[at]
        if word.low in self.keywords:
            return self.keyword(at)
        if not self.listing:
            return at + 1
        if self.dated and self.date(word, at):
            return at + 1
        if word.low in DATES and not (word.digits or self.standing(at)):
            self.flush()
            self.dated, self.separated = "word", False
            return at + 1
        if word.low in "([{":
            return self.bracket(at)
        if word.low in ")]}":
            return at + 1
        if word.ends or word.low in CONNECTORS:
            return self.separator(at)
        if word.low in RANGES:
            return self.through(at)
        if word.low in PREFIX | SUFFIX | CONTAINS:
            return self.set_mode(word, at)
        if self.mode and not word.digits and word.low in AFTER_MODE:
            return at + 1
        if word.low in ALL and not self.some:
            self.all = True
            return at + 1
        if word.low == "between":
            self.between = True
            return at + 1
        if self.run and word.low in UPWARDS | DOWNWARDS:
            self.open_range(word.low in UPWARDS)
            return at + 1
        if self.is_code(at):
            return self.code(at)
        if self.announced(at):
            return at + 1
        if word.low in FILLERS or word.low == "#" or (word.low in LABELS and not self.some):
            return at + 1
        if not self.some and (colon := self.colon(at)):
            return colon
        self.finish()
        self.listing = False
        return at + 1

    def colon(self, at: int) -> int:
        """Where the codes are that a sentence announces: `Lot numbers are printed on the bottom: 77A`; 0: nowhere."""
        for n in range(at, min(at + MOST_SKIPPED, len(self.words))):
            if self.words[n].low == ":":
                return n
            if self.words[n].ends or self.words[n].digits or self.words[n].low in self.keywords:
                break
        return 0

    def keyword(self, at: int) -> int:
        self.plural = "s" in {w.low[-1] for w in self.words[at : at + 2]}  # lots, lot numbers
        before = {w.low for w in self.words[max(0, at - 6) : at]}
        all_ = any(w.low in ALL for w in self.words[max(0, at - 3) : at] if not w.ends)
        waiting, mode, opened = self.left, self.mode if not self.some else "", self.opened
        between = self.between or (at > 0 and self.words[at - 1].low == "between")
        if before & {"digits", "characters", "letters", "numbers"} and before & {"first", "last"}:
            mode = "prefix" if "first" in before else "suffix"  # the first three digits of the lot code are
        if waiting is None and not opened:
            self.finish()
        some, digits = self.some, self.with_digits
        self.reset()
        self.left, self.between, self.mode, self.all, self.listing = waiting, between, mode, all_, True
        self.opened = opened
        if waiting is not None:
            self.some, self.with_digits = some, digits
        return at + 1

    def date(self, word: Word, at: int) -> bool:
        """Whether the word belongs to a date of expiry or the like."""
        if word.low in DATE_WORDS or word.low in DATES or word.low in FILLERS:
            if word.low in CONNECTORS:
                self.dated = "again"
            return True
        behind = self.dated in ("word", "again") or not self.separated
        if DATE.fullmatch(word.text) and (not MAY_BE_A_LOT.fullmatch(word.text) or behind):
            self.dated, self.separated = "date", False
            return True
        if word.ends:
            self.separated = True
            return word.low != "\n" or self.dated == "word"
        if word.low in "()[]{}":
            self.separated = True
            return False
        if self.separated or word.low in CONNECTORS or not word.digits:
            self.dated = ""
            return False
        return True  # more of the date, such as a time of day

    def bracket(self, at: int) -> int:
        """A remark in brackets behind a code is passed over, unless it speaks of lots; before codes it holds them."""
        last = min(at + LONGEST_REMARK, len(self.words))
        end = next((n for n in range(at, last) if self.words[n].low in ")]}"), last)
        inside = self.words[at + 1 : end]
        if (self.some or self.run) and not any(w.low in self.keywords for w in inside):
            self.flush()
            return end + 1
        return at + 1

    def separator(self, at: int) -> int:
        word, after = self.words[at], self.words[at + 1].low if at + 1 < len(self.words) else ""
        if word.low in CONNECTORS and self.run and after in UPWARDS | DOWNWARDS:
            self.open_range(after in UPWARDS)
            return at + 2
        if word.low == "and" and self.between and self.run:
            self.left, self.run, self.between = self.run, [], False
            return at + 1
        if self.left is not None and not self.run and word.low in CONNECTORS:
            return at + 1  # through and including
        self.flush()
        self.separated = True
        return at + 1

    def open_range(self, upwards: bool) -> None:
        end, self.run = "".join(self.run), []
        self.ranges.append((end, None) if upwards else (None, end))

    def announced(self, at: int) -> bool:
        """Whether the word only leads to a code: `a lot code of 0246`, `beginning with a 4`."""
        word, before = self.words[at], self.words[at - 1].low if at else ""
        coming = at + 1 < len(self.words) and self.words[at + 1].code is not None
        if word.low == "of":
            return coming and self.words[at + 1].digits and before in FILLERS | LABELS and not self.some
        return word.low == "a" and bool(self.mode) and coming

    def through(self, at: int) -> int:
        if self.run:
            self.left, self.run = self.run, []
        elif self.left is None and not self.some:
            self.opened = True
        return at + 1

    def set_mode(self, word: Word, at: int) -> int:
        self.flush()
        self.mode = "prefix" if word.low in PREFIX else "suffix" if word.low in SUFFIX else "contains"
        return at + 1

    def standing(self, at: int) -> bool:
        """Whether a word without digits stands where a code would: between separators, or at an end of a range."""
        before = self.words[at - 1].low if at else ","
        after = self.words[at + 1] if at + 1 < len(self.words) else None
        ended = after is None or after.ends or after.low in RANGES or after.low in CONNECTORS or after.low in ")]}"
        return ended and (self.left is not None or before in RANGES)

    def in_brackets(self, at: int) -> bool:
        return any(word.low == "(" for word in self.words[max(0, at - 12) : at])

    def is_code(self, at: int) -> bool:
        word = self.words[at]
        if word.code is None or len(word.code) > LONGEST:
            return False
        after = self.words[at + 1] if at + 1 < len(self.words) else None
        if word.digits:
            listed = after is not None and after.low == ")" and len(word.code) <= 2 and not self.in_brackets(at)
            return not (listed or (after and after.low in UNITS and word.code.isdigit()))
        if wild(word.code):
            return word.code.strip("*?") != "" or len(word.code) > 1
        if word.low in STOPS or word.low in FILLERS or word.low in LABELS or "/" in word.low:
            return False
        if word.text.isupper() and len(word.code) <= 4 and after is not None and after.digits:
            return True  # L 1234
        if self.left is not None:
            return len(word.code) == len("".join(self.left))
        if after is not None and after.low in RANGES:
            behind = self.words[at + 2] if at + 2 < len(self.words) else None
            while behind is not None and (behind.low in self.keywords or behind.low in FILLERS):
                at += 1
                behind = self.words[at + 2] if at + 2 < len(self.words) else None
            return behind is not None and behind.code is not None and len(behind.code) == len(word.code)
        if self.mode:
            return word.text.isupper() or after is None or after.ends or after.low in CONNECTORS
        if self.run:  # 1234 A
            return word.text.isupper() and len(word.code) <= 2
        ended = after is None or after.ends or after.low in CONNECTORS or after.low in "([{"
        short = len(word.code) <= (3 if self.bare else 12 if word.text.isupper() else 4) or len(self.words) == 1
        return (
            ended and short and not self.with_digits and (not self.bare or word.text.isupper() or len(self.words) == 1)
        )

    def code(self, at: int) -> int:
        word = self.words[at]
        assert word.code
        self.run.append(placeholders(word))
        self.some, self.separated = True, False
        self.with_digits = self.with_digits or word.digits
        return at + 1

    # --- what was collected becomes lots

    def flush(self) -> None:
        run, left = self.run, self.left
        self.run, self.left = [], None
        if left is not None and run:
            self.add_range(left, run)
        elif left is not None:
            self.add_run(left)
        elif run and self.opened and not self.mode:
            self.ranges.append((None, "".join(run)))
        elif run:
            self.add_run(run)
        if run:
            self.opened = False

    def finish(self) -> None:
        self.flush()
        if self.all and not self.some and (not self.bare or len(self.words) == 1):
            self.every = True
        self.all = False

    def add_range(self, left: list[str], right: list[str]) -> None:
        low, high = "".join(left), "".join(right)
        if self.mode == "prefix" and is_range(low, high):
            self.prefixes.append((low, high))
        elif not self.mode and not wild(low + high) and is_range(low, high):
            self.ranges.append((low, high))
            if len(left) == len(right) > 1:
                self.ranges.append((" ".join(left), " ".join(right)))
                if left[:-1] == right[:-1] and is_range(left[-1], right[-1]) and any(c.isdigit() for c in left[-1]):
                    self.ranges.append((left[-1], right[-1]))
        else:  # nothing lies between them, but both are named
            self.add_run(left)
            self.add_run(right)

    def add_run(self, run: list[str]) -> None:
        """Codes side by side: a list without commas, or one code that is printed with spaces. It counts as both."""
        for part in run:
            if len(run) == 1 or any(c.isdigit() for c in part):
                self.add_code(part)
        if 1 < len(run) <= MOST_JOINED and not wild("".join(run)):
            self.exacts |= {"".join(run), " ".join(run)}

    def add_code(self, code: str) -> None:
        if self.mode == "prefix":
            self.prefixes.append((code.rstrip("*"), code.rstrip("*")))
        elif self.mode:
            self.patterns.append(f"*{code.strip('*')}" + "*" * (self.mode == "contains"))
        elif wild(code):
            self.patterns.append(code)
        else:
            self.exacts.add(code)
            if code.endswith("+"):
                self.ranges.append((code[:-1], None))
            self.inside(code)

    def inside(self, code: str) -> None:
        """What one word may say besides being a code: a range by a hyphen, several codes by slashes."""
        parts = code.split("-")
        half = len(parts) // 2
        if len(parts) % 2 == 0:
            low, high = "-".join(parts[:half]), "-".join(parts[half:])
            if low and low != high and is_range(low, high) and (self.bare <= any(c.isdigit() for c in low)):
                self.ranges.append((low, high))
            elif ALIKE.fullmatch(code) or (
                self.plural and low.isdigit() and high.isdigit()
            ):  # nothing lies between ends of two lengths, but both are named
                self.exacts |= {low, high}
        several = code.split("/")
        if len(several) > 1 and len({len(each) for each in several}) == 1 and len(several[0]) > 2:
            for each in several:
                if any(c.isdigit() for c in each):
                    self.exacts.add(each)


def placeholders(word: Word) -> str:
    """`2105XX` and `2105x` stand for any characters in the place of the x."""
    assert word.code
    if not word.digits:
        return word.code
    if re.search("XX", word.code) or re.search(r"(?<=\d)x\b", word.text):
        return re.sub("X+$|XX+", lambda run: "?" * len(run[0]), word.code)
    return word.code
