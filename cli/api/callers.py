"""Who calls: an installation, a person, an access token, an OAuth consumer, or nobody. Exactly one of them.

What is secret need not stand in the list of processes: each secret may come from an environment variable, from a file (`@FILE`)
or from standard input (`@-`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bitbucket.credentials import AccessToken, Anonymous, Basic, ConnectJwt, Credential
from bitbucket.errors import AppPasswordsEnded
from bitbucket.oauth_consumer import ActingAsConsumer, OAuthConsumer, OAuthGrants
from cli.api.errors import UnclearCaller

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from bitbucket.credentials import Signer
    from bitbucket.messages import Transport
    from services import Clock

# The option that names each kind of caller, the member of Wish that it sets, and the secret that belongs to it.
KINDS: Final[Mapping[str, tuple[str, str | None]]] = {
    "--as": ("installation", None),
    "--user": ("user", "token"),
    "--access-token": ("access_token", None),
    "--oauth-client": ("oauth_client", "oauth_secret"),
    "--anonymous": ("anonymous", None),
}
_OPTION_OF: Final = {
    "token": "--token (or BITTERN_API_TOKEN)",
    "oauth_secret": "--oauth-secret (or BITTERN_API_OAUTH_SECRET)",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What was said of the caller, on the command line or in the environment."""

    installation: str | None = None
    user: str | None = None
    token: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    oauth_client: str | None = None
    oauth_secret: str | None = field(default=None, repr=False)
    anonymous: bool = False


def kind_of(wish: Wish, *, typed: Collection[str]) -> str:
    """The option that names the caller. What was typed (members of Wish) goes before what the environment says.

    Raises UnclearCaller for none, for two, and for a secret that belongs to another kind.
    """
    named = [option for option, (member, _) in KINDS.items() if member in typed]
    kinds = named or [option for option, (member, _) in KINDS.items() if getattr(wish, member)]
    if not kinds:
        raise UnclearCaller(
            "Say who calls: --as INSTALLATION, --user EMAIL with --token, --access-token, --oauth-client, or --anonymous."
        )
    if len(kinds) > 1:
        raise UnclearCaller(f"Only one caller can be named: {' or '.join(kinds)}.")
    stray = [secret for _, secret in KINDS.values() if secret in typed and secret != KINDS[kinds[0]][1]]
    if stray:
        raise UnclearCaller(f"{_OPTION_OF[stray[0] or ''].split()[0]} does not go with {kinds[0]}.")
    return kinds[0]


def own_credential(  # noqa: PLR0913 - what a credential may need, by name
    wish: Wish, kind: str, *, read_file: Callable[[str], bytes], transport: Transport, site_url: str, now: Clock
) -> Credential:
    """The credential of anybody but an installation. Raises UnclearCaller."""
    if kind == "--access-token":
        return AccessToken(_secret(wish.access_token, kind, read_file))
    if kind == "--oauth-client":
        client_id, _, told = (wish.oauth_client or "").partition(":")
        secret = _secret(told or wish.oauth_secret, _OPTION_OF["oauth_secret"], read_file)
        consumer = OAuthConsumer(client_id, secret, site_url=site_url)
        return ActingAsConsumer(OAuthGrants(transport, consumer, now=now))
    if kind == "--user":
        try:
            return Basic(wish.user or "", _secret(wish.token, _OPTION_OF["token"], read_file))
        except (AppPasswordsEnded, ValueError) as error:
            raise UnclearCaller(str(error)) from error
    return Anonymous()


def installation_credential(client_key: str, secret: str, *, sign: Signer) -> Credential:
    """The credential of an installation. Its own token, not a swapped one: some calls take no other."""
    return ConnectJwt(client_key, secret, sign=sign)


def _secret(told: str | None, option: str, read_file: Callable[[str], bytes]) -> str:
    """A secret that was said, or that stands in a file. Raises UnclearCaller."""
    if told and told.startswith("@"):
        try:
            told = read_file(told[1:]).decode().strip()
        except UnicodeDecodeError:
            raise UnclearCaller(f"What {option} names is not text.") from None
    if not told or not told.isascii() or not told.isprintable():
        raise UnclearCaller(f"{option} is needed, and has to be printable ASCII.")
    return told
