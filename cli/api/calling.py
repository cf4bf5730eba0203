"""The call itself: what was wanted becomes a request, is made as somebody, and its answer is printed."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click
import msgspec

from bitbucket.client import BitbucketClient, Params, Payload
from bitbucket.errors import BitbucketError
from bitbucket.messages import DEFAULT_MAX_BYTES
from cli.api.address import Address, read_address
from cli.api.bodies import JSON, form_of, json_of, query_of
from cli.api.callers import Wish, installation_credential, kind_of, own_credential
from cli.api.errors import NotUnderstood
from cli.api.failures import sentences_of
from cli.api.observing import ObservedTransport
from cli.api.output import NotShown, Output, wants_colours
from cli.api.paging import Progress, write_collection
from cli.api.parameters import read_field, read_headers, read_pairs, read_raw_field
from cli.api.placeholders import Placeholders
from cli.ending import fail
from cli.starting import installation_or_end, services_or_end, settings_for_calls_or_end
from models import installations
from services import create_transport, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bitbucket.credentials import Credential
    from cli.api.parameters import Field
    from settings import Settings

MOST_STREAMED_BYTES: Final = 8 * 1024**3
_WITHOUT_BODY: Final = {"GET", "DELETE"}


@dataclass(frozen=True, kw_only=True, repr=False)
class Wanted:
    """What was typed, option by option; `typed` names those that stood on the command line."""

    path: str
    method: str | None
    query: tuple[str, ...]
    fields: str | None
    field: tuple[str, ...]
    raw_field: tuple[str, ...]
    form: bool
    input: str | None
    header: tuple[str, ...]
    repository: str | None
    timeout: float
    installation: str | None
    user: str | None
    token: str | None
    access_token: str | None
    oauth_client: str | None
    oauth_secret: str | None
    anonymous: bool
    paginate: bool
    include: bool
    quiet: bool
    typed: frozenset[str]
    read_file: Callable[[str], bytes]
    folder: Path

    @property
    def verb(self) -> str:
        """The method, or the one that goes with what is sent."""
        sends = bool(self.field or self.raw_field or self.input is not None)
        return self.method or ("POST" if sends else "GET")


@dataclass(frozen=True)
class _Caller:
    """As whom, and where: the settings that hold, and the workspace that the caller belongs to, if any."""

    settings: Settings
    transport: ObservedTransport
    credential: Credential
    workspace: str | None


@dataclass(frozen=True)
class _Sent:
    """A request before it has an address."""

    params: Params
    payload: Payload | None
    headers: Mapping[str, str]


def call(wanted: Wanted) -> None:
    """Do it. Raises Mistyped before anything is sent; ends the command where the call fails."""
    _check(wanted)
    sent = _read(wanted)
    caller = _caller(wanted)
    address = _address(wanted, caller)
    output = Output(sys.stdout.buffer, is_terminal=sys.stdout.isatty(), has_colours=wants_colours())
    client = _client(wanted, caller, is_streamed=_streams(wanted, output))
    try:
        if wanted.paginate:
            _print_collection(wanted, client, address, sent, output)
        else:
            _print_answer(wanted, client, address, sent, output, caller.transport)
    except BitbucketError as error:
        _fail(error, output if wanted.include else None, caller.transport)
    except NotShown as error:
        fail(str(error))


def _client(wanted: Wanted, caller: _Caller, *, is_streamed: bool) -> BitbucketClient:
    return BitbucketClient(
        caller.transport,
        caller.credential,
        api_url=caller.settings.api_url,
        now=utc_now,
        deadline=wanted.timeout,
        # What is streamed is not held in memory.
        max_bytes=MOST_STREAMED_BYTES if is_streamed else DEFAULT_MAX_BYTES,
    )


def _streams(wanted: Wanted, output: Output) -> bool:
    """Whether the answer goes out as it comes in."""
    return not (wanted.include or wanted.paginate or output.is_terminal)


def _check(wanted: Wanted) -> None:
    fields = wanted.field or wanted.raw_field
    if wanted.input is not None and (fields or wanted.form):
        raise NotUnderstood("--input is sent as it is: it does not go with fields or --form.")
    if wanted.input is not None and wanted.verb in _WITHOUT_BODY:
        raise NotUnderstood(f"{wanted.verb} sends nothing: --input needs POST or PUT.")
    if wanted.form and (not fields or wanted.verb in _WITHOUT_BODY):
        raise NotUnderstood("--form needs fields, and POST or PUT.")
    if wanted.paginate and wanted.verb != "GET":
        raise NotUnderstood("--paginate needs GET.")
    if wanted.paginate and wanted.include:
        raise NotUnderstood("--include shows the head of one answer; with --paginate there are many.")


def _read(wanted: Wanted) -> _Sent:
    headers = read_headers(wanted.header)
    content_type = next((headers.pop(name) for name in list(headers) if name.lower() == "content-type"), JSON)
    params: dict[str, list[str]] = read_pairs(wanted.query)
    if wanted.fields is not None:
        if "fields" in params:
            raise NotUnderstood("--fields and --query fields=… say the same thing twice.")
        params["fields"] = [_paged_fields(wanted.fields) if wanted.paginate else wanted.fields]
    fields = [read_field(one, read_file=wanted.read_file) for one in wanted.field]
    fields += [read_raw_field(one) for one in wanted.raw_field]
    if wanted.verb in _WITHOUT_BODY:
        for name, values in query_of(fields).items():
            params[name] = [*params.get(name, []), *values]
        fields = []
    return _Sent(params, _payload(wanted, fields, content_type), {"Accept": "*/*", **headers})


def _payload(wanted: Wanted, fields: list[Field], content_type: str) -> Payload | None:
    if wanted.input is not None:
        return Payload(wanted.read_file(wanted.input), content_type)
    if not fields:
        return None
    return form_of(fields) if wanted.form else json_of(fields)


def _paged_fields(fields: str) -> str:
    """The fields with what paging needs: an answer that holds only what was asked for would not say how it goes on."""
    asks_for_only_these = any(one.strip()[:1] not in {"+", "-", ""} for one in fields.split(","))
    return f"{fields},next,size" if asks_for_only_these else f"{fields},+next,+size"


def _caller(wanted: Wanted) -> _Caller:
    wish = Wish(
        installation=wanted.installation,
        user=wanted.user,
        token=wanted.token,
        access_token=wanted.access_token,
        oauth_client=wanted.oauth_client,
        oauth_secret=wanted.oauth_secret,
        anonymous=wanted.anonymous,
    )
    kind = kind_of(wish, typed=wanted.typed)
    if kind == "--as":
        made = services_or_end()
        row = installation_or_end(made, wanted.installation or "")
        secret = installations.secret_of(row, made.secret_box)
        credential = installation_credential(row.client_key, secret, sign=made.sign)
        return _Caller(made.settings, ObservedTransport(made.transport), credential, row.principal_uuid)
    settings = settings_for_calls_or_end()
    transport = create_transport(settings)
    credential = own_credential(
        wish, kind, read_file=wanted.read_file, transport=transport, site_url=settings.site_url, now=utc_now
    )
    return _Caller(settings, ObservedTransport(transport), credential, None)


def _address(wanted: Wanted, caller: _Caller) -> Address:
    placeholders = Placeholders(
        repository=wanted.repository,
        workspace=caller.workspace,
        site_host=urlsplit(caller.settings.site_url).hostname or "",
        folder=wanted.folder,
    )
    return read_address(wanted.path, method=wanted.verb, api_url=caller.settings.api_url, fill=placeholders.value_of)


def _print_collection(wanted: Wanted, client: BitbucketClient, address: Address, sent: _Sent, output: Output) -> None:
    is_terminal = sys.stderr.isatty()
    shared = is_terminal and output.is_terminal
    progress = None if wanted.quiet else Progress(sys.stderr, is_terminal, utc_now, shares_terminal=shared)
    write_collection(client.pages(address.path, msgspec.Raw, params=sent.params), output, progress)


def _print_answer(  # noqa: PLR0913, PLR0917 - the parts of one call
    wanted: Wanted,
    client: BitbucketClient,
    address: Address,
    sent: _Sent,
    output: Output,
    transport: ObservedTransport,
) -> None:
    response = client.request(
        wanted.verb,
        address.path,
        params=sent.params,
        payload=sent.payload,
        headers=sent.headers,
        sink=output.write if _streams(wanted, output) else None,
    )
    if wanted.include and transport.last:
        output.write_head(transport.last)
    output.write_body(response.body)
    location = response.headers.get("Location")
    if response.status == 202 and location and not wanted.quiet:
        click.echo(f"It is being worked on: ask for the outcome at {location}", err=True)


def _fail(error: BitbucketError, output: Output | None, transport: ObservedTransport) -> None:
    """End with what went wrong. With `output`, the answer is shown too, as it came."""
    if output and transport.last:
        output.write_head(transport.last)
        output.write_body(transport.last.body)
        output.stream.flush()
    fail("\n".join(sentences_of(error)))
