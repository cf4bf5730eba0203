"""`flask bittern doctor`: looks at everything that an installation needs, and says of each what is wrong and what to do."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from bitbucket.errors import BitbucketError
from bitbucket.messages import Request, Response
from bitbucket.transport import RequestsTransport
from connect.descriptor import descriptor_version
from connect.errors import DescriptorInvalid
from jobs.queue import create_queue
from models import inbox, installations
from models.errors import ModelsError, SealBroken
from models.schema import head_version, is_fit, schema_version
from models.sqlite import sqlite_library
from services import Services, create_services
from settings import Settings, SettingsInvalid, load_settings

if TYPE_CHECKING:
    from flask import Flask

    from bitbucket.messages import Transport

REACH_SECONDS: Final = 10.0
MOST_CLOCK_ERROR: Final = timedelta(seconds=30)
OLDEST_WAITING: Final = timedelta(minutes=5)


class Verdict(StrEnum):
    """How a check ended."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, and what to do where that is not well."""

    name: str
    verdict: Verdict
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at. ``app`` makes the application, ``reach`` fetches an address of ours or of Bitbucket's."""

    services: Services = field(repr=False)
    app: Callable[[], "Flask"]
    reach: "Transport" = field(repr=False)


def examine(app: Callable[..., "Flask"], *, reach: "Transport | None" = None) -> Iterator[Finding]:
    """Yield one finding after the other. Raises nothing: what is wrong is a finding."""
    try:
        settings = load_settings()
    except SettingsInvalid as invalid:
        for problem in invalid.problems:
            yield Finding("settings", Verdict.FAIL, problem, "Set it in the environment and start again.")
        return
    yield Finding("settings", Verdict.OK, f"complete; the public address is {settings.base_url}")
    made = create_services(settings)
    patient = Patient(made, lambda: app(services=made), reach or _transport(settings))
    for check in _CHECKS:
        yield from check(patient)


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict of all."""
    verdicts = {finding.verdict for finding in findings}
    return next((verdict for verdict in (Verdict.FAIL, Verdict.WARN) if verdict in verdicts), Verdict.OK)


def _check_database(patient: Patient) -> Iterator[Finding]:
    engine = patient.services.engine
    try:
        found, needed = schema_version(engine), head_version()
    except (SQLAlchemyError, ModelsError, OSError) as error:
        sentence = f"{engine.dialect.name} does not answer ({type(error).__name__})"
        yield Finding("database", Verdict.FAIL, sentence, "Start it, or correct BITTERN_DATABASE_URL.")
        return
    if is_fit(found):
        yield Finding("database", Verdict.OK, f"{engine.dialect.name} answers, schema {found}")
        return
    state = "is empty" if found is None else f"has schema {found}"
    yield Finding("database", Verdict.FAIL, f"{state}; {needed} is needed", "Run `flask bittern migrate`.")


def _check_sqlite(patient: Patient) -> Iterator[Finding]:
    if patient.services.engine.dialect.name != "sqlite":
        return
    library = sqlite_library()
    if library.is_wal_safe:
        yield Finding("sqlite", Verdict.OK, f"{library.name}, journal mode {library.journal_mode}")
        return
    yield Finding(
        "sqlite",
        Verdict.WARN,
        f"{library.name} has the WAL-reset race, so the slower rollback journal is used",
        "Install the pysqlite3 wheel of requirements/base.txt, or SQLite 3.51.3 or newer.",
    )


def _check_keys(patient: Patient) -> Iterator[Finding]:
    rows = _rows(patient)
    if rows is None:
        return
    box, older, broken = patient.services.secret_box, 0, []
    for row in rows:
        try:
            older += box.needs_rotation(row.sealed_secret, context=row.client_key)
        except SealBroken:
            broken.append(row.client_key)
    if broken:
        found = f"the secrets of {len(broken)} of {len(rows)} installations do not open: {', '.join(broken[:3])}"
        yield Finding("keys", Verdict.FAIL, found, "Put the key that is missing back into BITTERN_SECRET_KEYS.")
    elif older:
        found = f"{older} of {len(rows)} secrets are sealed with an older key"
        yield Finding("keys", Verdict.WARN, found, "Run `flask bittern rotate-keys`, then take the old key away.")
    else:
        keys = len(patient.services.settings.master_keys)
        yield Finding("keys", Verdict.OK, f"{keys} in use; all {len(rows)} stored secrets open with the newest")


def _check_descriptor(patient: Patient) -> Iterator[Finding]:
    try:
        descriptor = _descriptor(patient)
    except DescriptorInvalid as invalid:
        for problem in invalid.problems:
            yield Finding("descriptor", Verdict.FAIL, "Bitbucket would refuse it", problem)
        return
    yield Finding(
        "descriptor", Verdict.OK, f"version {descriptor_version(json.loads(descriptor))}, as Bitbucket wants it"
    )
    yield from _check_public_address(patient, descriptor)


def _check_public_address(patient: Patient, descriptor: bytes) -> Iterator[Finding]:
    address = f"{patient.services.settings.base_url}/atlassian-connect.json"
    try:
        answer = _fetch(patient, address)
    except BitbucketError as error:
        mend = "Start the web server, and check that the address, its certificate and the proxy lead to it."
        yield Finding("public address", Verdict.FAIL, f"{address} cannot be reached: {error}", mend)
        return
    if answer.status != 200:
        mend = "Another service answers there, or the proxy changes the path."
        yield Finding("public address", Verdict.FAIL, f"{address} answers {answer.status}", mend)
    elif _loaded(answer.body) != json.loads(descriptor):
        mend = "Restart the web server; where that does not help, the address leads to another one."
        yield Finding(
            "public address", Verdict.FAIL, f"{address} shows another descriptor than this configuration", mend
        )
    elif not answer.headers.get("Content-Type", "").startswith("application/json"):
        yield Finding("public address", Verdict.FAIL, "the descriptor does not arrive as JSON", "Check the proxy.")
    else:
        yield Finding("public address", Verdict.OK, f"{address} shows this descriptor")


def _check_bitbucket(patient: Patient) -> Iterator[Finding]:
    settings = patient.services.settings
    try:
        answer = _fetch(patient, f"{settings.api_url}/2.0/user")
    except BitbucketError as error:
        mend = "Allow this machine to reach it; check BITTERN_API_URL."
        yield Finding("bitbucket", Verdict.FAIL, f"{settings.api_url} cannot be reached: {error}", mend)
        return
    yield Finding("bitbucket", Verdict.OK, f"{settings.api_url} answers")
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", ""))
    except ValueError:
        return
    apart = abs(patient.services.now() - theirs)
    if apart > MOST_CLOCK_ERROR:
        found = f"this machine's clock and Bitbucket's are {apart.total_seconds():.0f} s apart"
        yield Finding("clock", Verdict.FAIL, found, "Set the clock: signatures outside 60 s are refused.")
    else:
        yield Finding("clock", Verdict.OK, "agrees with Bitbucket's")


def _check_queue(patient: Patient) -> Iterator[Finding]:
    settings = patient.services.settings
    try:
        waiting = create_queue(queue_url=settings.queue_url, database_url=settings.database_url).pending_count()
    except Exception as error:  # noqa: BLE001 - three storages, each with exceptions of its own
        found = f"cannot be opened ({type(error).__name__}); work waits for the sweep instead"
        yield Finding("queue", Verdict.WARN, found, "Start it, or correct BITTERN_QUEUE_URL.")
        return
    yield Finding("queue", Verdict.OK, f"{waiting} wake-ups waiting")


def _check_work(patient: Patient) -> Iterator[Finding]:
    if _rows(patient) is None:
        return
    with patient.services.readers() as session:
        backlog = inbox.backlog(session)
    oldest = backlog.oldest_received_at
    if oldest is not None and patient.services.now() - oldest > OLDEST_WAITING:
        found = f"{backlog.pending} webhook deliveries wait, the oldest since {oldest:%Y-%m-%d %H:%M} UTC"
        yield Finding("deliveries", Verdict.WARN, found, "Start a worker (`python worker.py`), or look at its log.")
    elif backlog.dead:
        found = f"{backlog.dead} deliveries could not be applied"
        yield Finding("deliveries", Verdict.WARN, found, "See `flask bittern deliveries`.")
    else:
        yield Finding("deliveries", Verdict.OK, f"{backlog.pending} waiting, none given up")


def _check_installations(patient: Patient) -> Iterator[Finding]:
    rows = _rows(patient)
    if rows is None:
        return
    active = [row for row in rows if row.is_active]
    refused = [row.client_key for row in active if row.credentials_refused_at is not None]
    if refused:
        found = f"Bitbucket refuses the secret of {', '.join(refused[:3])}"
        yield Finding(
            "installations", Verdict.WARN, found, "An administrator of that workspace must install the app again."
        )
    try:
        version = descriptor_version(json.loads(_descriptor(patient)))
    except DescriptorInvalid:
        return
    older = [row for row in active if row.descriptor_version != version]
    if older:
        found = f"{len(older)} of {len(active)} have an older descriptor"
        yield Finding("installations", Verdict.WARN, found, "Run `flask bittern installations update`.")
    elif not refused:
        yield Finding("installations", Verdict.OK, f"{len(active)} active, {len(rows) - len(active)} others")


_CHECKS: Final = (
    _check_database,
    _check_sqlite,
    _check_keys,
    _check_descriptor,
    _check_bitbucket,
    _check_queue,
    _check_work,
    _check_installations,
)


def _rows(patient: Patient) -> list[installations.Installation] | None:
    """Return all installations; None where the database does not have them, which its own check says."""
    try:
        if not is_fit(schema_version(patient.services.engine)):
            return None
        with patient.services.readers() as session:
            return list(installations.every(session))
    except (SQLAlchemyError, ModelsError, OSError):
        return None


def _descriptor(patient: Patient) -> bytes:
    # Imported here: the web application is needed for this check alone.
    from web.descriptor import served

    with patient.app().app_context():
        return served().body


def _fetch(patient: Patient, address: str) -> Response:
    return patient.reach.send(Request("GET", address), deadline_seconds=REACH_SECONDS, max_bytes=1024 * 1024)


def _transport(settings: Settings) -> RequestsTransport:
    return RequestsTransport(allowed_origins=[settings.base_url, settings.api_url])


def _loaded(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
