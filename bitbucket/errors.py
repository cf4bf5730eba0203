"""The exceptions of this package: one tree, every member with the data to decide what happens next.

::

    BitbucketError                      permanent, retry_at, reason
    ├── Unreachable                     no whole answer came
    │   ├── TimedOut                    the deadline passed
    │   ├── ConnectionFailed            no connection, or it broke
    │   └── CircuitOpen                 not even tried: too many failures just now
    ├── Refused                         we would not go on, whatever the server wants
    │   ├── ForeignHost                 an address that leaves the pinned host
    │   │   ├── ForeignRedirect         named by a redirect
    │   │   └── ForeignNextLink         named by a page
    │   ├── ForeignObject               an answer about something else than was asked
    │   ├── PageLoop                    paging that comes back to a page it has been to
    │   ├── TooManyPages                paging past the page cap
    │   ├── TooLarge                    an answer past the size cap
    │   ├── StateMismatch               a sign-in that was not begun here
    │   └── AppPasswordsEnded           a kind of credential that Bitbucket no longer takes
    ├── Unusable                        an answer, but not one that can be read
    │   ├── NotJson
    │   └── UnexpectedShape
    └── Answered                        status, message, detail, fields: the server said no, or not yet
        ├── BadRequest                  400, 411, 415, 422 and other 4xx
        ├── Unauthorized                401
        │   └── GrantRefused            the token endpoint's "no"
        ├── Forbidden                   403, with the scopes required and granted
        ├── NotFound                    404
        ├── Gone                        410
        ├── Conflict                    409
        ├── RateLimited                 429
        ├── NotYetReady                 202 where an answer was expected
        ├── UnexpectedRedirect          3xx that is not followed
        ├── ServerFault                 5xx
        └── TimedOutThere               555

`permanent` says that the same call will fail again until somebody changes something; `retry_at` (aware UTC) is the earliest
moment at which another try makes sense, set where the call knew the time. No message ever holds a token.
"""

# ruff: noqa: N818 - the names say what happened; that they are exceptions shows where they are raised and caught

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar


class BitbucketError(Exception):
    """A call to Bitbucket that gave no usable answer.

    `reason` is a constant for logs and metrics; `permanent` and `retry_at` are what a caller decides on.
    """

    reason: ClassVar[str] = "out.error"
    permanent: bool = False
    retry_at: datetime | None = None


class Unreachable(BitbucketError):
    """No whole answer came: the network, the far end, or our own deadline."""

    reason = "out.unreachable"


class TimedOut(Unreachable):
    """The deadline of the call, or of the group of calls that it belongs to, has passed."""

    reason = "out.timeout"


class ConnectionFailed(Unreachable):
    """There was no connection, or it broke before the answer was whole."""

    reason = "out.connection"


class CircuitOpen(Unreachable):
    """The call was not made: this origin has failed too often in a row, and is left alone for a moment."""

    reason = "out.circuit_open"


class Refused(BitbucketError):
    """We would not go on with an answer. Trying again changes nothing."""

    reason = "out.refused"
    permanent = True


class ForeignHost(Refused):
    """A URL, a `next` link or a redirect points away from the pinned host. Nothing was sent there."""

    reason = "out.foreign_host"

    def __init__(self, message: str, *, url: str) -> None:
        super().__init__(message)
        self.url = url


class ForeignRedirect(ForeignHost):
    """A redirect that leaves the pinned host; `url` says where to, for callers that expect one (downloads, logs)."""

    reason = "out.redirect"


class ForeignNextLink(ForeignHost):
    """The `next` link of a page leaves the pinned host."""

    reason = "out.next_host"


class ForeignObject(Refused):
    """The answer is about another repository, workspace or user than the one that was asked for."""

    reason = "out.foreign_object"


class PageLoop(Refused):
    """A `next` link leads to a page that was already read."""

    reason = "out.page_limit"


class TooManyPages(Refused):
    """A collection went on past the page cap."""

    reason = "out.page_limit"


class TooLarge(Refused):
    """An answer that would cost more than is allowed.

    Past the size cap once decoded, with a header or chunk line without end, or with a chain of content encodings.
    """

    reason = "out.too_large"


class StateMismatch(Refused):
    """The `state` of an OAuth callback is not the one that was sent off with that browser."""

    reason = "out.oauth_state"


class AppPasswordsEnded(Refused):
    """App passwords stopped working on 2026-07-28; an API token with the account's e-mail address took their place."""

    reason = "out.app_password"


class Unusable(BitbucketError):
    """A whole answer came, and it cannot be read."""

    reason = "out.unusable"


class NotJson(Unusable):
    """JSON was expected and something else came, such as a login page."""

    reason = "out.bad_type"


class UnexpectedShape(Unusable):
    """JSON came, but a member that we rely on is missing or of another type. The message says where."""

    reason = "out.bad_shape"


class Answered(BitbucketError):
    """The server answered with something else than what was asked for.

    `message` and `detail` are Bitbucket's words (never trusted, never markup); `fields` maps a field of the request to what is
    wrong with it; `data` is the error's own extra data, such as the address of an announcement. `successor` is our own sentence
    on where to go instead, for addresses that are known to be gone.
    """

    reason = "out.answered"

    def __init__(  # noqa: PLR0913 - the members of one error body
        self,
        message: str,
        *,
        status: int,
        detail: str = "",
        fields: Mapping[str, tuple[str, ...]] | None = None,
        data: Mapping[str, object] | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.detail = detail
        self.fields = dict(fields or {})
        self.data = dict(data or {})
        self.retry_at = retry_at
        self.successor = ""

    def __str__(self) -> str:
        return f"{self.status} {self.message} {self.successor}".rstrip()


class BadRequest(Answered):
    """The request itself is at fault: 400, 411, 415, 422 or another 4xx without a class of its own."""

    reason = "out.bad_request"
    permanent = True


class Unauthorized(Answered):
    """401: the credential is unknown, ended or revoked. For an installation: its secret is no longer good."""

    reason = "out.unauthorized"
    permanent = True


class GrantRefused(Unauthorized):
    """The OAuth endpoint would not give a token; `error_code` is RFC 6749's, such as `invalid_grant`."""

    def __init__(self, message: str, *, status: int, error_code: str) -> None:
        super().__init__(message, status=status)
        self.error_code = error_code


class Forbidden(Answered):
    """403: the credential is good but not for this. `required` and `granted` are scopes, where Bitbucket names them."""

    reason = "out.forbidden"
    permanent = True
    required: tuple[str, ...] = ()
    granted: tuple[str, ...] = ()


class NotFound(Answered):
    """404: there is no such thing, or it is not for this credential's eyes."""

    reason = "out.not_found"
    permanent = True


class Gone(Answered):
    """410: the endpoint was removed (`data` may hold `announcement_url`), or the account was closed as spam."""

    reason = "out.gone"
    permanent = True


class Conflict(Answered):
    """409: refs moved while merging, a duplicate, an already resolved comment."""

    reason = "out.conflict"
    permanent = True


class RateLimited(Answered):
    """429: the quota of the last hour is used up. `retry_at` is always set by the client."""

    reason = "out.rate_limited"


class NotYetReady(Answered):
    """202: the work goes on over there. `location`, where given, is the address to ask next."""

    reason = "out.not_yet"
    location: str | None = None


class UnexpectedRedirect(Answered):
    """A redirect that is not followed: too many in a row, no Location, or on a verb that changes something."""

    reason = "out.redirect"
    permanent = True


class ServerFault(Answered):
    """5xx: Bitbucket's own trouble."""

    reason = "out.upstream"


class TimedOutThere(ServerFault):
    """555: Bitbucket ran out of time on a diff, a patch, a src listing, a merge or a decline."""

    reason = "out.timed_out_there"
