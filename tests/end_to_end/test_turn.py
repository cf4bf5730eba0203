"""An open panel follows what happens in Bitbucket, within five seconds and without a reload."""

from __future__ import annotations

import pytest

from demo.waiting import wait_until
from tests.end_to_end.panels import panel_frame

pytestmark = pytest.mark.browser

PROMISED_MILLISECONDS = 5_000


@pytest.fixture
def act(running):
    """Does something in Bitbucket as somebody."""
    repository = f"{running.page.workspace}/{running.page.repository}"

    def act(action, *, actor, **wish):
        return running.system.control.post("/act", {"action": action, "repository": repository, "actor": actor, **wish})

    return act


@pytest.fixture
def people(running):
    workspaces = running.system.control.get("/")["workspaces"]
    return [one["uuid"] for one in next(w for w in workspaces if w["slug"] == running.page.workspace)["people"]]


@pytest.fixture
def opened(running, act, people):
    """A pull request that waits for a review."""
    act("create_branch", actor=people[1], name="mend-the-lock", target="main")
    act("push_commit", actor=people[1], branch="mend-the-lock", message="Mend the lock")
    repository = f"{running.page.workspace}/{running.page.repository}"
    wish = {"action": "open_pull_request", "repository": repository, "author": people[1], "title": "Mend the lock"}
    number = running.system.control.post("/act", wish | {"source": "mend-the-lock", "destination": "main"})["result"][
        "id"
    ]
    wait_until(lambda: running.deliveries("pullrequest:created"), what="the opening being told", timeout_seconds=20)
    return number


def test_an_approval_shows_on_the_pull_request_that_is_open(running, open_page, opened, act, people):
    page = open_page(f"{running.page.url.rstrip('/')}/pull-requests/{opened}")
    frame = panel_frame(page)
    assert "/panels/pull-request" in frame.url
    before = frame.locator(".headline").inner_text()

    act("approve", actor=people[2], pull_request=opened)

    frame.wait_for_function(
        "before => document.querySelector('.headline').textContent.trim() !== before.trim()",
        arg=before,
        timeout=PROMISED_MILLISECONDS + 2_500,  # the promise, and what a machine of two cores is late with
    )
    assert "eady to merge" in frame.locator(".headline").inner_text()
