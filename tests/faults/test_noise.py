"""Noise for everything that reads what others wrote: what it cannot read it refuses in its own way, and raises nothing else.

A part of the noise is almost right: a good token, address, webhook or form with a piece of it changed. In the long form each reader
gets as many minutes as faults are given, otherwise some examples; `--fuzz-examples` asks for more. The routes with
everything behind them are fuzzed in tests/web/test_fuzzed_routes.py, and what is made of a webhook in tests/sync/test_damaged_events.py.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from bitbucket import query_language
from connect.errors import PayloadInvalid, TokenRefused
from connect.query_string_hash import query_string_hash
from connect.tokens import read_authorization, read_token, verify_inbound
from connect.webhooks import KNOWN_EVENTS, WebhookDelivery
from insights.settings import WorkspaceSettings
from settings import Settings, SettingsInvalid, load_settings
from tests.damaged_json import damaged, written
from tests.sync.bodies import news
from tests.tenants import ALICE_KEY, ALICE_SECRET, NOON, delivery_of, repository_body
from tests.web.signing import token
from web.panels.flow import choices
from web.panels.setup import fields

FEW_EXAMPLES, LONG_SECONDS, EXAMPLES_AT_ONCE = 60, 300.0, 2_000
TARGET = "/panels/repository?repository=x&user=y"
GOOD_TOKEN = token("GET", TARGET)
WEBHOOK_TARGET = "/connect/webhook"
GOOD_WEBHOOK_TOKEN = token("POST", WEBHOOK_TARGET)
# Deeper than a writer of JSON can go, and than a reader that calls itself.
DEEP = (b'{"data":' + b"[" * 100_000, b'{"data":' * 20_000 + b"1" + b"}" * 20_000)
GOOD_FORM = dict(fields.typed_of(WorkspaceSettings()).texts)

texts = st.one_of(
    st.text(max_size=60), st.sampled_from(["", "0", "\x00", "\ud800", "é", "%ff", "9" * 400, "-", "{}", "NaN"])
)


@st.composite
def bent(draw, good):
    """Something good with a piece taken out, put in or turned into noise."""
    begin = draw(st.integers(0, len(good)))
    end = draw(st.integers(begin, min(len(good), begin + 12)))
    return good[:begin] + draw(st.text(max_size=6)) + good[end:]


@dataclass(frozen=True)
class Reader:
    """What is fed, and with what. `refuses` are the exceptions that it declares.

    At least `read_share` of the noise gets through: otherwise only the door is tried, and not what stands behind it.
    """

    read: object
    noise: object
    refuses: tuple[type[Exception], ...] = field(default=())
    read_share: float = 0.0


def read_a_token(text, *, method="GET", target=TARGET):
    read = read_token(text, app_key="bittern")
    verify_inbound(
        read,
        client_key=ALICE_KEY,
        secret=ALICE_SECRET,
        method=method,
        target=target,
        base_path="",
        now=int(NOON.timestamp()),
    )


def hash_an_address(noise):
    method, target = noise
    assert len(query_string_hash(method, target)) == 64


def read_a_webhook(noise):
    """Who sends, and then what, as the route asks."""
    headers, body = noise
    read_a_token(read_authorization(headers.get("Authorization")) or "", method="POST", target=WEBHOOK_TARGET)
    assert isinstance(WebhookDelivery.from_http(headers, body), type(delivery_of()))


@st.composite
def webhooks(draw):
    """A webhook as Bitbucket sends it: in two of three cases only the body has faults, in the third a header is noise as well."""
    event = draw(st.sampled_from(sorted(KNOWN_EVENTS)))
    headers = {
        "Authorization": f"JWT {GOOD_WEBHOOK_TOKEN}",
        "X-Event-Key": event,
        "X-Request-UUID": str(draw(st.uuids(version=4))),
        "X-Event-Time": "Mon, 23 Nov 2026 12:00:00 GMT",
        "X-Attempt-Number": draw(st.sampled_from(["1", "2", "9"])),
        "X-Hook-UUID": str(draw(st.uuids(version=4))),
    }
    if not draw(st.integers(0, 2)):
        name = draw(st.sampled_from(sorted(headers)))
        headers[name] = draw(st.one_of(bent(headers[name]), texts))
    data = {"repository": repository_body(), **news(event, draw(st.integers(1, 9)))}
    document = draw(st.sampled_from([data, {"event": event, "data": data}]))
    body = written(draw(damaged(document)))
    spoiled = bent(body.decode()).map(lambda text: text.encode(errors="surrogatepass"))
    return headers, draw(st.one_of(st.just(body), st.just(body), st.just(body), spoiled, st.sampled_from(DEEP)))


def build_a_query(noise):
    name, values = noise
    text = str(query_language.field(name).equals(values[0]) & query_language.field("b").is_in(*values))
    assert text.count("\n") == 0


def read_a_form(noise):
    form, calendar = noise
    reading = fields.read(MultiDict(form), WorkspaceSettings(), calendar=calendar, looks_like_bots={"x": True})
    assert (reading.settings is None) == bool(reading.problems)


def read_an_environment(values):
    load_settings(**({"base_url": "https://bittern.example.com", "secret_keys": "A" * 43} | values))


def read_filters(query):
    choices.read(query).filter()


literals = st.one_of(texts, st.booleans(), st.integers(), st.floats(), st.none(), st.just(NOON))
READERS = {
    "tokens": Reader(read_a_token, st.one_of(bent(GOOD_TOKEN), texts, st.just(GOOD_TOKEN)), (TokenRefused,)),
    "query string hash": Reader(
        hash_an_address,
        st.tuples(st.one_of(st.sampled_from(["GET", "post"]), texts), st.one_of(bent(TARGET), texts)),
    ),
    "webhooks": Reader(read_a_webhook, webhooks(), (TokenRefused, PayloadInvalid), read_share=0.3),
    "q queries": Reader(
        build_a_query,
        st.tuples(st.one_of(st.sampled_from(["uuid", "user.uuid"]), texts), st.lists(literals, min_size=1, max_size=4)),
        (ValueError,),
    ),
    "forms of settings": Reader(
        read_a_form,
        st.tuples(
            st.lists(st.tuples(st.sampled_from([*GOOD_FORM, "weekend", "bot", "human", "x"]), texts), max_size=12),
            st.one_of(st.binary(max_size=60), bent("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261225\r\n").map(lambda t: t.encode(errors="replace"))),
        ),
    ),
    "environments": Reader(
        read_an_environment,
        st.dictionaries(st.sampled_from(sorted(Settings.model_fields)), texts, max_size=4),
        (SettingsInvalid,),
    ),
    "filters of pages": Reader(
        read_filters, st.dictionaries(st.sampled_from(choices.PARAMETERS), texts, max_size=len(choices.PARAMETERS))
    ),
}  # fmt: skip


@dataclass
class Tally:
    """What came of the noise, with the longest time that one piece of it took."""

    read: int = 0
    refused: int = 0
    longest_seconds: float = 0.0

    @property
    def read_share(self):
        return self.read / (self.read + self.refused)


def feed(reader, tally, *, examples, first_seed):
    @seed(first_seed)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(reader.noise)
    def every_one(noise):
        began = time.process_time()
        try:
            reader.read(noise)
        except reader.refuses:
            tally.refused += 1
        else:
            tally.read += 1
        tally.longest_seconds = max(tally.longest_seconds, time.process_time() - began)

    every_one()


@pytest.mark.fault("S2")
@pytest.mark.parametrize("name", READERS)
def test_what_cannot_be_read_is_refused_and_nothing_else_happens(name, is_long, seed, figures, request, monkeypatch):
    tally, began = Tally(), time.monotonic()
    examples = request.config.getoption("--fuzz-examples") or (math.inf if is_long else FEW_EXAMPLES)
    with Flask("noise").test_request_context("/"):
        while (left := examples - tally.read - tally.refused) > 0:
            if left == math.inf and time.monotonic() - began > LONG_SECONDS:
                break
            feed(READERS[name], tally, examples=int(min(left, EXAMPLES_AT_ONCE)), first_seed=seed)
            seed += 1_000
            if not is_long and not request.config.getoption("--fuzz-examples"):
                break  # Hypothesis may have run out of new ones
    figures.row(
        reader=name,
        cases=tally.read + tally.refused,
        refused=tally.refused,
        read=f"{tally.read_share:.0%}",
        findings=0,
        longest=f"{tally.longest_seconds * 1000:.0f} ms",
        seconds=f"{time.monotonic() - began:.0f}",
    )
    assert tally.read + tally.refused
    assert tally.read_share >= READERS[name].read_share
