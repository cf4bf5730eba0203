"""JSON documents as somebody has sent them, with a fault or two in them: for readers that noise does not get past the door of."""

from __future__ import annotations

import json
from copy import deepcopy

from hypothesis import strategies as st


def nested(levels, *, inside=None):
    """A list in a list, so many levels deep."""
    for _ in range(levels):
        inside = [inside]
    return inside


STRANGE = (
    None, True, False, 0, 1, -1, 2**31, 2**63 - 1, -(2**63), 2**63, 10**400, 0.5, 1e308, float("inf"), float("nan"),
    "", " ", "0", "\x00", "a\x00b", "\ud800", "\udfffx", "\u202e", "é", "😀" * 300, "9" * 400, "x" * 5_000, "main", "OPEN", "{}",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-12:00", "2026-11-23T12:00:00", "2026-02-30T00:00:00+00:00",
    "2026-11-23T12:00:00+00:00", "{00000000-0000-4000-8000-000000000000}", "f" * 40, "f" * 7,
    [], {}, [None], [[]], {"": None}, {"uuid": {}}, nested(30), nested(70), nested(200),
)  # fmt: skip


def places(value, path=()):
    """Where something stands in a document, as the keys that lead there."""
    if path:
        yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from places(member, (*path, key))


def parent_of(document, path):
    for key in path[:-1]:
        document = document[key]
    return document


def value_at(document, path):
    return parent_of(document, path)[path[-1]]


@st.composite
def damaged(draw, document, *, most=2):
    """The document with at most so many of its members gone, turned into something strange, wrapped, or put elsewhere."""
    document = deepcopy(document)
    for _ in range(draw(st.integers(0, most))):
        known = list(places(document))
        if not known:
            break
        path = draw(st.sampled_from(known))
        parent, key = parent_of(document, path), path[-1]
        match draw(st.sampled_from(["gone", "strange", "strange", "wrapped", "another's"])):
            case "gone":
                del parent[key]
            case "strange":
                parent[key] = deepcopy(draw(st.sampled_from(STRANGE)))
            case "wrapped":
                parent[key] = draw(st.sampled_from([lambda told: [told], lambda told: {"value": told}]))(parent[key])
            case _:
                parent[key] = deepcopy(value_at(document, draw(st.sampled_from(known))))
    return document


def written(document):
    """The document as a body: what UTF-8 and JSON do not have is escaped, as some writers do."""
    return json.dumps(document).encode()
