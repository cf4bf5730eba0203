"""Log entries: one JSON object a line, and no secret in it, wherever it hides."""

import json
import logging

import pytest
import structlog

import logs

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJjb25uZWN0aW9uOjEifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
SECRET = "shared-secret-0123456789-0123456789"


@pytest.fixture
def entries(capsys):
    """Sets logging up as a process does, does something, and reads back what was written."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config())

    def entries(action):
        logs.configure(level="INFO", log_format="json")
        action(structlog.get_logger())
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    yield entries
    root.handlers[:], root.level = before[0], before[1]
    structlog.configure(**before[2])


def test_an_event_is_one_json_object_with_its_time_and_level(entries):
    [entry] = entries(lambda log: log.info("webhook.taken_in", event_key="repo:push"))

    assert (entry["event"], entry["level"], entry["event_key"]) == ("webhook.taken_in", "info", "repo:push")
    assert entry["at"].endswith("Z")


def test_what_a_library_says_goes_the_same_way(entries):
    [entry] = entries(lambda _: logging.getLogger("some.library").warning("sent %s to %s", f"jwt={TOKEN}", "there"))

    assert entry["event"] == "sent jwt=*** to there"


def test_a_context_is_part_of_every_entry(entries):
    try:
        logs.begin_context(request_id="abc", repository="{x}")
        logs.add_context(installation=7)
        [entry] = entries(lambda log: log.info("x", repository="{y}"))
        logs.begin_context(request_id="def")
        [later] = entries(lambda log: log.info("x"))
    finally:
        logs.begin_context()

    assert (entry["request_id"], entry["installation"], entry["repository"]) == ("abc", 7, "{y}")
    assert later["request_id"] == "def"
    assert "installation" not in later


def test_what_is_below_the_level_is_not_written(entries):
    assert entries(lambda log: log.debug("quiet")) == []
    assert entries(lambda _: logging.getLogger("urllib3").info("quiet too")) == []


def test_a_traceback_is_written_without_the_variables_of_its_frames(entries):
    def frame(secret):
        raise ValueError(f"Authorization: JWT {TOKEN}" + secret[:0])

    def fail(log):
        try:
            frame(SECRET)
        except ValueError:
            log.exception("request.failed")

    [entry] = entries(fail)

    assert "ValueError" in entry["exception"]
    assert TOKEN not in entry["exception"]
    assert SECRET not in entry["exception"]


@pytest.mark.parametrize(
    "name",
    [
        "secret",
        "shared_secret",
        "sharedSecret",
        "Authorization",
        "authorization",
        "jwt",
        "page_token",
        "access_token",
        "password",
        "Cookie",
        "api_key",
    ],
)
def test_the_value_under_a_secrets_name_is_hidden(name):
    assert logs.scrub(None, "info", {name: SECRET}) == {name: "***"}
    assert logs.scrub(None, "info", {"headers": {name: SECRET}}) == {"headers": {name: "***"}}


@pytest.mark.parametrize("name", ["token_kind", "secrets_rotated", "reason", "client_key", "event_key"])
def test_a_name_that_only_resembles_one_is_left_alone(name):
    assert logs.scrub(None, "info", {name: "auth.signature"}) == {name: "auth.signature"}


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f"GET /panels?repository=x&jwt={TOKEN}&user=y",
        f"Authorization: JWT {TOKEN}",
        "Authorization: Bearer 0123456789abcdef",
        "Authorization: Basic dXNlcjpwYXNzd29yZA==",
        "postgresql://bittern:hunter2hunter2@db/bittern",
        "https://x-token-auth:hunter2hunter2@bitbucket.org/w/r.git",
        'body: {"clientKey": "c", "sharedSecret": "hunter2hunter2"}',
        "access_token=hunter2hunter2&x=1",
    ],
)
def test_a_secret_inside_a_text_is_hidden(text):
    shown = logs.scrub_text(text)

    assert "***" in shown
    assert not any(part in shown for part in (TOKEN, "hunter2", "0123456789abcdef", "dXNlcjpwYXNzd29yZA"))


def test_a_secret_deep_inside_a_value_is_hidden():
    entry = logs.scrub(None, "info", {"a": [{"b": (f"jwt={TOKEN}", 3)}], "c": ValueError(TOKEN)})

    assert TOKEN not in repr(entry)
    assert entry["a"][0]["b"][1] == 3


def test_numbers_booleans_and_nothing_stay_what_they_are():
    entry = {"count": 3, "share": 0.5, "is_new": True, "why": None}

    assert logs.scrub(None, "info", dict(entry)) == entry


def test_the_console_format_is_for_people(capsys):
    root = logging.getLogger()
    before = (root.handlers[:], structlog.get_config())
    logs.configure(level="INFO", log_format="console")
    structlog.get_logger().info("something.happened", number=3)
    root.handlers[:] = before[0]
    structlog.configure(**before[1])

    line = capsys.readouterr().err
    assert "something.happened" in line
    assert "number=3" in line
