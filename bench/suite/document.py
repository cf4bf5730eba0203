"""Writes docs/performance.md anew: what stands between its marks. All else in it is written by people, and stays."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.suite import markdown, plots, targets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.suite.results import Outcome

PAGE: Final = Path(__file__).parents[2] / "docs/performance.md"
_MARKED: Final = re.compile(r"(<!-- bench:(\w+) -->\n).*?(<!-- bench:end -->)", re.DOTALL)


def write(found: Mapping[str, Outcome], *, page: Path = PAGE) -> list[Path]:
    """Write the page and its pictures. Returns the files."""
    told = page.read_text(encoding="utf-8")
    drawn = plots.draw(found, folder=page.with_suffix(""))
    pictures = {name: _shown(name, drawn, page) for name in found}
    page.write_text(_MARKED.sub(lambda marked: _filled(marked, found, pictures), told), encoding="utf-8")
    return [page, *drawn]


def _shown(part: str, drawn: Sequence[Path], page: Path) -> str:
    """The pictures of a part, where it stands on the page."""
    names = {plots.file_name(part, kind) for kind in plots.KINDS.get(part, ())}
    chosen = [path for path in drawn if path.name in names]
    return "".join(f"![Growth curves: {path.stem}]({path.relative_to(page.parent)})\n\n" for path in chosen)


def _filled(marked: re.Match[str], found: Mapping[str, Outcome], pictures: Mapping[str, str]) -> str:
    begin, name, end = marked.groups()
    return f"{begin}{pictures.get(name, '')}{_text(name, found)}\n{end}"


def _text(name: str, found: Mapping[str, Outcome]) -> str:
    if name == "targets":
        return targets.rows(found)
    if name == "machine":
        return _machine(found)
    return markdown.section(name, found[name]) if name in found else "Not measured yet."


def _machine(found: Mapping[str, Outcome]) -> str:
    """What the newest of the figures were measured on."""
    if not found:
        return "Nothing was measured yet."
    machine = max(found.values(), key=lambda one: one.measured_on).machine
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return (
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gigabytes']} GiB, {machine['system']}, "
        f"Python {machine['python']}, SQLite {machine['sqlite']}, PostgreSQL {machine['postgresql']}; {packages}."
    )
