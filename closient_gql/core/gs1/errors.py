"""What can be wrong with GS1 data, and where."""

from typing import NamedTuple

from closient_gql.core.gs1.messages import MESSAGES


class Fault(NamedTuple):
    """What a linter finds: a code of `messages.MESSAGES`, and the part `value[start:end]` that is wrong."""

    code: str
    start: int
    end: int

    def shifted(self, by: int) -> "Fault":
        return Fault(self.code, self.start + by, self.end + by)


class Gs1Error(ValueError):
    """GS1 data that is not what it should be. The message is for the person who wrote it.

    Attributes:
        code: a stable name of what is wrong, in capitals.
        ai: the Application Identifier whose value is wrong, if it is one.
        start, end: where in that value, or in the whole text where `ai` is None; None where it is wrong as a whole.
    """

    def __init__(
        self, code: str, message: str | None = None, *, ai: str | None = None, start: int | None = None,
        end: int | None = None,
    ) -> None:  # fmt: skip
        self.code, self.ai, self.start, self.end = code, ai, start, end
        self.message = message or MESSAGES[code]
        super().__init__(f"AI ({ai}): {self.message}" if ai else self.message)


def faulty(fault: Fault, ai: str) -> Gs1Error:
    """The error of a value in which a linter found something."""
    return Gs1Error(fault.code, ai=ai, start=fault.start, end=fault.end)
