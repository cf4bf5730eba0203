"""What an operator may set, and the sentences that say what is wrong with it."""

from __future__ import annotations

import base64
import secrets
import traceback

import pytest

import settings
from settings import DEMO_KEY, Settings, SettingsInvalid, load_settings

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
OTHER_KEY = base64.urlsafe_b64encode(b"o" * 32).decode()


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Nothing of the developer's own, and the two variables that production cannot do without."""
    for name in Settings.model_fields:
        monkeypatch.delenv(Settings.variable(name), raising=False)
    monkeypatch.setenv("BITTERN_BASE_URL", "https://bittern.example.com")
    monkeypatch.setenv("BITTERN_SECRET_KEYS", KEY)
    return monkeypatch


def problems_of(**values):
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(**values)
    return list(refused.value.problems)


def test_two_variables_are_enough():
    loaded = load_settings()
    assert (loaded.base_url, loaded.app_key, loaded.app_name) == ("https://bittern.example.com", "bittern", "Bittern")
    assert loaded.api_url == "https://api.bitbucket.org"
    assert loaded.site_url == "https://bitbucket.org"
    assert loaded.database_url == "sqlite:///var/bittern.db"
    assert (loaded.retention_days, loaded.demo, loaded.queue_url) == (30, False, None)


def test_every_problem_is_said_at_once(environment):
    environment.delenv("BITTERN_SECRET_KEYS")
    environment.setenv("BITTERN_BASE_URL", "http://bittern.example.com/")
    environment.setenv("BITTERN_RETENTION_DAYS", "-1")
    environment.setenv("BITTERN_DATABASE_URL", "mysql://localhost/bittern")
    environment.setenv("BITTERN_LOG_LEVEL", "chatty")
    problems = problems_of()
    assert [problem.split()[0] for problem in problems] == [
        "BITTERN_BASE_URL",
        "BITTERN_SECRET_KEYS",
        "BITTERN_DATABASE_URL",
        "BITTERN_RETENTION_DAYS",
        "BITTERN_LOG_LEVEL",
    ]
    assert str(SettingsInvalid(problems)).splitlines() == problems


def test_a_missing_address_is_asked_for_in_words(environment):
    environment.delenv("BITTERN_BASE_URL")
    (problem,) = problems_of()
    assert problem.startswith("BITTERN_BASE_URL is not set: the public https address")


def test_an_empty_variable_counts_as_not_set(environment):
    environment.setenv("BITTERN_APP_SECRET", "")
    environment.setenv("BITTERN_METRICS_PORT", "")
    loaded = load_settings()
    assert (loaded.app_secret, loaded.metrics_port) == (None, None)


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().retention_days = 0


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("http://bittern.example.com", "must begin with https://"),
        ("https://bittern.example.com/", "must not end with a slash"),
        ("https://bittern.example.com/app/", "must not end with a slash"),
        ("bittern.example.com", "must be an address"),
        ("ftp://bittern.example.com", "must be an address"),
        ("https://", "must be an address"),
        ("https:///app", "must be an address"),
        ("https://user@bittern.example.com", "user name"),
        ("https://:secret@bittern.example.com", "user name"),
        ("https://bittern.example.com?x=1", "a query"),
        ("https://bittern.example.com?", "a query"),
        ("https://bittern.example.com#top", "a fragment"),
        ("https://bittern.example.com:99999", "cannot be read"),
        ("https://[::1", "cannot be read"),
        ("https://bittern.example.com\\@evil.example", "a backslash"),
        ("https://bittern.example.com/a b", "a space"),
        ("https://bittern.example.com\n", "a control character"),
    ],
)
def test_it_refuses_an_address_that_bitbucket_would_refuse(environment, address, complaint):
    environment.setenv("BITTERN_BASE_URL", address)
    (problem,) = problems_of()
    assert problem.startswith("BITTERN_BASE_URL ")
    assert complaint in problem


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://bittern.example.com", ""),
        ("https://bittern.example.com:8443/app", "/app"),
        ("https://example.com/one/two", "/one/two"),
    ],
)
def test_the_base_path_is_that_of_the_address(environment, address, path):
    environment.setenv("BITTERN_BASE_URL", address)
    assert load_settings().base_path == path


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_plain_http_is_for_a_demo_on_this_machine_only(environment, host):
    environment.setenv("BITTERN_BASE_URL", f"http://{host}")
    assert load_settings(demo=True).base_url == f"http://{host}"
    (problem,) = problems_of()
    assert "must begin with https://" in problem


def test_a_demo_does_not_make_plain_http_right_elsewhere(environment):
    environment.setenv("BITTERN_BASE_URL", "http://bittern.example.com")
    (problem,) = problems_of(demo=True)
    assert "must begin with https://" in problem


@pytest.mark.parametrize("variable", ["api_url", "site_url"])
@pytest.mark.parametrize(
    "address", ["https://bitbucket.example/", "https://bitbucket.example/2.0", "http://127.0.0.1:1"]
)
def test_the_hosts_of_bitbucket_are_https_origins(variable, address):
    (problem,) = problems_of(**{variable: address})
    assert problem.startswith(Settings.variable(variable))


def test_in_a_demo_the_hosts_of_bitbucket_may_be_a_simulator():
    loaded = load_settings(demo=True, api_url="http://127.0.0.1:7990", site_url="http://127.0.0.1:7990")
    assert loaded.api_url == loaded.site_url == "http://127.0.0.1:7990"


def test_keys_are_read_newest_first(environment):
    environment.setenv("BITTERN_SECRET_KEYS", f" {OTHER_KEY} , {KEY},")
    assert load_settings().master_keys == [b"o" * 32, b"k" * 32]


def test_a_key_in_the_other_alphabet_of_base64_is_the_same_key(environment):
    environment.setenv("BITTERN_SECRET_KEYS", f"{'+/' * 22},{'-_' * 22}")
    first, second = load_settings().master_keys
    assert first == second


def test_the_command_that_it_recommends_makes_a_good_key(environment):
    environment.setenv("BITTERN_SECRET_KEYS", secrets.token_urlsafe(32))
    (key,) = load_settings().master_keys
    assert len(key) == 32


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ("", "is not set"),
        (",", "is not set"),
        (base64.urlsafe_b64encode(b"k" * 31).decode(), "(number 1) of 31 bytes"),
        (f"{KEY},short", "(number 2)"),
        (f"{KEY},not base64 at all!", "(number 2) that is not base64"),
        ("ä" * 43, "(number 1) that is not base64"),
    ],
)
def test_it_refuses_missing_and_weak_keys(environment, keys, complaint):
    environment.setenv("BITTERN_SECRET_KEYS", keys)
    (problem,) = problems_of()
    assert problem.startswith("BITTERN_SECRET_KEYS ")
    assert complaint in problem


def test_a_demo_on_this_machine_needs_no_key(environment):
    environment.delenv("BITTERN_SECRET_KEYS")
    loaded = load_settings(demo=True, base_url="http://127.0.0.1:8000")
    assert loaded.secret_keys.get_secret_value() == DEMO_KEY
    assert len(loaded.master_keys[0]) >= settings.MINIMUM_KEY_BYTES


@pytest.mark.parametrize("keys", [DEMO_KEY, f"{KEY},{DEMO_KEY}"])
@pytest.mark.parametrize("demo", [False, True])
def test_the_demo_key_is_refused_where_others_can_reach_the_service(environment, keys, demo):
    environment.setenv("BITTERN_SECRET_KEYS", keys)
    (problem,) = problems_of(demo=demo)
    assert "published demo key" in problem


def test_a_demo_that_others_can_reach_needs_a_key_of_its_own(environment):
    environment.delenv("BITTERN_SECRET_KEYS")
    (problem,) = problems_of(demo=True)
    assert "published demo key" in problem


@pytest.mark.parametrize("variable", ["app_secret", "metrics_token"])
def test_it_refuses_a_secret_that_can_be_guessed(variable):
    (problem,) = problems_of(**{variable: "s" * 15})
    assert "too short" in problem
    assert load_settings(**{variable: "s" * 16})


@pytest.mark.parametrize(
    "url",
    [
        "mysql://localhost/x",
        "bittern.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://var/bittern.db",
        "redis://localhost",
    ],
)
def test_it_refuses_a_database_that_processes_cannot_share(url):
    (problem,) = problems_of(database_url=url)
    assert problem.startswith("BITTERN_DATABASE_URL ")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///var/bittern.db",
        "sqlite:////srv/bittern.db",
        "postgres://u:p@db/x",
        "postgresql://u:p@db/x",
        "postgresql+psycopg://u:p@db/x",
    ],
)
def test_it_takes_every_database_that_we_run_on(url):
    assert load_settings(database_url=url).database_url == url


@pytest.mark.parametrize("url", ["redis://localhost/1", "rediss://localhost", "sqlite:///q.db", "postgresql://db/x"])
def test_it_takes_every_queue_that_we_run_on(url):
    assert load_settings(queue_url=url).queue_url == url


@pytest.mark.parametrize("url", ["amqp://localhost", "sqlite://"])
def test_it_refuses_other_queues(url):
    (problem,) = problems_of(queue_url=url)
    assert problem.startswith("BITTERN_QUEUE_URL ")


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("DEMO", "perhaps", "must be true or false."),
        ("RETENTION_DAYS", "-1", "must be at least 0."),
        ("RETENTION_DAYS", "many", "must be a whole number."),
        ("RETENTION_DAYS", "99999", "must be at most 3650."),
        ("METRICS_PORT", "0", "must be at least 1."),
        ("METRICS_PORT", "65536", "must be at most 65535."),
        ("PROXY_HOPS", "-1", "must be at least 0."),
        ("PANEL_DEADLINE_SECONDS", "0", "must be more than 0.0."),
        ("PANEL_DEADLINE_SECONDS", "soon", "must be a number."),
        ("API_TIMEOUT_SECONDS", "nan", "must be at most 300.0."),
        ("INSTALL_PROOF_SECONDS", "10", "must be at most 9.0."),
        ("WORKER_THREADS", "0", "must be at least 1."),
        ("LOG_LEVEL", "chatty", "must be one of 'DEBUG', 'INFO', 'WARNING' or 'ERROR'."),
        ("LOG_FORMAT", "xml", "must be one of 'json' or 'console'."),
        ("APP_NAME", "x" * 81, "must have at most 80 characters."),
        (
            "APP_KEY",
            "Bittern App",
            "may hold lower-case letters, digits, dots and hyphens only, at most 80 characters.",
        ),
        ("APP_KEY", "x" * 81, "may hold lower-case letters, digits, dots and hyphens only, at most 80 characters."),
    ],
)
def test_it_says_in_plain_words_what_a_value_must_be(environment, name, value, complaint):
    environment.setenv(f"BITTERN_{name}", value)
    assert problems_of() == [f"BITTERN_{name} {complaint}"]


def test_an_override_that_is_no_setting_is_a_mistake():
    assert problems_of(retention_weeks=1) == ["BITTERN_RETENTION_WEEKS is not a setting."]


def test_no_secret_shows_in_settings_or_errors(environment):
    environment.setenv("BITTERN_APP_SECRET", "canary-app-secret-value")
    environment.setenv("BITTERN_METRICS_TOKEN", "canary-metrics-token")
    environment.setenv("BITTERN_DATABASE_URL", "postgresql://u:canary-database@db/x")
    environment.setenv("BITTERN_QUEUE_URL", "redis://:canary-queue@db/1")
    loaded = load_settings()
    assert "canary" not in repr(loaded) + str(loaded)
    assert KEY not in repr(loaded)


def test_no_refused_secret_shows_in_the_error_or_its_traceback(environment):
    environment.setenv("BITTERN_SECRET_KEYS", "canary-key")
    environment.setenv("BITTERN_APP_SECRET", "canary-secret")
    environment.setenv("BITTERN_DATABASE_URL", "mysql://canary-password@db")
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    assert len(refused.value.problems) == 3
    assert "canary" not in "".join(traceback.format_exception(refused.value))


def test_every_setting_is_described_for_the_readme():
    assert {name for name, field in Settings.model_fields.items() if not field.description} == set()
    assert all(field.description.endswith(".") for field in Settings.model_fields.values())
