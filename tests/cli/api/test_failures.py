"""What is said of a call that failed."""

from datetime import UTC, datetime

from bitbucket.errors import (
    BadRequest,
    Forbidden,
    ForeignRedirect,
    Gone,
    NotYetReady,
    RateLimited,
    TimedOut,
    UnexpectedShape,
)
from cli.api.failures import sentences_of


def said(error):
    return "\n".join(sentences_of(error))


def test_bitbuckets_own_words_come_first():
    error = BadRequest(
        "Bad request", status=400, detail="It is wrong.", fields={"title": ("required key not provided",)}
    )
    assert said(error) == "400 Bad request\nIt is wrong.\ntitle: required key not provided"


def test_missing_scopes_are_named():
    error = Forbidden("Your credentials lack one or more required privilege scopes.", status=403)
    error.required, error.granted = ("issue:write",), ()
    assert said(error).endswith("Scopes needed: issue:write. Granted: none.")


def test_what_is_gone_says_where_to_go():
    error = Gone("Functionality has been deprecated", status=410, data={"announcement_url": "https://x/1", "n": 1})
    error.successor = "Use /2.0/user/workspaces."
    assert said(error).splitlines()[1:] == ["Use /2.0/user/workspaces.", "https://x/1"]


def test_when_to_try_again_is_said_where_it_is_known():
    error = RateLimited("Rate limit for this resource has been exceeded", status=429)
    error.retry_at = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)
    assert said(error) == "429 Rate limit for this resource has been exceeded\nTry again from 12:05:00 UTC."


def test_what_is_kept_elsewhere_is_told_where():
    assert "https://cdn.example.com/x" in said(ForeignRedirect("It was not followed.", url="https://cdn.example.com/x"))


def test_what_goes_on_is_told_where_to_ask():
    error = NotYetReady("No message.", status=202)
    error.location = "https://api.bitbucket.org/2.0/x"
    assert said(error).endswith("Ask for the outcome at https://api.bitbucket.org/2.0/x")


def test_silence_has_a_sentence():
    assert said(TimedOut("No answer in time.")) == "No answer in time."
    assert "leave --paginate out" in said(UnexpectedShape("Object missing required field `values`"))
