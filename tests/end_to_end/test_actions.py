"""What people do in Bitbucket's pages reaches the inbox by webhook, and the panel afterwards."""

from __future__ import annotations

import pytest

from demo.waiting import wait_until
from tests.end_to_end.panels import panel_frame

pytestmark = pytest.mark.browser

DELIVERY_SECONDS = 20


@pytest.fixture
def pull_request_url(running):
    """An open pull request of its own for each test, by somebody else than the viewer."""
    control = running.system.control
    repository = f"{running.page.workspace}/{running.page.repository}"
    workspace = next(one for one in control.get("/")["workspaces"] if one["slug"] == running.page.workspace)
    main, branch = "main", f"change-{len(running.ledger.deliveries(running.client_key))}"
    author = workspace["people"][1]["uuid"]
    control.post(
        "/act", {"action": "create_branch", "repository": repository, "name": branch, "target": main, "actor": author}
    )
    control.post(
        "/act",
        {"action": "push_commit", "repository": repository, "branch": branch, "message": "Mend it", "actor": author},
    )
    wish = {"action": "open_pull_request", "repository": repository, "author": author, "title": "Mend the gate"}
    opened = control.post("/act", wish | {"source": branch, "destination": main})
    return f"{running.page.url.rstrip('/')}/pull-requests/{opened['result']['id']}"


def wait_for_event(running, event_key, *, before):
    wait_until(
        lambda: len(running.deliveries(event_key)) > before,
        what=f"an inbox row for {event_key}",
        timeout_seconds=DELIVERY_SECONDS,
    )
    wait_until(
        lambda: running.deliveries(event_key)[-1]["state"] in {"done", "ignored"},
        what=f"{event_key} being applied",
        timeout_seconds=DELIVERY_SECONDS,
    )


@pytest.mark.parametrize(
    ("button", "event_key"),
    [
        ("approve", "pullrequest:approved"),
        ("request_changes", "pullrequest:changes_request_created"),
        ("merge", "pullrequest:fulfilled"),
        ("decline", "pullrequest:rejected"),
    ],
)
def test_a_click_in_bitbucket_becomes_an_inbox_row(button, event_key, running, open_page, pull_request_url):
    before = len(running.deliveries(event_key))
    page = open_page(pull_request_url)
    if button == "decline":
        page.locator("details.more > summary").click()
    page.locator(f"button[name=action][value={button}]").click()
    wait_for_event(running, event_key, before=before)


def test_a_comment_becomes_an_inbox_row(running, open_page, pull_request_url):
    before = len(running.deliveries("pullrequest:comment_created"))
    page = open_page(pull_request_url)
    page.fill("textarea[name=text]", "Have you thought of the hinge?")
    page.locator("button[name=action][value=comment]").click()
    wait_for_event(running, "pullrequest:comment_created", before=before)


def test_a_push_becomes_an_inbox_row(running):
    before = len(running.deliveries("repo:push"))
    repository = f"{running.page.workspace}/{running.page.repository}"
    wish = {"action": "push_commit", "repository": repository, "branch": "main", "message": "Oil the hinge"}
    running.system.control.post("/act", wish)
    wait_for_event(running, "repo:push", before=before)


def test_the_panel_counts_one_pull_request_less_after_a_merge(running, open_page, pull_request_url):
    page = open_page(running.page.url)
    before = panel_frame(page).locator(".figures").inner_text()
    merging = open_page(pull_request_url)
    fulfilled = len(running.deliveries("pullrequest:fulfilled"))
    merging.locator("button[name=action][value=merge]").click()
    wait_for_event(running, "pullrequest:fulfilled", before=fulfilled)
    page.reload()
    assert panel_frame(page).locator(".figures").inner_text() != before
