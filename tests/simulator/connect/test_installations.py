"""Which secret is good at which moment."""

from __future__ import annotations

import jwt
import pytest

from simulator.connect.descriptor import Descriptor
from simulator.connect.errors import TokenRefused
from simulator.connect.installations import Installation, Installations, RegisteredApp
from simulator.connect.signing import query_string_hash
from simulator.rest.scopes import ALL
from tests.simulator.stand_in import descriptor

NOW = 1_795_000_000
TARGET = "/2.0/user?a=1"
OLD, NEW = "the old secret of the tests, long enough", "the new secret of the tests, long enough"


def installation(client_key="connection:1", secret=OLD, **changes):
    return Installation(client_key=client_key, app_key="bittern", principal_uuid="{1}", secret=secret, **changes)


def token(secret=OLD, *, client_key="connection:1", app_key="bittern", target=TARGET):
    claims = {"iss": app_key, "sub": client_key, "iat": NOW, "exp": NOW + 60, "qsh": query_string_hash("GET", target)}
    return jwt.encode(claims, secret, algorithm="HS256")


def authenticate(installations, given, *, checks_qsh=True):
    return installations.authenticate(given, method="GET", target=TARGET, now=NOW, checks_qsh=checks_qsh)


@pytest.fixture
def installations():
    made = Installations()
    made.put(installation())
    return made


def test_an_installed_app_is_known_by_its_secret(installations):
    assert authenticate(installations, token()).client_key == "connection:1"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (token(NEW), "signature"),
        (token(client_key="connection:2"), "clientKey"),
        (token(app_key="other"), "key of the app"),
        (token(target="/2.0/user?a=2"), "qsh"),
    ],
)
def test_anything_else_is_refused(installations, given, words):
    with pytest.raises(TokenRefused, match=words):
        authenticate(installations, given)


def test_the_hash_is_looked_at_only_where_asked(installations):
    assert authenticate(installations, token(target="/elsewhere"), checks_qsh=False)


def test_an_uninstalled_app_is_known_but_not_let_in(installations):
    installations.deactivate("connection:1")
    assert installations.find("connection:1").secret == OLD
    assert installations.active() == []
    assert installations.current("connection:1") is None
    with pytest.raises(TokenRefused):
        authenticate(installations, token())


def test_while_a_new_secret_is_offered_both_are_good(installations):
    with installations.offered(installation(secret=NEW)):
        assert authenticate(installations, token(NEW)).secret == NEW
        assert authenticate(installations, token(OLD)).secret == OLD
        assert installations.current("connection:1").secret == NEW
    with pytest.raises(TokenRefused):
        authenticate(installations, token(NEW))
    assert authenticate(installations, token(OLD))


def test_a_first_install_is_good_while_it_is_offered_and_then_only_if_it_was_put():
    installations = Installations()
    with installations.offered(installation()):
        assert authenticate(installations, token())
    assert installations.find("connection:1") is None
    with installations.offered(installation()):
        installations.put(installation())
    assert authenticate(installations, token())


def test_an_offer_ends_even_where_the_install_raises(installations):
    with pytest.raises(RuntimeError), installations.offered(installation(secret=NEW)):
        raise RuntimeError
    with pytest.raises(TokenRefused):
        authenticate(installations, token(NEW))


def test_an_app_has_one_installation_in_each_workspace(installations):
    other = Installation(client_key="connection:2", app_key="bittern", principal_uuid="{2}", secret=NEW)
    installations.put(other)
    assert installations.of_app("bittern", "{1}").client_key == "connection:1"
    assert installations.of_app("bittern", "{2}") is other
    assert installations.of_app("bittern", "{3}") is None
    assert [one.client_key for one in installations.all()] == ["connection:1", "connection:2"]


def test_new_client_keys_are_numbers_that_nobody_has():
    installations = Installations()
    first = installations.new_connection_key()
    installations.put(installation(client_key=f"connection:{int(first.removeprefix('connection:')) + 1}"))
    second = installations.new_connection_key()
    assert int(second.removeprefix("connection:")) == int(first.removeprefix("connection:")) + 2


def test_deactivating_what_is_not_there_changes_nothing():
    installations = Installations()
    installations.deactivate("connection:9")
    assert installations.all() == []


def test_registered_apps_are_found_by_their_key(installations):
    app = RegisteredApp(key="bittern", secret=NEW)
    installations.register(app)
    assert installations.registered("bittern") is app
    assert installations.registered("other") is None
    assert installations.all_registered() == [app]


def test_what_an_app_may_do_is_what_its_descriptor_asked_for():
    read = Descriptor.from_document({**descriptor("bittern", "https://app.example"), "scopes": ["repository"]})
    assert installation(descriptor=read).scopes == frozenset({"repository"})
    assert installation().scopes == ALL
    assert not installation().is_registered
    assert installation(app_secret=NEW).is_registered
