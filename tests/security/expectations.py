"""What an entry expects of the answer: status, public error, and the reason that only the security log may know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.security.performance import Outcome
    from tests.security.wire import Answer

PUBLIC_ERRORS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "payload_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    503: "unavailable",
}
# Refused by the HTTP server before any application code runs; it has no error shape of ours and no log of reasons.
SERVER_STATUSES = {0, 400, 408, 414, 431, 501}


def check_answer(outcome: Outcome) -> None:
    """The status is one of the list, and the public error the one expected. A replay's first sending must be good."""
    expected = outcome.entry["expect"]
    *earlier, last = outcome.answers
    for answer in earlier:
        assert answer.status in expected["status"], f"an earlier answer: {answer.status} {answer.text[:200]}"
    assert last.status in expected["status"], f"{last.status} {last.text[:300]}"
    if outcome.entry.get("token") and outcome.entry["token"].get("replay"):
        assert outcome.answers[0].status < 300, "the call to replay was refused itself"
    if last.status >= 400 and not comes_from_the_server(last):
        check_error(last, expected["error"])


def comes_from_the_server(answer: Answer) -> bool:
    return answer.status in SERVER_STATUSES and answer.header("X-Request-Id") is None


def check_error(answer: Answer, expected: str | None) -> None:
    """`*` is any public code, which must still be the one of the status; None allows no error at all."""
    assert expected is not None or answer.status == 503, f"no error was expected, and {answer.status} came"
    assert answer.status in PUBLIC_ERRORS, f"{answer.status} is no status of the public error shape"
    if expected not in {"*", None}:
        assert PUBLIC_ERRORS[answer.status] == expected
    if answer.content_type == "application/json":
        assert answer.error_code == PUBLIC_ERRORS[answer.status], f"the body says {answer.error_code}"
    else:
        assert answer.content_type == "text/html", f"an error as {answer.content_type}"


def check_reason(outcome: Outcome) -> None:
    """The security log gives the listed reason for a refusal, and for what was accepted in spite of something.

    Where the list of statuses allows an acceptance as well as a refusal, the service chose how to see the case, and any
    reason will do as long as a refusal gives one. Names that the file gives to defences of the HTTP server, and to
    designs (a webhook as a hint), stand in no log.
    """
    expected = outcome.entry["expect"]
    wanted, answer = expected["log_reason"], outcome.answer
    if outcome.entry["target"] == "outbound":
        # Not the page's request, but the job beside it that asked.
        logged = {str(entry["reason"]) for entry in outcome.laboratory.journal.entries if "reason" in entry}
        assert OUR_WORDS.get(str(wanted), {wanted}) & logged, f"the log tells of {logged}, not of {wanted}"
        return
    if wanted is None or wanted == "ignored" or comes_from_the_server(answer) or answer.status == 0:
        return
    logged = outcome.laboratory.journal.reasons(answer.header("X-Request-Id"))
    if answer.status < 400:
        if all(status < 400 for status in expected["status"]) and str(wanted).startswith("lifecycle."):
            assert wanted in logged, f"accepted for {logged}, not for {wanted}"
        return
    assert logged, "a refusal without a reason in the log"
    if answer.status == 405 and 401 in expected["status"]:
        # Refused for its method before any token is looked at, which the entry allows.
        wanted = "input.method"
    if not allows_acceptance(expected):
        assert OUR_WORDS.get(str(wanted), {wanted}) & logged, f"refused for {logged}, not for {wanted}"


# The file's words for designs that we do not have, and what is logged of an address that does not exist here.
OUR_WORDS = {
    # What is not held is asked of Bitbucket, as the tenant that asks, and Bitbucket has no such thing in its repository.
    "tenant.foreign_object": {"tenant.foreign_object", "tenant.foreign_repo", "input.path", "out.not_found"},
    # Its items are no commits, so the first page is refused and no other is asked for.
    "out.page_limit": {"out.page_limit", "out.bad_shape"},
    # A repository where commits were asked for is refused for its shape, before anybody looks whose it is.
    "out.foreign_object": {"out.foreign_object", "out.bad_shape"},
    "tenant.slug_reuse": {"input.path"},
    # A 403 and a 404 are two reasons here.
    "out.forbidden": {"out.forbidden", "out.not_found"},
}


def allows_acceptance(expected: Mapping[str, object]) -> bool:
    statuses = expected["status"]
    return isinstance(statuses, list) and any(status < 400 for status in statuses)
