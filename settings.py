"""What an operator may set, read from the environment once. No defaults live anywhere else, and nothing here does I/O.

Every field is the environment variable `BITTERN_` + its name in capitals; an empty variable counts as not set. The table of
variables in the README is written from the descriptions below.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX: Final = "BITTERN_"
MINIMUM_KEY_BYTES: Final = 32

# Published on purpose, so that `make demo` needs no set-up: whoever reads this file knows it, and outside the demo it is refused.
DEMO_KEY: Final = base64.urlsafe_b64encode(b"bittern demo key: everybody knows it").decode()

# What pydantic finds, in an operator's words. The places in braces are pydantic's own context for that type of error.
_REASONS: Final = {
    "value_error": "{error}",
    "bool_parsing": "must be true or false.",
    "int_parsing": "must be a whole number.",
    "int_from_float": "must be a whole number.",
    "float_parsing": "must be a number.",
    "finite_number": "must be a finite number.",
    "greater_than": "must be more than {gt}.",
    "greater_than_equal": "must be at least {ge}.",
    "less_than_equal": "must be at most {le}.",
    "literal_error": "must be one of {expected}.",
    "string_too_short": "must not be empty.",
    "string_too_long": "must have at most {max_length} characters.",
    "string_pattern_mismatch": "may hold lower-case letters, digits, dots and hyphens only, at most 80 characters.",
}

_LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_DATABASE_SCHEMES: Final = ("sqlite", "postgres", "postgresql", "postgresql+psycopg")
_QUEUE_SCHEMES: Final = (*_DATABASE_SCHEMES, "redis", "rediss")


class SettingsInvalid(Exception):  # noqa: N818 -- named for what is wrong, as every exception here
    """The environment does not make a usable configuration. `problems` holds one sentence for each thing to mend."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Settings(BaseSettings):
    """The configuration of one process. Build it with `load_settings`, which says every problem at once."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
    )

    # First, because what the others may be depends on it.
    demo: bool = Field(
        default=False,
        description="Runs against the local simulator: plain http on this machine and the published demo key are accepted.",
    )
    base_url: str = Field(
        description="The public https address of this service without a slash at the end, as Bitbucket and browsers reach it. "
        "It may have a path."
    )
    app_key: str = Field(
        default="bittern",
        pattern=r"^[a-z0-9][a-z0-9.-]{0,79}$",
        description="The app key in the descriptor. Change it only before the first installation.",
    )
    app_name: str = Field(
        default="Bittern", min_length=1, max_length=80, description="The name that people see in Bitbucket."
    )
    secret_keys: SecretStr = Field(
        default=SecretStr(""),
        description="The keys that encrypt stored secrets, newest first, separated by commas; each is URL-safe base64 of at "
        "least 32 random bytes. Required outside the demo. To change keys, put a new one in front and run "
        "`flask bittern rotate-keys`.",
    )
    app_secret: SecretStr | None = Field(
        default=None,
        description="The app-wide secret of an app that is registered with Bitbucket. With it, every installation must be signed.",
    )
    database_url: str = Field(
        default="sqlite:///var/bittern.db",
        repr=False,
        description="Where data is kept: `sqlite:///path/to/file.db` or `postgresql://user:password@host/database`.",
    )
    database_connections: int = Field(
        default=16,
        ge=4,
        le=1000,
        description="The most connections to the database that one process opens: two for each of its threads are enough.",
    )
    queue_url: str | None = Field(
        default=None,
        repr=False,
        description="What wakes the workers: `sqlite:///file`, `postgresql://…` or `redis://…`. Not set: the database itself "
        "on PostgreSQL, a file beside it on SQLite.",
    )
    api_url: str = Field(
        default="https://api.bitbucket.org",
        description="The only host that API calls go to. Change it only for a simulator.",
    )
    site_url: str = Field(
        default="https://bitbucket.org",
        description="The host of Bitbucket's pages and of its OAuth endpoint. Change it only for a simulator.",
    )
    retention_days: int = Field(
        default=30,
        ge=0,
        le=3650,
        description="Days from uninstalling until the data of an installation is deleted; 0 deletes it at once.",
    )
    purges_per_day: int = Field(
        default=20,
        ge=1,
        le=100_000,
        description="Uninstalled installations whose data is deleted within 24 hours, at most. More of them wait, and the log says so: "
        "`flask bittern installations purge` goes on.",
    )
    history_days: int | None = Field(
        default=None,
        ge=366,
        le=36500,
        description="Days that a closed pull request is kept with all that belongs to it, and what builds and deployments said. "
        "Not set: for as long as the app is installed. The figures look a year back.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least severe log entry that is written: DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="`json` writes one JSON object a line; `console` is for reading by people."
    )
    access_page: bool = Field(
        default=True,
        description="Offers the Access tab. It needs the scope `repository:admin`; false asks for one scope less, which "
        "an installation made before can only get back by installing again.",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="The bearer token that `/metrics` asks for. Not set: `/metrics` is not on the public port.",
    )
    metrics_port: int | None = Field(
        default=None, ge=1, le=65535, description="A port of its own for `/metrics`, on 127.0.0.1, without a token."
    )
    proxy_hops: int = Field(
        default=0,
        ge=0,
        le=10,
        description="The number of reverse proxies in front whose X-Forwarded headers are believed.",
    )
    calls_per_hour: int = Field(
        default=700,
        ge=60,
        le=10_000,
        description="How many calls an hour the background work of one installation may make. Bitbucket allows 1,000; the rest "
        "is for pages that read live.",
    )
    worker_metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="A port for `/metrics` of a worker, on 127.0.0.1, without a token; each worker of a machine needs its own.",
    )
    worker_threads: int = Field(
        default=4, ge=1, le=64, description="How many pieces of work one worker process does at a time."
    )
    api_timeout_seconds: float = Field(
        default=20.0,
        gt=0,
        le=300,
        description="The most seconds that one API call of a worker may take, answer included.",
    )
    panel_deadline_seconds: float = Field(
        default=3.0, gt=0, le=20, description="The most seconds that all API calls of one panel may take together."
    )
    install_proof_seconds: float = Field(
        default=4.0,
        ge=0,
        le=9,
        description="The most seconds that an installation may wait to be proved before a worker takes over.",
    )

    @field_validator("base_url")
    @classmethod
    def _base_url_is_what_bitbucket_accepts(cls, value: str, info: ValidationInfo) -> str:
        parts = _checked_address(value, demo=info.data.get("demo", False))
        if parts.path.endswith("/"):
            raise ValueError("must not end with a slash: Bitbucket refuses such a descriptor.")
        return value

    @field_validator("api_url", "site_url")
    @classmethod
    def _host_is_an_origin(cls, value: str, info: ValidationInfo) -> str:
        parts = _checked_address(value, demo=info.data.get("demo", False))
        if parts.path:
            raise ValueError("must be a scheme and a host only, without a path or a slash at the end.")
        return value

    @field_validator("secret_keys")
    @classmethod
    def _keys_are_strong(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        demo = info.data.get("demo", False)
        keys = _split_keys(value) or ([DEMO_KEY] if demo else [])
        if not keys:
            raise ValueError(
                'is not set. Make a key with: python -c "import secrets; print(secrets.token_urlsafe(32))" and keep it safe: '
                "without it, stored secrets cannot be read."
            )
        if DEMO_KEY in keys and not _may_use_demo_key(base_url=info.data.get("base_url"), demo=demo):
            raise ValueError(
                "holds the published demo key, which is only for a demo on this machine. Make a key of your own."
            )
        for place, key in enumerate(keys, start=1):
            _check_key(key, place=place)
        return SecretStr(",".join(keys))

    @field_validator("app_secret", "metrics_token")
    @classmethod
    def _secret_is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            raise ValueError("is too short for a secret: at least 16 characters are needed.")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_is_supported(cls, value: str) -> str:
        return _checked_store(value, schemes=_DATABASE_SCHEMES)

    @field_validator("queue_url")
    @classmethod
    def _queue_is_supported(cls, value: str | None) -> str | None:
        return None if value is None else _checked_store(value, schemes=_QUEUE_SCHEMES)

    @property
    def base_path(self) -> str:
        """The path of the base URL: "" or one that starts with a slash and does not end with one."""
        return urlsplit(self.base_url).path

    @property
    def master_keys(self) -> list[bytes]:
        """The bytes of `secret_keys`, newest first."""
        return [_key_bytes(key) for key in _split_keys(self.secret_keys)]

    @classmethod
    def variable(cls, field: str) -> str:
        """The environment variable of a field."""
        return PREFIX + field.upper()


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401 -- pydantic checks each value
    """The settings of this process, from the environment; `overrides` come first. Raises SettingsInvalid with every problem."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        # Not chained: the original holds the values that were refused, and some of them are secrets.
        problems = [_sentence(details) for details in error.errors(include_url=False, include_input=False)]
    raise SettingsInvalid(problems)


def _sentence(details: ErrorDetails) -> str:
    """One validation error as a sentence that begins with the variable to change."""
    name = str(details["loc"][0]) if details["loc"] else "?"
    if details["type"] == "missing":
        return f"{Settings.variable(name)} is not set: {_description(name)}"
    if details["type"] == "extra_forbidden":
        return f"{Settings.variable(name)} is not a setting."
    context = details.get("ctx", {})
    template = _REASONS.get(details["type"])
    reason = template.format(**context) if template else f"cannot be used: {details['msg']}."
    return f"{Settings.variable(name)} {reason}"


def _description(name: str) -> str:
    field = Settings.model_fields.get(name)
    description = (field.description if field else None) or name
    return description[:1].lower() + description[1:]


def _checked_address(value: str, *, demo: bool) -> SplitResult:
    """The parts of an http(s) address without anything that would make two programs read it differently."""
    if any(character <= " " or character in "\\\x7f" for character in value):
        raise ValueError("holds a space, a backslash or a control character.")
    parts = _parsed(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address such as https://bittern.example.com.")
    if parts.username is not None or parts.query or parts.fragment or value.endswith(("?", "#")):
        raise ValueError("must not hold a user name, a query or a fragment.")
    if parts.scheme == "http" and not (demo and parts.hostname in _LOOPBACK_HOSTS):
        raise ValueError("must begin with https://. Plain http is only for a demo on this machine.")
    return parts


def _parsed(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port  # read for its check: a port outside 0 to 65535 raises
    except ValueError:
        raise ValueError("cannot be read as an address.") from None
    return parts


def _checked_store(value: str, *, schemes: tuple[str, ...]) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in schemes:
        raise ValueError(f"must begin with one of {', '.join(f'{known}://' for known in schemes)}.")
    if scheme == "sqlite" and rest in {"", "/", "/:memory:"}:
        raise ValueError(
            "must name a file: a database in memory cannot be shared between the web server and the worker."
        )
    if scheme == "sqlite" and not rest.startswith("/"):
        raise ValueError(
            "needs three slashes before a relative path (sqlite:///var/file.db) and four before an absolute one."
        )
    return value


def _may_use_demo_key(*, base_url: object, demo: bool) -> bool:
    # An address that is already refused gets its own sentence; a second one about the key would only confuse.
    return demo and (base_url is None or urlsplit(str(base_url)).hostname in _LOOPBACK_HOSTS)


def _split_keys(value: SecretStr) -> list[str]:
    return [key.strip() for key in value.get_secret_value().split(",") if key.strip()]


def _check_key(key: str, *, place: int) -> None:
    try:
        size_bytes = len(_key_bytes(key))
    except (ValueError, binascii.Error):
        raise ValueError(f"holds a key (number {place}) that is not base64.") from None
    if size_bytes < MINIMUM_KEY_BYTES:
        raise ValueError(
            f"holds a key (number {place}) of {size_bytes} bytes; at least {MINIMUM_KEY_BYTES} are needed."
        )


def _key_bytes(key: str) -> bytes:
    unpadded = key.rstrip("=")
    return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), altchars=b"-_", validate=True)
