"""Bodies of lifecycle calls in the shape of recorded ones, and the calls that carry them."""

from __future__ import annotations

from connect.lifecycle import InstallationState, Installed, KnownInstallation, SignedCall, Uninstalled
from tests.connect.cast import (
    ALICE_KEY,
    ALICE_WORKSPACE,
    APP_KEY,
    NEW_SECRET,
    NOW,
    OLD_SECRET,
    SECRET,
    claims_for,
    sign,
)

API_URL = "https://api.bitbucket.org"
SITE_URL = "https://bitbucket.org"
HOSTS = {"app_key": APP_KEY, "api_url": API_URL, "site_url": SITE_URL}
ACTOR_UUID = "{6ae3c307-ae59-4135-9c72-bdd06eb2010a}"


def workspace(uuid: str = ALICE_WORKSPACE, **changes) -> dict:
    principal = {
        "type": "team",
        "username": "alices-workspace",
        "display_name": "Alice's workspace",
        "uuid": uuid,
        "is_active": True,
        "created_on": "2021-03-23T22:31:12.668759+00:00",
        "properties": {},
        "has_2fa_enabled": None,
        "links": {"self": {"href": f"https://api.bitbucket.org/2.0/teams/{uuid}"}},
    }
    return without_left_out(principal | changes)


def person(uuid: str = ALICE_WORKSPACE) -> dict:
    return {
        "type": "user",
        "account_id": "602fd0fe9f84a90069078512",
        "display_name": "Alice",
        "uuid": uuid,
        "zoneinfo": None,
        "department": None,
        "is_staff": False,
    }


def uninstalled_body(**changes) -> dict:
    principal = changes.get("principal", workspace())
    body = {
        "productType": "bitbucket",
        "eventType": "uninstalled",
        "key": APP_KEY,
        "clientKey": ALICE_KEY,
        "publicKey": "MIGf",
        "baseUrl": SITE_URL,
        "baseApiUrl": API_URL,
        "principal": principal,
        "user": principal,
    }
    return without_left_out(body | changes)


def installed_body(**changes) -> dict:
    actor = {"type": "user", "uuid": ACTOR_UUID.strip("{}"), "account_id": "6059303e630024006fab8c2b"}
    body = {"eventType": "installed", "sharedSecret": NEW_SECRET, "actor": actor}
    return uninstalled_body(**(body | changes))


def without_left_out(body: dict) -> dict:
    """A member that is changed to `...` is left out."""
    return {member: value for member, value in body.items() if value is not ...}


def installed(**changes) -> Installed:
    return Installed.from_payload(installed_body(**changes), **HOSTS)


def uninstalled(**changes) -> Uninstalled:
    return Uninstalled.from_payload(uninstalled_body(**changes), **HOSTS)


def call(path: str, authorization: str | None) -> SignedCall:
    return SignedCall(authorization=authorization, method="POST", target=path, base_path="")


def signed(path: str, secret: str, *, client_key: str = ALICE_KEY, at: int = NOW, **claims) -> SignedCall:
    """A call as Bitbucket signs it with this secret at this second."""
    token = sign(claims_for(f"POST&{path}&", client_key=client_key, now=at, **claims), secret=secret)
    return call(path, f"JWT {token}")


def known(state: str = "active", **changes) -> KnownInstallation:
    """What is stored about Alice's workspace, installed an hour ago and rotated once."""
    facts = {
        "client_key": ALICE_KEY,
        "state": InstallationState(state),
        "secret": SECRET,
        "previous_secret": OLD_SECRET,
        "principal_uuid": ALICE_WORKSPACE,
        "lifecycle_at": NOW - 3600,
    }
    return KnownInstallation(**(facts | changes))
