"""Why the Connect half refuses to go on.

ConnectError
├── DescriptorRefused    the descriptor cannot be fetched or is not acceptable; `problems` are sentences
├── InstallRefused       the wish to install makes no sense (unknown app, workspace, redirect address)
├── CallbackFailed       the app did not answer a lifecycle call with a 2xx in time
├── Unanswered           a request to the app got no answer; `timed_out` says which kind of none
├── TokenRefused         an app's own JWT does not prove who it is
└── UnsignableAddress    the third-party signer would hash this address wrongly
"""

# ruff: noqa: N818 - a refusal is named after what happened; the root of the tree carries the suffix
from collections.abc import Sequence


class ConnectError(Exception):
    """The root of everything that this package raises on purpose; `message` can be shown to the person at the browser."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class DescriptorRefused(ConnectError):
    """The descriptor is not acceptable; `problems` holds one sentence for each thing to change."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


class InstallRefused(ConnectError):
    """Nothing was asked of the app, because the request to install it makes no sense."""


class CallbackFailed(ConnectError):
    """A lifecycle call failed, so the install was rolled back. `status` is None where no answer came."""

    def __init__(self, message: str, *, status: int | None) -> None:
        super().__init__(message)
        self.status = status


class Unanswered(ConnectError):
    """The app could not be reached, or took too long."""

    def __init__(self, message: str, *, timed_out: bool) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class TokenRefused(ConnectError):
    """The token of an app's own call is missing, malformed, expired, or signed by somebody else."""


class UnsignableAddress(ConnectError):
    """`atlassian_jwt` would read part of this path as something else and hash the rest."""
