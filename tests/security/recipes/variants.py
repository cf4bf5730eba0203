"""`variants`: the same entry once for each value. Where a value goes follows from what the entry already holds there."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from tests.security.recipes.bodies import read_payload_call
from tests.security.recipes.errors import NotUnderstood

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VARIANT = "variant"
TRANSFORM = re.compile(r"\$(?:upper|lower|nobrace|pct|prefix)(?=\()")
RAW_HEADER = re.compile(r"(?<=\r\nTransfer-Encoding:)[^\r\n]*")


def each_variant(entry: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entry as it stands, then one for each variant, each with an id that names it."""
    yield entry["id"], entry
    for number, value in enumerate(entry.get("variants", []), start=1):
        changed = copy.deepcopy(entry)
        changed[VARIANT] = value
        for place in PLACES:
            if place(changed, value):
                break
        else:
            raise NotUnderstood("place for a variant", f"{entry['id']}: {value!r}"[:120])
        yield f"{entry['id']}-variant-{number}", changed


def payload_of(request: dict[str, Any]) -> object:
    """What the request's `json` calls for, with the variant's value in place of the last change's."""
    call = read_payload_call(request.get("json"))
    return call.with_last_value(request[VARIANT]) if call is not None and VARIANT in request else call


def _in_path(entry: dict[str, Any], value: object) -> bool:
    path = str(entry["request"].get("path", ""))
    if not isinstance(value, str) or not value.startswith("$") or not TRANSFORM.search(path):
        return False
    entry["request"]["path"] = TRANSFORM.sub(lambda _: value, path, count=1)
    return True


def _in_raw_body(entry: dict[str, Any], value: object) -> bool:
    return _replace(entry["request"], "raw", value)


def _in_raw_hex(entry: dict[str, Any], value: object) -> bool:
    return _replace(entry["request"], "raw_hex", value)


def _in_payload(entry: dict[str, Any], value: object) -> bool:
    request = entry["request"]
    call = read_payload_call(request.get("json"))
    if call is None or not call.changes:
        return False
    # Kept beside the call, for a value may be a list or null, which the call's text cannot spell.
    request[VARIANT] = value
    return True


def _in_raw_http(entry: dict[str, Any], value: object) -> bool:
    text = str(entry["request"].get("raw_http", ""))
    if not RAW_HEADER.search(text):
        return False
    entry["request"]["raw_http"] = RAW_HEADER.sub(lambda _: f" {value}", text, count=1)
    return True


def _in_upstream_header(entry: dict[str, Any], value: object) -> bool:
    headers = entry["request"].get("upstream", {}).get("headers", {})
    return len(headers) == 1 and _replace(headers, next(iter(headers)), value)


def _in_raw_token(entry: dict[str, Any], value: object) -> bool:
    return isinstance(entry.get("token"), dict) and _replace(entry["token"], "raw", value)


def _in_mutation(entry: dict[str, Any], value: object) -> bool:
    operations = (entry.get("token") or {}).get("mutate") or []
    if not operations:
        return False
    name = str(operations[-1]).partition(":")[0]
    operations[-1] = value if ":" in str(value) else f"{name}:{value}"
    return True


def _in_header(entry: dict[str, Any], value: object) -> bool:
    """The one header that is not part of every webhook."""
    usual = {"x-event-key", "x-request-uuid", "x-hook-uuid", "x-attempt-number"}
    headers = entry["request"].get("headers", {})
    special = [name for name in headers if name.lower() not in usual]
    if len(special) == 1:
        return _replace(headers, special[0], value)
    return entry.get("target") == "webhook" and _replace(headers, "X-Event-Key", value)


def _in_query(entry: dict[str, Any], value: object) -> bool:
    query = entry["request"].get("query") or []
    if not query:
        return False
    query[-1] = [query[-1][0], value]
    return True


def _in_json(entry: dict[str, Any], value: object) -> bool:
    return entry.get("target") != "webhook" and _replace(entry["request"], "json", value)


def _replace(mapping: dict[str, Any], name: str, value: object) -> bool:
    if name not in mapping:
        return False
    mapping[name] = value
    return True


# Tried in this order: the most special place first.
PLACES: tuple[Callable[[dict[str, Any], object], bool], ...] = (
    _in_path,
    _in_raw_body,
    _in_raw_hex,
    _in_payload,
    _in_raw_http,
    _in_upstream_header,
    _in_raw_token,
    _in_mutation,
    _in_header,
    _in_query,
    _in_json,
)
