"""What a page weighs on its way to a browser that has nothing of it yet: compressed, with all that it loads."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.faults.figures import Figures
from web.assets import read_assets
from web.compression import LEVEL

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 50_000
ALWAYS_LOADED = {"bittern.css", "bittern.js"}


@dataclass(frozen=True)
class Weight:
    page: int
    styles_and_scripts: int

    @property
    def total(self) -> int:
        return self.page + self.styles_and_scripts


def weight_of(html: bytes) -> Weight:
    """Compressed as we compress it."""
    assets = read_assets()
    loaded = set(re.findall(r"/static/([\w./-]+\.(?:css|js|svg))", html.decode()))
    assert loaded >= ALWAYS_LOADED
    return Weight(len(gzip.compress(html, LEVEL)), sum(len(assets[name].compressed) for name in loaded))


def report_weight(record_property: Callable[[str, object], None], page: str, weight: Weight) -> None:
    """A row of the table at the end of the run."""
    figures = Figures(record_property, title="Weight of the pages, compressed, of 50,000 bytes that each may have")
    figures.row(
        page=page,
        html=f"{weight.page:,}",
        styles_and_scripts=f"{weight.styles_and_scripts:,}",
        together=f"{weight.total:,}",
    )
