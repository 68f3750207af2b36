"""Check digits and check characters (GS1 General Specifications, sections 7.9.1 and 7.9.5; ISO 13616 for IBANs)."""

CSET82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""The characters of AI values, in the order of their values (General Specifications, figure 7.11-1)."""
CSET32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""The characters that check pairs are written in."""

_VALUES = {character: value for value, character in enumerate(CSET82)}
LONGEST_PAIRED = 99  # characters, its pair included: there are that many primes


def _primes(count: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return found


_PRIMES = _primes(LONGEST_PAIRED - 2)
# The weighted sum of four digits, modulo 10, for the weights 3 1 3 1: numbers are checked four digits at a time.
_FOURS = {f"{n:04}": (3 * (n // 1000 + n // 10 % 10) + n // 100 % 10 + n % 10) % 10 for n in range(10_000)}
_TWOS = {f"{n:02}": (3 * (n // 10) + n % 10) % 10 for n in range(100)}


def check_digit(body: str) -> str:
    """The check digit of `body`: all digits of a GTIN, GLN, SSCC or other numeric key, but its last.

    From the right, digits weigh 3 and 1 in turn; the check digit makes the sum a multiple of ten.
    """
    digits = [*map(int, body)]
    return str(-(3 * sum(digits[-1::-2]) + sum(digits[-2::-2])) % 10)


def check_digit_fits(digits: str) -> bool:
    """Whether the last of these ASCII digits is the check digit of the others."""
    digits = digits.zfill(len(digits) + -len(digits) % 4)  # zeros on the left change nothing
    return not sum([_FOURS[digits[at : at + 4]] for at in range(0, len(digits), 4)]) % 10


def gtin14_fits(text: str) -> bool:
    """Whether this is 14 ASCII digits with the right check digit; unrolled, because it is what is asked most."""
    try:
        total = _TWOS[text[:2]] + _FOURS[text[2:6]] + _FOURS[text[6:10]] + _FOURS[text[10:]]
    except KeyError:
        return False
    return not total % 10


def check_pair(body: str) -> str:
    """The two check characters of a Global Model Number or another alphanumeric key without them.

    Characters weigh the primes, 2 for the last; the sum modulo 1021 is written in base 32.

    Raises:
        KeyError: a character is not one of the 82.
        IndexError: the body is longer than 97 characters.
    """
    if len(body) > len(_PRIMES):
        raise IndexError("too long for check characters")
    total = sum(_VALUES[c] * prime for c, prime in zip(reversed(body), _PRIMES, strict=False)) % 1021
    return CSET32[total >> 5] + CSET32[total & 31]


def iban_fits(iban: str) -> bool:
    """Whether the check digits of an IBAN of digits and capital letters are right (ISO 7064, MOD 97-10)."""
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1
