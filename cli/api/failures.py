"""What is said of a call that failed: Bitbucket's message, what it says beside it, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bitbucket.errors import Answered, BitbucketError, Forbidden, ForeignRedirect, NotYetReady, UnexpectedShape

if TYPE_CHECKING:
    from collections.abc import Iterator


def sentences_of(error: BitbucketError) -> Iterator[str]:
    """The lines to print for a failure."""
    if isinstance(error, Answered):
        yield f"{error.status} {error.message}"
        yield from _details(error)
    else:
        yield str(error)
    if isinstance(error, ForeignRedirect):
        yield f"It is kept at {error.url} and can be fetched from there without credentials."
    if isinstance(error, UnexpectedShape):
        yield "Where the answer is no collection, leave --paginate out."
    if error.retry_at is not None:
        yield f"Try again from {error.retry_at:%H:%M:%S} UTC."


def _details(error: Answered) -> Iterator[str]:
    if error.successor:
        yield error.successor
    if error.detail:
        yield error.detail
    for name, wrong in error.fields.items():
        yield f"{name}: {'; '.join(wrong)}"
    if isinstance(error, Forbidden) and error.required:
        yield f"Scopes needed: {' '.join(error.required)}. Granted: {' '.join(error.granted) or 'none'}."
    announcement = error.data.get("announcement_url")
    if isinstance(announcement, str):
        yield announcement
    if isinstance(error, NotYetReady) and error.location:
        yield f"Ask for the outcome at {error.location}"
