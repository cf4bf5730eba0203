"""Tests of the variants: each value goes to the one place where the entry has another of its kind."""

from __future__ import annotations

import json
import re

import pytest

from tests.security.attack_files import LONG_IDS, OWN, cases_in, chosen_ids, file_to_run, left_out
from tests.security.recipes.errors import NotUnderstood
from tests.security.recipes.variants import each_variant, payload_of


def only_variant(request, *, value, **members):
    entry = {"id": "T-1", "target": "panel", "token": None, "variants": [value], "request": request, **members}
    (_, plain), (name, varied) = each_variant(entry)
    assert plain == entry
    assert name == "T-1-variant-1"
    return varied


def test_the_entry_itself_runs_too_and_is_not_changed():
    entry = {"id": "T-1", "request": {"raw": "[]"}, "variants": ["1", "{}"]}
    assert [varied["request"]["raw"] for _, varied in each_variant(entry)] == ["[]", "1", "{}"]


@pytest.mark.parametrize("value", ["", 123, ["x"], None])
def test_a_value_replaces_the_last_change_of_a_payload(value):
    varied = only_variant({"json": "$install(A, sharedSecret=)"}, value=value)
    assert payload_of(varied["request"]).changes == (("sharedSecret", value),)


def test_a_transform_replaces_the_one_in_the_path():
    varied = only_variant({"path": "/api/repo/$nobrace($B.repo_open)/summary"}, value="$upper")
    assert varied["request"]["path"] == "/api/repo/$upper($B.repo_open)/summary"


def test_a_transfer_coding_replaces_the_one_in_raw_http():
    varied = only_variant({"raw_http": "POST /webhook HTTP/1.1\r\nTransfer-Encoding:\tidentity\r\n\r\n"}, value="gzip")
    assert varied["request"]["raw_http"] == "POST /webhook HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"


def test_a_value_replaces_the_only_header_of_the_upstream_answer():
    varied = only_variant({"upstream": {"status": 429, "headers": {"Retry-After": "9"}}}, value="-5")
    assert varied["request"]["upstream"]["headers"] == {"Retry-After": "-5"}


def test_a_value_replaces_the_special_header_and_not_those_of_every_webhook():
    headers = {"X-Event-Key": "repo:push", "X-Request-UUID": "$uuid", "X-Odd": "1"}
    varied = only_variant({"headers": headers, "json": "$push(A.repo_open)"}, value="2")
    assert varied["request"]["headers"] == headers | {"X-Odd": "2"}


def test_a_value_replaces_the_last_parameter():
    varied = only_variant({"query": [["a", "1"], ["b", "2"]]}, value="3")
    assert varied["request"]["query"] == [["a", "1"], ["b", "3"]]


def test_a_value_replaces_what_the_last_mutation_says():
    token = {"raw": "x"}
    assert only_variant({}, value="y", token=token)["token"] == {"raw": "y"}
    varied = only_variant({}, value="==", token={"claims": {}, "mutate": ["append:="]})
    assert varied["token"]["mutate"] == ["append:=="]


def test_a_value_without_a_place_is_an_error():
    with pytest.raises(NotUnderstood):
        list(
            each_variant({"id": "T-1", "target": "webhook", "request": {"json": "$push(A.repo_open)"}, "variants": [1]})
        )


def test_an_entry_that_cannot_be_run_becomes_a_case_that_fails(tmp_path):
    path = tmp_path / "attacks.json"
    entry = {"id": "LIF-99", "target": "webhook", "request": {"json": "$uninstall(A)"}, "token": None, "variants": [1]}
    path.write_text(json.dumps({"fixtures": {}, "attacks": [entry]}))
    (*_, unclear) = cases_in(path, ids="LIF")
    assert unclear.problem is not None


def test_our_own_file_is_run_where_none_is_named():
    names = [case.name for case in cases_in(file_to_run(None))]
    assert file_to_run(None) == OWN
    assert len(names) == len(set(names))
    assert {"LIF-01", "LIF-22-variant-15", "CTL-17", "TOK-06", "OUT-18", "LEK-05"} <= set(names)
    assert [case.name for case in cases_in(OWN) if case.problem is not None] == []


def test_what_takes_long_is_left_out_unless_it_is_asked_for():
    entries = json.loads(OWN.read_text(encoding="utf-8"))["attacks"]
    long = [entry["id"] for entry in entries if re.match(LONG_IDS, entry["id"])]
    assert left_out(OWN, ids=chosen_ids(None, None)) == len(long) > 0
    assert left_out(OWN, ids=chosen_ids(None, ".")) == 0
    assert left_out(OWN, ids=chosen_ids(OWN, None)) == 0
    assert left_out(OWN, ids=chosen_ids(None, "LIF")) > len(long)
