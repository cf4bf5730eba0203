"""Calls to the REST API: URLs, JSON, paging, redirects and errors, over a Transport and a Credential.

Nothing here knows a resource; those are in the modules named after them.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self, TypeVar
from urllib.parse import quote, urlencode, urljoin

import msgspec

from bitbucket.answers import WAIT_AFTER_FAULT, decode, error_from
from bitbucket.credentials import Credential
from bitbucket.deadline import Deadline
from bitbucket.errors import (
    ForeignNextLink,
    ForeignRedirect,
    Gone,
    NotFound,
    PageLoop,
    TooManyPages,
    UnexpectedRedirect,
    Unreachable,
)
from bitbucket.messages import DEFAULT_MAX_BYTES, Headers, Request, Response, Transport
from bitbucket.origins import as_sent, origin_of
from bitbucket.resources import Page
from bitbucket.retired import successor_of

DEFAULT_SECONDS: Final = 20.0
MOST_PAGES: Final = 10_000
MOST_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

Params = Mapping[str, str | int | bool | Sequence[str]]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Payload:
    """The body of a request."""

    body: bytes = field(repr=False)
    content_type: str

    @classmethod
    def as_json(cls, value: object) -> Self:
        """Anything that JSON can say, msgspec structs included."""
        return cls(msgspec.json.encode(value), "application/json")

    @classmethod
    def as_form(cls, fields: Params) -> Self:
        """A form; a list becomes a repeated field."""
        return cls(encoded_query(fields).encode(), "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class BitbucketClient:
    """Calls one API host as one caller. Immutable, cheap, and as safe to share as its transport and credential.

    `api_url` is the pinned host, without `/2.0`; paths come from `bitbucket.paths.path`. `now` gives aware UTC and is only
    used for `retry_at`. `deadline` is either a Deadline that all calls share, or seconds for each exchange.

    Every method raises BitbucketError and nothing else for what happens out there.
    """

    transport: Transport = field(repr=False)
    credential: Credential
    api_url: str = field(kw_only=True)
    now: Callable[[], datetime] = field(kw_only=True, repr=False)
    deadline: Deadline | float = field(kw_only=True, default=DEFAULT_SECONDS)
    max_bytes: int = field(kw_only=True, default=DEFAULT_MAX_BYTES)

    def within(self, deadline: Deadline | float) -> "BitbucketClient":
        """The same client with another deadline."""
        return dataclasses.replace(self, deadline=deadline)

    def get(self, path: str, kind: type[_T], *, params: Params | None = None, fields: str | None = None) -> _T:
        """GET one resource and decode it as `kind`. Raises NotYetReady for a 202."""
        return decode(self.request("GET", path, params=_with_fields(params, fields)).body, kind)

    def post(self, path: str, kind: type[_T], *, payload: Payload | None = None, params: Params | None = None) -> _T:
        """POST and decode the answer as `kind`."""
        return decode(self.request("POST", path, payload=payload, params=params).body, kind)

    def put(self, path: str, kind: type[_T], *, payload: Payload | None = None, params: Params | None = None) -> _T:
        """PUT and decode the answer as `kind`."""
        return decode(self.request("PUT", path, payload=payload, params=params).body, kind)

    def delete(self, path: str, *, params: Params | None = None) -> None:
        """DELETE; whatever a 2xx says is dropped."""
        self.request("DELETE", path, params=params)

    def page(self, path: str, kind: type[_T], *, params: Params | None = None, fields: str | None = None) -> Page[_T]:
        """One page of a collection. Its `next`, where it has one, is on the pinned host and fit for `page_at`."""
        return self.page_at(self.url_of(path, params=_with_fields(params, fields)), kind)

    def page_at(self, next_url: str, kind: type[_T]) -> Page[_T]:
        """The page at a `next` link, taken as it is: what it holds is nobody's business but Bitbucket's."""
        self._check_next(next_url)
        page = decode(self._exchange("GET", next_url, headers=_JSON_HEADERS).body, Page[kind])  # type: ignore[valid-type]
        if page.next is None:
            return page
        if not page.next:
            return msgspec.structs.replace(page, next=None)
        self._check_next(page.next)
        return page

    def pages(
        self,
        path: str,
        kind: type[_T],
        *,
        params: Params | None = None,
        fields: str | None = None,
        most_pages: int = MOST_PAGES,
    ) -> Iterator[Page[_T]]:
        """Every page of a collection, one in memory at a time; numbered pages and opaque ones alike.

        Raises PageLoop at a page that was already read, TooManyPages past `most_pages`, ForeignNextLink at a link away.
        """
        url: str | None = self.url_of(path, params=_with_fields(params, fields))
        seen: set[int] = set()
        while url is not None:
            if hash(url) in seen:
                raise PageLoop("The collection comes back to a page that was already read.")
            if len(seen) >= most_pages:
                raise TooManyPages(f"The collection has more than {most_pages} pages.")
            seen.add(hash(url))
            page = self.page_at(url, kind)
            yield page
            url = page.next

    def iterate(
        self,
        path: str,
        kind: type[_T],
        *,
        params: Params | None = None,
        fields: str | None = None,
        most_pages: int = MOST_PAGES,
    ) -> Iterator[_T]:
        """Every item of a collection, as `pages` brings them."""
        for page in self.pages(path, kind, params=params, fields=fields, most_pages=most_pages):
            yield from page.values

    def request(  # noqa: PLR0913 - the parts of an HTTP request, by name
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        payload: Payload | None = None,
        headers: Mapping[str, str] | None = None,
        sink: Callable[[bytes], None] | None = None,
    ) -> Response:
        """Any call. Returns a 2xx or a 304 (a 202 only where the verb is not GET) and raises for everything else.

        Redirects of GET and HEAD are followed on the pinned host. With a `sink` the body of a 2xx is streamed there.
        """
        sent = {**_JSON_HEADERS, **(headers or {})}
        return self._exchange(method, self.url_of(path, params=params), headers=sent, payload=payload, sink=sink)

    def url_of(self, path: str, *, params: Params | None = None) -> str:
        """The URL of a path. What is in `params` is encoded here, spaces as %20."""
        query = encoded_query(params or {})
        return f"{self.api_url}{path}" + (f"{'&' if '?' in path else '?'}{query}" if query else "")

    def _exchange(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        payload: Payload | None = None,
        sink: Callable[[bytes], None] | None = None,
    ) -> Response:
        request = Request(method, as_sent(url), Headers(headers), payload.body if payload else None)
        if payload is not None:
            request = request.with_header("Content-Type", payload.content_type)
        for _ in range(MOST_REDIRECTS + 1):
            response = self._send_authorized(request, sink)
            if response.status not in _REDIRECTS:
                return self._checked(request, response)
            request = self._redirected(request, response)
        raise UnexpectedRedirect("Too many redirects in a row.", status=response.status)

    def _send_authorized(self, request: Request, sink: Callable[[bytes], None] | None) -> Response:
        response, authorized = self._send_once(request, sink)
        if response.status == 401 and self.credential.renew(authorized):
            response, _ = self._send_once(request, sink)
        return response

    def _send_once(self, request: Request, sink: Callable[[bytes], None] | None) -> tuple[Response, Request]:
        try:
            authorized = self.credential.authorize(request, deadline_seconds=self._seconds())
            response = self.transport.send(
                authorized, deadline_seconds=self._seconds(), max_bytes=self.max_bytes, sink=sink
            )
        except Unreachable as error:
            error.retry_at = error.retry_at or self.now() + WAIT_AFTER_FAULT
            raise
        return response, authorized

    def _seconds(self) -> float:
        return self.deadline.remaining_seconds() if isinstance(self.deadline, Deadline) else self.deadline

    def _checked(self, request: Request, response: Response) -> Response:
        unready = response.status == 202 and request.method == "GET"
        if (200 <= response.status < 300 and not unready) or response.status == 304:
            return response
        error = error_from(response, now=self.now())
        if isinstance(error, Gone | NotFound):
            error.successor = successor_of(request.url)
        raise error

    def _redirected(self, request: Request, response: Response) -> Request:
        """The request to send next. The credential signs it anew, so no header of the first one travels on."""
        location = response.headers.get("Location", "")
        if request.method not in {"GET", "HEAD"} or not location:
            raise UnexpectedRedirect("A redirect that is not followed.", status=response.status)
        url = urljoin(request.url, location)
        if origin_of(url) != origin_of(self.api_url):
            raise ForeignRedirect("A redirect leaves the API host; it was not followed.", url=url)
        return dataclasses.replace(request, url=as_sent(url))

    def _check_next(self, url: str) -> None:
        if origin_of(url) != origin_of(self.api_url):
            raise ForeignNextLink("A next link leaves the API host; it was not followed.", url=url)


_JSON_HEADERS: Final[Mapping[str, str]] = {"Accept": "application/json"}


def encoded_query(params: Params) -> str:
    """`a=1&b=2`, with spaces as %20 and `+` as %2B, booleans as true and false, and lists as repeated names."""
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        values = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
        pairs += [(name, str(one).lower() if isinstance(one, bool) else str(one)) for one in values]
    return urlencode(pairs, quote_via=quote, safe="")


def _with_fields(params: Params | None, fields: str | None) -> Params:
    return {**(params or {}), **({"fields": fields} if fields is not None else {})}
