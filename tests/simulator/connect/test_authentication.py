"""Who an app is to the API."""

from __future__ import annotations

import jwt
import pytest

from simulator.connect.authentication import AppAuthenticator, app_user, home_of, quota_key
from simulator.connect.installations import Installation, Installations
from simulator.connect.settings import ConnectSettings
from simulator.connect.signing import query_string_hash

NOW = 1_795_000_000
SECRET = "a secret of the tests that is long enough"
TARGET = "/2.0/repositories/acme/paint?fields=uuid"
TOKEN_ENDPOINT = "/site/oauth2/access_token"


@pytest.fixture
def settings():
    return ConnectSettings()


@pytest.fixture
def installation(cast):
    return Installation(client_key="connection:1", app_key="bittern", principal_uuid=cast.acme.uuid, secret=SECRET)


@pytest.fixture
def authenticate(cast, installation, settings):
    installations = Installations()
    installations.put(installation)
    return AppAuthenticator(cast.world, installations, settings=settings, clock=lambda: NOW)


def token(method="GET", target=TARGET, **changes):
    claims = {"iss": "bittern", "sub": "connection:1", "iat": NOW, "exp": NOW + 60}
    return jwt.encode({**claims, "qsh": query_string_hash(method, target), **changes}, SECRET, algorithm="HS256")


def test_an_app_acts_as_its_own_user_at_home_in_its_workspace(cast, authenticate, installation):
    found = authenticate(token(), "GET", TARGET)
    assert (found.kind, found.home, found.user.kind) == ("jwt", cast.acme, "app_user")
    assert (found.scopes, found.app_key) == (installation.scopes, "bittern")
    assert found.quota_key == quota_key(installation) == "connect:connection:1"
    assert found.permission_on(cast.paint) == "admin"
    assert found.permission_on(cast.secret) is None


@pytest.mark.parametrize(
    ("given", "method", "target"),
    [
        ("nonsense", "GET", TARGET),
        (token(exp=NOW - 1), "GET", TARGET),
        (token(sub="connection:2"), "GET", TARGET),
        (token(iss="other"), "GET", TARGET),
        (token(), "POST", TARGET),
        (token(), "GET", "/2.0/repositories/acme/paint"),
    ],
)
def test_a_token_that_is_not_for_this_request_is_nobodys(authenticate, given, method, target):
    assert authenticate(given, method, target) is None


def test_the_hash_can_be_overlooked_on_rest(authenticate, settings):
    settings.checks_qsh_on_rest = False
    assert authenticate(token(target="/elsewhere"), "GET", TARGET)


def test_the_hash_is_overlooked_at_the_token_endpoint_unless_asked(authenticate, settings):
    wrong = token("GET", TOKEN_ENDPOINT)
    assert authenticate(wrong, "POST", TOKEN_ENDPOINT)
    settings.checks_qsh_on_token_endpoint = True
    assert authenticate(wrong, "POST", TOKEN_ENDPOINT) is None
    assert authenticate(token("POST", TOKEN_ENDPOINT), "POST", TOKEN_ENDPOINT)


def test_an_app_whose_workspace_is_gone_is_nobody(cast, authenticate):
    del cast.world.workspaces[cast.acme.uuid]
    assert authenticate(token(), "GET", TARGET) is None


def test_the_apps_user_is_made_once(cast, installation):
    assert app_user(cast.world, installation) is app_user(cast.world, installation)
    assert app_user(cast.world, installation).display_name == "bittern"


def test_a_person_without_a_workspace_gets_their_personal_one(cast):
    home = home_of(cast.world, cast.bob.uuid)
    assert (home.uuid, home.personal_of) == (cast.bob.uuid, cast.bob)
    assert home_of(cast.world, cast.bob.uuid) is home
    assert home_of(cast.world, cast.acme.uuid) is cast.acme
    assert home_of(cast.world, "{nobody}") is None
