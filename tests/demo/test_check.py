"""Tests of opening the panels: what counts as good, and how it is told."""

from __future__ import annotations

import pytest

from demo.bitbucket_control import Panel
from demo.check import open_panels
from demo.ports import any_free_port

FULL = "<main class='panel'><p>12 open</p></main>"


def opened(site, status, body, content_type="text/html; charset=utf-8"):
    site.answer("GET", "/panel?jwt=1", status, body, content_type)
    moments = iter([1.0, 1.25])
    (answer,) = open_panels(
        [Panel("webPanels", "pulse", "Pulse", f"{site.url}/panel?jwt=1")], clock=lambda: next(moments)
    )
    return answer


def test_a_panel_with_content_is_good(site):
    answer = opened(site, 200, FULL)
    assert answer.is_good
    assert answer.line.split() == ["Pulse", "(pulse)", "200", str(len(FULL)), "bytes", "250", "ms"]


@pytest.mark.parametrize(
    ("status", "body", "content_type", "problem"),
    [
        (401, FULL, "text/html", "status 401"),
        (302, "", "text/html", "status 302"),
        (200, "{}", "application/json", "no HTML"),
        (200, "<main class='panel'>  </main>", "text/html", "shows nothing"),
        (200, "", "text/html", "shows nothing"),
        (
            200,
            '<main><div class="state">\n <h1 class="headline">Can&#39;t reach Bitbucket</h1></div></main>',
            "text/html",
            "shows: Can't reach Bitbucket",
        ),
    ],
)
def test_anything_else_says_what_is_wrong(status, body, content_type, problem, site):
    answer = opened(site, status, body, content_type)
    assert not answer.is_good
    assert answer.problem == problem
    assert answer.line.endswith(problem)


def test_a_page_that_says_how_things_stand_is_good_when_it_does(site):
    site.answer("GET", "/welcome", 200, '<main><div class="state"><h1>Installed</h1></div></main>', "text/html")
    (answer,) = open_panels([Panel("postInstallRedirect", "welcome", "welcome", f"{site.url}/welcome")])
    assert answer.is_good


def test_a_panel_that_does_not_answer_says_so_too():
    (answer,) = open_panels([Panel("webPanels", "pulse", "Pulse", f"http://127.0.0.1:{any_free_port()}/")])
    assert (answer.status, answer.is_good, answer.problem) == (None, False, "ConnectionError")
    assert "  -  " in answer.line
