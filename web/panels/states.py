"""What a page shows when it cannot show figures: one designed state for each reason, with what happens next."""

from dataclasses import dataclass
from datetime import UTC
from typing import Final

from bitbucket.errors import (
    BitbucketError,
    Forbidden,
    ForeignObject,
    Gone,
    NotFound,
    RateLimited,
    ServerFault,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from web.language import _

RETRY_AFTER_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class State:
    """A state: its name for logs and counts, its words, and the status that it is answered with."""

    name: str
    icon: str
    title: str
    text: str
    next_step: str | None
    status: int

    @property
    def passes(self) -> bool:
        """Whether it may be over in a moment."""
        return self.status == 503


def being_finished() -> State:
    """Return the state of an installation whose secret is not proved yet."""
    return State(
        "being_finished",
        "clock",
        _("This installation is being finished"),
        _("Bitbucket's answer to our first call is still awaited. That takes a few seconds as a rule."),
        _("Reload the page in a moment."),
        200,
    )


def state_of(error: BitbucketError) -> State:
    """Return the state for a call to Bitbucket that gave no answer to show."""
    for kind, make in _STATES:
        if isinstance(error, kind):
            return make(error)
    return _unusable(error)


def stale_note(error: BitbucketError, *, age: str) -> str:
    """Return the sentence above figures that are older than they should be."""
    if isinstance(error, RateLimited):
        return _("Bitbucket's hourly limit for this workspace is used up. These figures are %(age)s old.", age=age)
    return _("Bitbucket does not answer. These figures are %(age)s old.", age=age)


def _slow(_error: BitbucketError) -> State:
    return State(
        "slow",
        "clock",
        _("Bitbucket is taking too long"),
        _("It did not answer in time, and there are no recent figures to show instead."),
        _("Refresh in a moment."),
        503,
    )


def _unreachable(_error: BitbucketError) -> State:
    return State(
        "unreachable",
        "cloud",
        _("Bitbucket cannot be reached"),
        _("Its API does not answer at the moment."),
        _("Refresh in a moment."),
        503,
    )


def _rate_limited(error: BitbucketError) -> State:
    again = error.retry_at.astimezone(UTC).strftime("%H:%M UTC") if error.retry_at else ""
    return State(
        "rate_limited",
        "clock",
        _("Bitbucket's hourly limit is used up"),
        _("Bitbucket allows each app a number of calls an hour, and this workspace has had them."),
        _("The figures come back at about %(time)s.", time=again) if again else None,
        503,
    )


def _unauthorized(_error: BitbucketError) -> State:
    return State(
        "unauthorized",
        "key",
        _("Bitbucket no longer takes our credentials"),
        _("The secret of this installation is not good any more, so nothing can be read."),
        _("An administrator of the workspace can mend this: remove the app and install it again."),
        503,
    )


def _forbidden(error: BitbucketError) -> State:
    required = ", ".join(error.required) if isinstance(error, Forbidden) else ""
    return State(
        "forbidden",
        "lock",
        _("Bitbucket does not let us read this"),
        _("The installation lacks a permission: %(scopes)s.", scopes=required)
        if required
        else _("The installation lacks a permission that these figures need."),
        _("An administrator of the workspace can install the app again and grant it."),
        403,
    )


def _not_found(_error: BitbucketError) -> State:
    return State(
        "not_found",
        "search",
        _("This repository is not here any more"),
        _("It was deleted, or moved to a workspace where the app is not installed."),
        None,
        404,
    )


def _upstream(_error: BitbucketError) -> State:
    return State(
        "upstream",
        "cloud",
        _("Bitbucket has trouble of its own"),
        _("It answered with an error."),
        _("Refresh in a moment."),
        503,
    )


def _unusable(_error: BitbucketError) -> State:
    return State(
        "unusable",
        "cloud",
        _("Bitbucket's answer could not be used"),
        _("It is not what its documentation promises. The request id finds it in the log."),
        None,
        503,
    )


# Order matters: a timeout is also unreachable.
_STATES: Final = (
    (TimedOut, _slow),
    (Unreachable, _unreachable),
    (RateLimited, _rate_limited),
    (Unauthorized, _unauthorized),
    (Forbidden, _forbidden),
    ((NotFound, Gone, ForeignObject), _not_found),
    (ServerFault, _upstream),
)
