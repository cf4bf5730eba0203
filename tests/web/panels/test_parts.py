"""The small things of a page: lozenges, pictures, moments; and links, and states."""

from datetime import timedelta

import pytest

from bitbucket import errors
from models.history.people import Account
from tests.tenants import NOON
from web.panels import parts, states
from web.panels.links import Links

LINKS = Links("https://bitbucket.org", "alice/heron")


def test_a_moment_is_an_age_and_a_fresh_one_is_now():
    assert parts.moment(NOON - timedelta(seconds=59), now=NOON).text == "just now"
    assert parts.moment(NOON - timedelta(hours=3), now=NOON).text.replace("\N{NO-BREAK SPACE}", " ") == "3 h ago"
    assert parts.moment(NOON, now=NOON).iso == "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    "url",
    [
        "http://bitbucket.org/a.png",
        "https://bitbucket.org.evil.test/a.png",
        "https://bitbucket.org@evil.test/a.png",
        "https://evil.test/https://bitbucket.org/a.png",
        "javascript:alert(1)",
        "data:image/svg+xml,<svg onload=alert(1)>",
        "//bitbucket.org/a.png",
        "https://[::1",
        "",
    ],
)
def test_a_picture_from_anywhere_else_is_not_shown(url):
    shows = parts.picture_filter(("https://bitbucket.org",))

    assert not shows(url)
    assert parts.person(Account(uuid="{u}", display_name="Ana Silva", avatar_url=url), shows=shows).picture is None


def test_a_picture_from_an_allowed_origin_is_shown():
    shows = parts.picture_filter(("https://bitbucket.org",))

    assert parts.person(
        Account(uuid="{u}", display_name="Ana", avatar_url="https://bitbucket.org/a.png"), shows=shows
    ).picture


def test_somebody_who_is_gone_has_neither_name_nor_picture():
    person = parts.person(None, shows=lambda _: True)

    assert (person.name, person.initials, person.picture) == ("Former user", "?", None)


def test_links_are_made_from_names_and_hold_nothing_but_those():
    assert LINKS.pull_request(7) == "https://bitbucket.org/alice/heron/pull-requests/7"
    assert LINKS.branch("feature/a b#c?d") == "https://bitbucket.org/alice/heron/branch/feature/a%20b%23c%3Fd"
    assert LINKS.commit("a1b2") == "https://bitbucket.org/alice/heron/commits/a1b2"


def test_a_name_cannot_lead_out_of_bitbucket():
    for name in ("//evil.test", "..", "javascript:alert(1)", "a@evil.test", "\\\\evil.test"):
        assert Links("https://bitbucket.org", f"alice/{name}").repository.startswith("https://bitbucket.org/alice/")


ALL_ERRORS = [
    errors.TimedOut("x"),
    errors.ConnectionFailed("x"),
    errors.CircuitOpen("x"),
    errors.ForeignHost("x", url="https://evil.test"),
    errors.ForeignObject("x"),
    errors.PageLoop("x"),
    errors.TooLarge("x"),
    errors.NotJson("x"),
    errors.UnexpectedShape("x"),
    errors.BadRequest("x", status=400),
    errors.Unauthorized("x", status=401),
    errors.Forbidden("x", status=403),
    errors.NotFound("x", status=404),
    errors.Gone("x", status=410),
    errors.RateLimited("x", status=429, retry_at=NOON),
    errors.NotYetReady("x", status=202),
    errors.UnexpectedRedirect("x", status=302),
    errors.ServerFault("x", status=500),
    errors.TimedOutThere("x", status=555),
]


@pytest.mark.parametrize("error", ALL_ERRORS, ids=lambda error: type(error).__name__)
def test_every_failure_of_a_call_is_a_state_with_words_and_never_the_calls_own(error):
    state = states.state_of(error)

    assert state.title
    assert state.text
    assert state.status in {403, 404, 503}
    assert "evil.test" not in state.title + state.text + (state.next_step or "")


def test_a_used_up_quota_says_when_it_comes_back():
    state = states.state_of(errors.RateLimited("x", status=429, retry_at=NOON + timedelta(minutes=5)))

    assert state.next_step == "The figures come back at about 12:05 UTC."


def test_old_figures_say_why_they_are_old():
    assert "limit" in states.stale_note(errors.RateLimited("x", status=429), age="3 min")
    assert (
        states.stale_note(errors.TimedOut("x"), age="3 min")
        == "Bitbucket does not answer. These figures are 3 min old."
    )
