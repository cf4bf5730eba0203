"""The log of a pull request."""

from __future__ import annotations

from datetime import UTC, datetime

from bitbucket import pull_request_activity
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, API, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


PULL_REQUEST = f"{REPOSITORY_PATH}/pullrequests/7"


COMMENT = {
    "id": 11,
    "content": {"raw": "Why?"},
    "user": {"display_name": "Bob"},
    "inline": {"path": "a.py", "from": None, "to": 3},
}


def test_each_kind_of_entry_is_told_apart(client_over):
    entries = [
        {"pull_request": {"id": 7}, "update": {"state": "MERGED", "date": "2026-11-20T08:00:00+00:00"}},
        {
            "pull_request": {"id": 7},
            "approval": {"date": "2026-11-19T08:00:00+00:00", "user": {"display_name": "Bob"}},
        },
        {"pull_request": {"id": 7}, "changes_requested": {"date": "2026-11-18T08:00:00+00:00"}},
        {"pull_request": {"id": 7}, "comment": COMMENT},
        {"pull_request": {"id": 7}, "something_new": {"a": 1}},
    ]
    transport = FakeTransport(
        json_answer({"values": entries[:2], "next": f"{API}/2.0/x"}), json_answer({"values": entries[2:]})
    )
    found = list(pull_request_activity.activity(client_over(transport), *WHERE, 7))
    assert [
        next((kind for kind in ("update", "approval", "changes_requested", "comment") if getattr(entry, kind)), None)
        for entry in found
    ] == ["update", "approval", "changes_requested", "comment", None]
    assert found[0].update.date == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert transport.paths[0] == f"{PULL_REQUEST}/activity"
    assert transport.query(0)["pagelen"] == "50"
