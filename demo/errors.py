"""What can go wrong while the demo runs. Each carries a sentence for the person at the terminal.

DemoError
├── OptionRefused       an argument cannot be used as given
├── StepFailed          something did not come up, or answered wrongly
│   ├── ChildDied       a process ended that should have lived
│   └── WaitedTooLong   a condition did not come true in its time
└── Interrupted         somebody asked us to stop (not a failure)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class DemoError(Exception):
    """Anything that ends the demo."""


class OptionRefused(DemoError):  # noqa: N818 -- named for what happened, as every exception here
    """An argument cannot be used; the message says what to change."""


class StepFailed(DemoError):  # noqa: N818 -- as above
    """A step did not succeed. `log_path` is where the reason probably stands."""

    def __init__(self, message: str, *, log_path: Path | None = None) -> None:
        super().__init__(message)
        self.log_path = log_path


class ChildDied(StepFailed):
    """A child process ended although it should live as long as the demo."""

    def __init__(self, name: str, *, exit_code: int, log_path: Path) -> None:
        super().__init__(f"{name} ended with exit code {exit_code}", log_path=log_path)
        self.name = name
        self.exit_code = exit_code


class WaitedTooLong(StepFailed):
    """A condition was not met within `timeout_seconds`."""

    def __init__(self, what: str, *, timeout_seconds: float, log_path: Path | None = None) -> None:
        super().__init__(f"{what} did not happen within {timeout_seconds:.0f} s", log_path=log_path)
        self.what = what
        self.timeout_seconds = timeout_seconds


class Interrupted(DemoError):  # noqa: N818 -- as above
    """Ctrl-C, SIGTERM or a closed terminal. `signal_number` says which."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"stopped by signal {signal_number}")
        self.signal_number = signal_number
