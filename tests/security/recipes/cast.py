"""The cast of an attack file: its app, its tenants, their identifiers as the file gives them, and secrets of our own.

Secrets are random for each run, so that none of them can stand in a log, a cache or a database by chance.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.security.recipes.errors import NotUnderstood

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET_NAMES = ("secret", "secret_previous", "secret_new")


def new_secret() -> str:
    """Of the length and alphabet that Bitbucket's have."""
    return secrets.token_urlsafe(48)


@dataclass
class Tenant:
    """A workspace that installed the app, may, or never did."""

    name: str
    client_key: str
    workspace_uuid: str
    facts: Mapping[str, object]
    secrets: dict[str, str]

    @property
    def slug(self) -> str:
        return f"workspace-{self.name.lower()}"

    @property
    def secret(self) -> str:
        return self.secrets["secret"]

    @property
    def repositories(self) -> dict[str, str]:
        """Name of the fact, such as `repo_open`, to UUID."""
        return {name: str(value) for name, value in self.facts.items() if name.startswith("repo_")}

    @property
    def users(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.facts.items() if name.startswith("user_")}


@dataclass
class Cast:
    """Everybody who occurs in an attack file. `mode` is `classic` or `shared` (one secret for the whole app)."""

    mode: str
    app_key: str
    leeway_seconds: int
    tenants: dict[str, Tenant]
    app_secret: str = field(default_factory=new_secret)
    attacker_secret: str = field(default_factory=new_secret)

    @classmethod
    def from_fixtures(cls, fixtures: Mapping[str, Mapping[str, object]], *, mode: str) -> Cast:
        app = fixtures["app"]
        tenants = {name: _tenant(name, facts) for name, facts in fixtures.items() if "client_key" in facts}
        cast = cls(mode, str(app["key"]), int(str(app.get("leeway_s", 60))), tenants)
        if mode == "shared":
            for tenant in tenants.values():
                tenant.secrets["secret"] = cast.app_secret
        return cast

    def tenant(self, name: str) -> Tenant:
        if name not in self.tenants:
            raise NotUnderstood("tenant", name)
        return self.tenants[name]

    def fact(self, path: str) -> object:
        """`A.client_key`, `B.pr_id`, `app.key`: what the file says of somebody."""
        name, _, fact = path.partition(".")
        if path == "app.key":
            return self.app_key
        tenant = self.tenant(name)
        if fact in SECRET_NAMES:
            return tenant.secrets[fact]
        known = {**tenant.facts, "client_key": tenant.client_key, "workspace_uuid": tenant.workspace_uuid}
        if fact not in known:
            raise NotUnderstood("fixture field", path)
        return known[fact]

    def secret(self, name: str) -> str:
        """The secret with a name of the recipe language; raises NotUnderstood."""
        if name == "attacker":
            return self.attacker_secret
        if name == "app.secret":
            return self.app_secret
        tenant, _, kind = name.partition(".")
        if kind not in SECRET_NAMES:
            raise NotUnderstood("secret", name)
        return self.tenant(tenant).secrets[kind]

    def all_secrets(self) -> set[str]:
        """Every secret of this run: none of them may ever be seen."""
        own = {secret for tenant in self.tenants.values() for secret in tenant.secrets.values()}
        return own | {self.app_secret, self.attacker_secret}

    @cached_property
    def rsa_key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def elliptic_key(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    @property
    def rsa_public_pem(self) -> bytes:
        """What an attacker who confuses algorithms would use as an HMAC secret."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.rsa_key.public_key().public_bytes(serialization.Encoding.PEM, form)


def repository_slug(fact: str) -> str:
    """`repo_open` is called `repo-open` in Bitbucket."""
    return fact.replace("_", "-")


def repository_name(tenant: Tenant, fact: str) -> str:
    """A name that stands nowhere else, so that an answer that holds it holds this repository."""
    return f"{fact.replace('_', ' ').capitalize()} of workspace {tenant.name}"


def _tenant(name: str, facts: Mapping[str, object]) -> Tenant:
    workspace = str(facts.get("workspace_uuid") or "{" + str(uuid.uuid4()) + "}")
    return Tenant(name, str(facts["client_key"]), workspace, facts, {kind: new_secret() for kind in SECRET_NAMES})
