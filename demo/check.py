"""CHECK=1: opens every panel through its signed address and says what came back."""

from __future__ import annotations

import contextlib
import html
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from demo.bitbucket_control import Panel

# The longest that a designed answer may take, with room for a loaded machine.
OPEN_TIMEOUT_SECONDS = 15.0
# A page that shows a state instead of its content: being finished, failed, expired. Its heading says which.
STATE = re.compile(r'<div class="state">.*?<h1[^>]*>(?P<title>.*?)</h1>', re.DOTALL)
CONTENT = re.compile(r"<main\b[^>]*>.*?\S.*?</main>", re.DOTALL)

# Pages whose content is to say how things stand.
STATES_ARE_CONTENT = frozenset({"postInstallRedirect"})


@dataclass(frozen=True)
class Opened:
    """What one panel answered."""

    panel: Panel
    status: int | None
    size_bytes: int
    elapsed_milliseconds: float
    problem: str | None

    @property
    def is_good(self) -> bool:
        return self.problem is None

    @property
    def line(self) -> str:
        """Name, status, bytes, milliseconds, and what is wrong."""
        status = self.status if self.status is not None else "-"
        label = f"{self.panel.name} ({self.panel.key})"
        figures = f"{status:>4}  {self.size_bytes:>8,} bytes  {self.elapsed_milliseconds:>7,.0f} ms"
        return f"{label:<40} {figures}" + (f"  {self.problem}" if self.problem else "")


def open_panels(
    panels: Iterable[Panel],
    *,
    shield: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext,
    clock: Callable[[], float] = time.monotonic,
) -> list[Opened]:
    """Open each panel as a browser would, one after the other, each inside `shield()`.

    Nothing is raised for a panel that fails: its line says so.
    """
    answers = []
    with requests.Session() as session:
        session.trust_env = False
        for panel in panels:
            with shield():
                answers.append(_open(session, panel, clock))
    return answers


def _open(session: requests.Session, panel: Panel, clock: Callable[[], float]) -> Opened:
    began = clock()
    try:
        response = session.get(panel.url, timeout=OPEN_TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as problem:
        return Opened(panel, None, 0, (clock() - began) * 1000, type(problem).__name__)
    milliseconds = (clock() - began) * 1000
    found = find_problem(response, may_be_a_state=panel.kind in STATES_ARE_CONTENT)
    return Opened(panel, response.status_code, len(response.content), milliseconds, found)


def find_problem(response: requests.Response, *, may_be_a_state: bool) -> str | None:
    """Why this answer is not what a viewer should see, or None."""
    if response.status_code != requests.codes.ok:
        return f"status {response.status_code}"
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        return "no HTML"
    if not may_be_a_state and (state := STATE.search(response.text)) is not None:
        return f"shows: {html.unescape(state['title']).strip()}"
    return None if CONTENT.search(response.text) else "shows nothing"
