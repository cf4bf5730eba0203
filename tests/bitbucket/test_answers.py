"""From an answer to an exception: every shape of error that was seen, and whatever else a server may send."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitbucket.answers import decode, error_from, grant_error_from, retry_at
from bitbucket.errors import (
    Answered,
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    GrantRefused,
    NotFound,
    NotJson,
    NotYetReady,
    RateLimited,
    ServerFault,
    TimedOutThere,
    Unauthorized,
    UnexpectedRedirect,
    UnexpectedShape,
)
from bitbucket.messages import Headers, Response
from tests.bitbucket.cast import NOW
from tests.bitbucket.fake_transport import json_answer, text_answer


def error_of(value, *, status=400):
    return error_from(json_answer(value, status=status), now=NOW)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (202, NotYetReady),
        (301, UnexpectedRedirect),
        (302, UnexpectedRedirect),
        (400, BadRequest),
        (401, Unauthorized),
        (402, BadRequest),
        (403, Forbidden),
        (404, NotFound),
        (409, Conflict),
        (410, Gone),
        (411, BadRequest),
        (415, BadRequest),
        (429, RateLimited),
        (500, ServerFault),
        (502, ServerFault),
        (503, ServerFault),
        (555, TimedOutThere),
        (599, ServerFault),
    ],
)
def test_each_status_has_its_exception(status, kind):
    error = error_of({"type": "error", "error": {"message": "No."}}, status=status)
    assert type(error) is kind
    assert (error.status, error.message) == (status, "No.")


def test_a_status_of_no_kind_is_still_an_answer():
    assert type(error_of({}, status=204)) is Answered


class TestBodies:
    def test_message_and_detail_are_read(self):
        error = error_of({"type": "error", "error": {"message": "Resource not found", "detail": "No API here"}})
        assert (error.message, error.detail) == ("Resource not found", "No API here")

    @pytest.mark.parametrize("wrong", [["is too long"], "is too long"])
    def test_fields_are_read_as_lists_and_as_bare_strings(self, wrong):
        assert error_of({"error": {"message": "Bad", "fields": {"name": wrong}}}).fields == {"name": ("is too long",)}

    def test_missing_scopes_are_read(self):
        detail = {"required": ["issue:write"], "granted": ["repository", "account"]}
        error = error_of({"type": "error", "error": {"message": "Your credentials lack", "detail": detail}}, status=403)
        assert (error.required, error.granted) == (("issue:write",), ("repository", "account"))
        assert error.detail == ""

    @pytest.mark.parametrize("inside", [True, False])
    def test_the_address_of_an_announcement_is_read_wherever_it_stands(self, inside):
        data = {"announcement_url": "https://example.com/2770"}
        member = {"message": "CHANGE-2770", **({"data": data} if inside else {})}
        error = error_of({"type": "error", "error": member, **({} if inside else {"data": data})}, status=410)
        assert error.data == data

    def test_the_shape_of_code_insights_is_read(self):
        error = error_of({"key": "report-service.general.bad-request", "message": "Bad report", "arguments": {}})
        assert error.message == "Bad report"

    def test_plain_text_is_the_message(self):
        answer = text_answer("Rate limit for this resource has been exceeded", status=429)
        assert error_from(answer, now=NOW).message == "Rate limit for this resource has been exceeded"
        assert error_from(text_answer("Not Found", status=404), now=NOW).message == "Not Found"

    @pytest.mark.parametrize("body", ["", "  ", "<html><body>Log in</body></html>", '{"error":', "[1, 2]"])
    def test_a_body_that_says_nothing_gives_no_message(self, body):
        assert error_from(text_answer(body, status=500), now=NOW).message == "No message."

    def test_a_message_is_one_printable_line_of_bounded_length(self):
        error = error_of({"error": {"message": "one\r\ntwo\x1b[31m\u202e" + "x" * 10_000}})
        assert error.message.startswith("one two [31m xxx")
        assert len(error.message) == 500

    @pytest.mark.parametrize(
        "body",
        [
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"error":' * 100_000,
            b'{"error": {"message": {"a": 1}, "detail": 7, "fields": [1], "data": "x"}}',
            b'{"error": null, "message": null}',
            b'{"error": {"fields": {"a": null, "b": {"c": 1}, "d": [1, null]}}}',
            b'{"error": {"detail": {"required": "issue", "granted": null}}}',
            b"null",
            b"NaN",
        ],
    )
    @pytest.mark.parametrize("status", [400, 403, 429, 500])
    def test_no_body_makes_it_raise_anything_else(self, body, status):
        assert isinstance(error_from(Response(status, Headers(), body), now=NOW), Answered)

    @given(st.binary(max_size=200), st.integers(100, 599))
    def test_no_bytes_make_it_raise(self, body, status):
        assert error_from(Response(status, Headers(), body), now=NOW).status == status

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner) | st.dictionaries(st.sampled_from(["error", "message", "detail", "data"]), inner)
            ),
        )
    )
    def test_no_json_makes_it_raise(self, value):
        assert isinstance(error_from(Response(403, Headers(), json.dumps(value).encode()), now=NOW), Forbidden)


class TestRetryAt:
    @pytest.mark.parametrize(
        ("retry_after", "seconds"),
        [
            ("120", 120),
            (" 7 ", 7),
            ("0", 1),
            ("-5", 1),
            ("999999999", 900),
            ("9" * 5000, 900),
            ("Mon, 23 Nov 2026 09:32:00 GMT", 120),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 1),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 900),
            ("abc", 60),
            ("", 60),
            ("1.5", 60),
            ("٣", 60),
            ("Mon, 99 Nov 2026 09:32:00 GMT", 60),
            (None, 60),
        ],
    )
    def test_it_is_never_sooner_than_a_second_nor_later_than_a_quarter_of_an_hour(self, retry_after, seconds):
        assert retry_at(retry_after, now=NOW, otherwise=timedelta(seconds=60)) == NOW + timedelta(seconds=seconds)

    @given(st.text())
    def test_no_header_leads_out_of_the_bounds(self, text):
        wait = retry_at(text, now=NOW, otherwise=timedelta(seconds=60)) - NOW
        assert timedelta(seconds=1) <= wait <= timedelta(minutes=15)

    @pytest.mark.parametrize(("status", "seconds"), [(429, 300), (500, 30), (503, 30), (555, 30), (202, 2)])
    def test_what_passes_says_when_to_try_again(self, status, seconds):
        assert error_of({}, status=status).retry_at == NOW + timedelta(seconds=seconds)

    def test_a_rate_limit_that_says_when_is_believed(self):
        error = error_from(text_answer("no", status=429, headers={"Retry-After": "60"}), now=NOW)
        assert error.retry_at == NOW + timedelta(seconds=60)

    @pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410])
    def test_what_does_not_pass_never_says_when(self, status):
        assert error_of({}, status=status).retry_at is None

    def test_work_in_progress_says_where_to_ask(self):
        answer = json_answer({}, status=202, headers={"Location": "https://api.bitbucket.org/2.0/task"})
        assert error_from(answer, now=NOW).location == "https://api.bitbucket.org/2.0/task"


class TestTheTokenEndpoint:
    @pytest.mark.parametrize("status", [400, 401])
    def test_its_no_is_a_refused_grant(self, status):
        body = {"error": "invalid_grant", "error_description": "The JWT is not valid"}
        error = grant_error_from(json_answer(body, status=status), now=NOW)
        assert isinstance(error, GrantRefused)
        assert (error.error_code, error.message, error.status) == ("invalid_grant", "The JWT is not valid", status)
        assert error.permanent

    def test_its_no_may_be_anything(self):
        error = grant_error_from(Response(400, Headers(), b"<html>"), now=NOW)
        assert isinstance(error, GrantRefused)
        assert error.error_code == ""

    @pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (503, ServerFault), (403, Forbidden)])
    def test_its_troubles_are_the_usual_ones(self, status, kind):
        assert type(grant_error_from(json_answer({}, status=status), now=NOW)) is kind


class Named(msgspec.Struct):
    name: str


class TestDecode:
    def test_it_makes_the_struct(self):
        assert decode(b'{"name": "moxie", "other": 1}', Named).name == "moxie"

    @pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff", b'{"name": "\xff"}', b'{"x":' + b"[" * 100_000])
    def test_what_is_no_json_is_refused(self, body):
        with pytest.raises(NotJson):
            decode(body, Named)

    @pytest.mark.parametrize(("body", "where"), [(b'{"name": 7}', r"\$\.name"), (b"{}", "name"), (b"[]", "array")])
    def test_what_has_another_shape_is_refused_and_says_where(self, body, where):
        with pytest.raises(UnexpectedShape, match=where):
            decode(body, Named)
