"""The hits around a place as a drawing: no tiles, no other server. North is up, distances are true from the middle.

An azimuthal equidistant projection: each store stands in its true direction at its true distance, also beyond the
antimeridian and at the poles (J. P. Snyder, Map Projections: A Working Manual, 1987, chapter 25, on the sphere).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, radians, sin

from closient_gql.server.pages import Html, fill

SIZE, EDGE = 400, 26
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
NAMES = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest")
MAP = """<svg viewBox="0 0 $size $size" role="group" aria-label="$label">
$rings<circle class="me" cx="$middle" cy="$middle" r="5"><title>$here</title></circle>$marks</svg>"""
RING = '<circle class="ring" cx="$middle" cy="$middle" r="$r"/><text class="scale" x="$middle" y="$y">$text</text>'
MARK = """<a href="#hit-$first" aria-label="$label"><circle class="$kind" cx="$x" cy="$y" r="13"/>
<text x="$x" y="$y" dy="4.5">$first</text><title>$label</title></a>"""


@dataclass(frozen=True)
class Mark:
    """A store with hits: the number of its first one, and how many."""

    number: int
    count: int
    name: str
    latitude: float
    longitude: float
    distance_km: float
    in_stock: bool


def direction(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """In which direction one sets out: radians from north, clockwise."""
    here, there, turn = radians(latitude), radians(to_latitude), radians(to_longitude - longitude)
    return atan2(sin(turn) * cos(there), cos(here) * sin(there) - sin(here) * cos(there) * cos(turn))


def draw(latitude: float, longitude: float, place: str, marks: Sequence[Mark]) -> Html:
    """The map; empty without anything to show."""
    if not marks:
        return Html()
    furthest = max(mark.distance_km for mark in marks)
    scale = (SIZE / 2 - EDGE) / max(furthest, STEPS[0])
    here = place or "You are here"
    drawn = [marker(latitude, longitude, mark, scale) for mark in reversed(marks)]  # the nearest on top
    stores = "1 store" if len(marks) == 1 else f"{len(marks)} stores"
    return fill(
        MAP, size=str(SIZE), middle=f"{SIZE / 2:g}", label=f"Map of {stores} around {place or 'you'}, north is up",
        here=here, rings=rings(furthest, scale), marks=Html("".join(drawn)),
    )  # fmt: skip


def rings(furthest: float, scale: float) -> Html:
    """A few circles at round distances."""
    step = max((step for step in STEPS if step <= furthest / 2), default=STEPS[0])
    found = []
    for n in range(1, 6):
        r = step * n * scale
        if r <= SIZE / 2 - 2:
            y, text = f"{SIZE / 2 - r + 12:.1f}", f"{step * n:g} km"
            found.append(fill(RING, middle=f"{SIZE / 2:g}", r=f"{r:.1f}", y=y, text=text))
    return Html("".join(found))


def marker(latitude: float, longitude: float, mark: Mark, scale: float) -> Html:
    angle = direction(latitude, longitude, mark.latitude, mark.longitude)
    x, y = SIZE / 2 + sin(angle) * mark.distance_km * scale, SIZE / 2 - cos(angle) * mark.distance_km * scale
    where = NAMES[round(angle / radians(45)) % 8] if hypot(x - SIZE / 2, y - SIZE / 2) > 1 else "here"
    more = f" and {mark.count - 1} more" if mark.count > 1 else ""
    label = f"Hit {mark.number}{more}: {mark.name}, {mark.distance_km:.2f} km {where}"
    kind = "there" if mark.in_stock else "maybe"
    return fill(MARK, first=str(mark.number), label=label, kind=kind, x=f"{x:.1f}", y=f"{y:.1f}")
