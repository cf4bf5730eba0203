"""Whatever stands in a module's address and in the objects that it names, the token fits the address as it is sent.

The hash is computed here a second time, from the reference's text and not with the signer's package.
"""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl, quote, urlsplit

import jwt
from hypothesis import given
from hypothesis import strategies as st

from simulator.connect.context_parameters import fill
from simulator.connect.modules import with_query
from simulator.connect.signing import sign
from simulator.rest.scopes import ALL

NOW = 1_795_000_000
SECRET = "a secret of the tests that is long enough"
BASES = st.sampled_from(["https://app.example", "https://app.example/ctx", "http://127.0.0.1:7991"])
# Names that both libraries sort alike, each once (connect-protocol.md 4.4).
NAMES = st.lists(st.from_regex(r"\A[a-z][a-z0-9_]{0,6}\Z"), unique=True, max_size=5).filter(
    lambda found: "jwt" not in found
)
VALUES = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
SEGMENTS = st.lists(st.from_regex(r"\A[A-Za-z0-9._~-]{1,8}\Z"), min_size=1, max_size=3)


def expected_hash(method, url, base_url):
    """METHOD&path&query as connect-protocol.md 4.4 writes it down."""
    parts = urlsplit(url)
    path = parts.path[len(urlsplit(base_url).path) :] or "/"
    pairs = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "jwt"]
    encoded = sorted((quote(name, safe="-._~"), quote(value, safe="-._~")) for name, value in pairs)
    query = "&".join(f"{name}={value}" for name, value in encoded)
    return hashlib.sha256(f"{method}&{path}&{query}".encode()).hexdigest()


def qsh_of(url):
    token = dict(parse_qsl(urlsplit(url).query))["jwt"]
    return jwt.decode(token, options={"verify_signature": False})["qsh"]


@given(base_url=BASES, segments=SEGMENTS, names=NAMES, values=st.lists(VALUES, min_size=5, max_size=5))
def test_the_token_of_an_iframe_fits_its_address(base_url, segments, names, values):
    objects = {"repository": lambda: {f"v{number}": value for number, value in enumerate(values)}}
    query = "&".join(f"{name}={{repository.v{number}}}" for number, name in enumerate(names))
    template = f"{base_url}/{'/'.join(segments)}{'?' + query if query else ''}"
    filled = fill(template, context=objects, scopes=ALL)
    token = sign(method="GET", url=filled, base_url=base_url, client_key="connection:1", secret=SECRET, now=NOW)
    address = with_query(filled, f"jwt={token}")
    assert address.isascii()
    assert not set(address) & set(' {}"<>\\^`|')
    received = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    assert {name: received[name] for name in names} == dict(zip(names, values, strict=False))
    assert qsh_of(address) == expected_hash("GET", address, base_url)


@given(base_url=BASES, segments=SEGMENTS)
def test_the_token_of_a_webhook_fits_its_address(base_url, segments):
    url = f"{base_url}/{'/'.join(segments)}"
    token = sign(method="POST", url=url, base_url=base_url, client_key="connection:1", secret=SECRET, now=NOW)
    assert jwt.decode(token, options={"verify_signature": False})["qsh"] == expected_hash("POST", url, base_url)


@given(value=VALUES)
def test_a_value_cannot_break_out_of_its_place(value):
    address = fill("/p?a={repository.name}&b=1", context={"repository": lambda: {"name": value}}, scopes=ALL)
    assert parse_qsl(urlsplit(address).query, keep_blank_values=True) == [("a", value), ("b", "1")]


@given(value=VALUES)
def test_a_value_in_a_path_stays_one_segment(value):
    address = fill("/p/{repository.name}/end", context={"repository": lambda: {"name": value}}, scopes=ALL)
    assert address.startswith("/p/")
    assert address.endswith("/end")
    assert address.count("/") == 3
    assert "?" not in address
