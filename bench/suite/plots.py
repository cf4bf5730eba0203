"""The growth curves as SVG: drawn to be legible on a light page and on a dark one, without a background of their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from bench.suite.markdown import PANELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from bench.suite.results import Outcome

FOLDER: Final = Path(__file__).parents[2] / "docs/performance"

# Each at least 3:1 on white and on Bitbucket's dark surface (#1d2125), and told apart by their dashes too.
INK: Final = "#7a8494"
LINES: Final = {
    "pulse": ("#1d7afc", "-"),
    "turn": ("#c8501a", "--"),
    "flow": ("#22873f", "-."),
    "branches": ("#9c5fd4", ":"),
}
TARGET: Final = "#d9455f"


KINDS: Final = {
    "panels": ("pull-requests",),
    "panels_postgresql": ("pull-requests",),
    "tenants": ("installations", "repositories"),
    "tenants_postgresql": ("installations", "repositories"),
}
"""What there is to draw of each part."""


def file_name(part: str, kind: str) -> str:
    """The name of a picture of a part."""
    return f"{kind}-postgresql.svg" if part.endswith("_postgresql") else f"{kind}.svg"


def draw(found: Mapping[str, Outcome], *, folder: Path = FOLDER) -> list[Path]:
    """Draw every curve that there are figures for. Returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for suffix, database in (("", "SQLite"), ("_postgresql", "PostgreSQL")):
        sizes = _joined(found, f"panels{suffix}", f"million{suffix}")
        if sizes:
            path = folder / f"pull-requests{suffix.replace('_', '-')}.svg"
            _curves(path, sizes, f"Pull requests of the repository, on {database}", target=50)
            written.append(path)
        for kind, figures in found[f"tenants{suffix}"].figures.items() if f"tenants{suffix}" in found else ():
            path = folder / f"{kind}{suffix.replace('_', '-')}.svg"
            _curves(path, figures, f"{kind.capitalize()} held, on {database}")
            written.append(path)
    return written


def _joined(found: Mapping[str, Outcome], *names: str) -> dict[str, dict[str, Any]]:
    """The panels' figures of several parts, by panel and size."""
    joined: dict[str, dict[str, Any]] = {}
    for name in names:
        for panel in PANELS if name in found else ():
            joined.setdefault(panel, {}).update(found[name].figures.get(panel, {}))
    return joined


def _curves(path: Path, figures: Mapping[str, Mapping[str, Any]], of: str, *, target: float | None = None) -> None:
    """Two pictures side by side: the view after an event, and the one where nothing has happened."""
    with mpl.rc_context(
        {"svg.hashsalt": "bittern", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10}
    ):
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2, sharey=True)
        _picture(left, figures, "after_event", "Something happened before the view")
        _picture(right, figures, "unchanged", "Nothing happened")
        if target is not None:
            left.axhline(target, color=TARGET, linewidth=1.2)
            left.annotate(
                f"{target:g} ms", (0.01, target), xycoords=("axes fraction", "data"), color=TARGET, va="bottom"
            )
        left.set_ylabel("processor time, p95, ms", color=INK)
        figure.supxlabel(of, color=INK, fontsize=10)
        right.legend(frameon=False, labelcolor=INK, loc="upper left", ncols=2)
        figure.savefig(path, transparent=True, metadata={"Date": None})


def _picture(axes: Axes, figures: Mapping[str, Mapping[str, Any]], what: str, title: str) -> None:
    for panel, label in PANELS.items():
        sizes = sorted(figures.get(panel, {}), key=int)
        color, dashes = LINES[panel]
        values = [figures[panel][size][what]["processor_p95"] for size in sizes]
        axes.plot([int(size) for size in sizes], values, dashes, color=color, label=label, marker="o", markersize=4)
    axes.set_title(title, color=INK, fontsize=10)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(bottom=0)
    axes.tick_params(colors=INK)
    axes.grid(visible=True, color=INK, alpha=0.25, linewidth=0.6)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(INK)
