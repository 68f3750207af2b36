"""Whether something holds today: pure rules of validity. Days are those of UTC, both ends included."""

from datetime import UTC, date, datetime

from closient_gql.core.models.certifications import VerificationStatus


def today() -> date:
    return datetime.now(UTC).date()


def active(valid_from: date | None, expiration_date: date | None, day: date) -> bool:
    """Whether `day` lies inside; null bounds are open."""
    return (valid_from is None or valid_from <= day) and not ended(expiration_date, day)


def ended(expiration_date: date | None, day: date) -> bool:
    return expiration_date is not None and expiration_date < day


def status(stored: str, expiration_date: date | None, day: date) -> VerificationStatus:
    """What is shown of a verification: what has run out is expired, at once and not when a job says so."""
    if ended(expiration_date, day):
        return VerificationStatus.EXPIRED
    return VerificationStatus(stored)  # type: ignore[call-arg]
