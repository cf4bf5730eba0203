"""What a chart is made of.

Across, everything is in per cent of the plot, so that one drawing fits any width without its words shrinking; down, in pixels.
A ``look`` is a class of the style sheet, which has the colour and the pattern. ``tip`` is what a mark says by itself.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis. One that is ``is_minor`` has no room on a narrow page."""

    at: float
    label: str
    is_minor: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    look: str
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    look: str
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A dot that leads somewhere."""

    x: float
    y: float
    look: str
    tip: str
    url: str


@dataclass(frozen=True, slots=True)
class Note:
    """A word in the plot."""

    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Key:
    """What a look means."""

    look: str
    label: str
    is_line: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing with its name, what it shows in one sentence, its axes and its marks, drawn in this order."""

    name: str
    title: str
    finding: str
    height: int
    y_label: str = ""
    has_names: bool = False
    """Whether the labels at the left are names, which need room, and have no lines across."""
    x_ticks: tuple[Tick, ...] = ()
    y_ticks: tuple[Tick, ...] = ()
    bars: tuple[Bar, ...] = ()
    segments: tuple[Segment, ...] = ()
    points: tuple[Point, ...] = ()
    notes: tuple[Note, ...] = ()
    keys: tuple[Key, ...] = ()

    @property
    def outer_height(self) -> int:
        """The height with the labels below."""
        return self.height + (36 if self.x_ticks else 16)

    @property
    def role(self) -> str:
        """A picture; with links in it, a group of them."""
        return "group" if self.points else "img"
