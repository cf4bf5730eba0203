"""What the reference leaves open about Connect, as settings; the defaults are the best-supported reading.

One object is shared by all parts and may be changed while they run (control does).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(kw_only=True)
class ConnectSettings:
    """How this Bitbucket behaves where sources differ; section numbers are those of connect-protocol.md."""

    checks_qsh_on_rest: bool = True
    """5.1: real Bitbucket seems lenient; strict shows an app's mistake that a lenient one would hide."""

    checks_qsh_on_token_endpoint: bool = False
    """5.1: pr-agent sends the hash of a GET on this POST, and works."""

    callback_timeout_seconds: float = 10.0
    """3.4: no source states it; an app that takes 10 s is known to work."""

    update_calls_installed: bool = True
    """3.4: a repeated `installed` for a live tenant is normal; whether each update sends one is not established."""

    update_rotates_secret: bool = False
    """3.1: every `installed` may carry a new secret."""

    registered_apps_share_one_secret: bool = True
    """3.1: whether the body's sharedSecret equals the app-wide secret; False gives each install one of its own."""

    redirect_carries: tuple[str, ...] = ("jwt", "client_key")
    """3.5: sources differ on which query parameters the browser brings back after an install."""

    refuses_webhooks_without_scope: bool = False
    """7.1: an explicit webhook without its scope is either an error at install or filtered in silence."""

    webhook_timeout_seconds: float = 10.0
    """7.5"""

    webhook_attempts: int = 3
    """7.5: 5xx and timeouts are tried again up to two more times."""

    retries_keep_request_uuid: bool = True
    """7.3: whether X-Request-UUID is equal across attempts is not proven."""

    retries_keep_token: bool = False
    """7.5: a captured third attempt fits either reading."""

    max_webhook_bytes: int = 256 * 1024
    """7.5: larger ones are not sent at all, without notice."""
