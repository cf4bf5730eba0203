"""What the person at the terminal sees: a spinner on a terminal, plain lines where the output is a file or a pipe."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from demo.children import last_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from demo.errors import StepFailed

SHOWN_LOG_LINES = 25


class Progress:
    """Prints the demo's steps and its outcome."""

    def __init__(self, console: Console | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console or Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self._clock = clock
        # Where the encoding has no such sign, a word is better than a crash.
        can_draw = "utf" in (self._console.encoding or "").lower()
        self._done, self._failed = ("✓", "✗") if can_draw else ("ok", "failed")

    @contextlib.contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Shows `doing` while the block runs, then how long it took, or that it failed."""
        began = self._clock()
        try:
            with self._console.status(escape(doing)):
                yield
        except BaseException:
            self._console.print(f"[red]{self._failed}[/red] {escape(doing)}")
            raise
        self._console.print(f"[green]{self._done}[/green] {escape(doing)} [dim]{self._clock() - began:.1f} s[/dim]")

    def say(self, text: str = "") -> None:
        self._console.print(escape(text))

    def address(self, url: str) -> None:
        """The one address to open, on a line of its own so that it can be copied."""
        self._console.print(f"\n  [bold]Open[/bold]  [link={url}]{url}[/link]\n")

    def failure(self, problem: StepFailed) -> None:
        """Why it failed, and the end of the log that probably knows more."""
        self._console.print(f"\n[red]{escape(str(problem))}[/red]")
        if problem.log_path is None:
            return
        for line in last_lines(problem.log_path, count=SHOWN_LOG_LINES):
            self._console.print(f"  [dim]{escape(line)}[/dim]")
        self._console.print(f"\nThe whole log: {escape(str(problem.log_path))}")
