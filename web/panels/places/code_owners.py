"""Whom the CODEOWNERS file names for a file, and whether they still touch it. The file is read when somebody asks, and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from bitbucket.errors import NotFound
from bitbucket.source import read_file
from insights.files.changes import Change, touches_by_file, with_present_names
from insights.files.code_owners import CodeOwners, Owner, code_owners
from insights.result import Result
from models.history import code_owner_files
from models.history.code_owner_files import TEXT_LENGTH, CodeOwnerFileRow
from web.panels.past import Past
from web.panels.places.recording import client_of, main_tip, recording

PATH: Final = ".bitbucket/CODEOWNERS"
EMAIL: Final = "email:"
LASTS: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OwnersFound:
    """The owners of one file by a CODEOWNERS file that was read at a moment. ``has_file``: whether there was one."""

    result: Result[tuple[Owner, ...]]
    has_file: bool
    read_at: datetime


def owners_of(past: Past, path: str, changes: Sequence[Change]) -> OwnersFound | None:
    """Return whom the file names, with when they last changed the path; None where the file was never asked for."""
    row = code_owner_files.held(past.session, past.repository)
    if row is None:
        return None
    owners = _read(row.text)
    rule = owners.rule_for(path)
    touches = touches_by_file(with_present_names(changes)).get(path, ())
    accounts = _accounts(past, rule.owners if rule else ())
    return OwnersFound(code_owners(path, owners, touches, accounts), bool(row.text), row.read_at)


def ask_if_old(past: Past) -> None:
    """Ask for the CODEOWNERS file where that has not been done for a day: one call. Raises BitbucketError."""
    row = code_owner_files.held(past.session, past.repository)
    if row is None or past.now - row.read_at >= LASTS:
        _ask(past)


def _ask(past: Past) -> None:
    """Ask for the file on the main branch, and keep it, or that there is none."""
    visit, asked_at = past.visit, past.now
    pieces: list[bytes] = []
    try:
        read_file(
            client_of(visit),
            visit.caller.installation.principal_uuid,
            visit.repository.uuid,
            commit=main_tip(past),
            file_path=PATH,
            sink=pieces.append,
        )
    except NotFound:
        pieces.clear()
    text = b"".join(pieces).decode(errors="replace")[:TEXT_LENGTH]
    with recording(past) as projection:
        row = CodeOwnerFileRow(repository_id=projection.repository.id, text=text, read_at=asked_at)
        code_owner_files.store(projection.session, row)


@lru_cache(maxsize=64)
def _read(text: str) -> CodeOwners:
    return CodeOwners(text)


def _accounts(past: Past, references: Sequence[str]) -> Mapping[str, frozenset[str]]:
    """Which accounts an owner's spelling stands for. A group's members are not known to us, and Bitbucket tells no addresses."""
    wanted = {reference.casefold() for reference in references}
    found: dict[str, set[str]] = {}
    for account in past.directory.accounts.values():
        spellings = {account.uuid.removeprefix(EMAIL)} if account.uuid.startswith(EMAIL) else {f"@{account.nickname}"}
        for spelling in {one.casefold() for one in spellings} & wanted:
            found.setdefault(spelling, set()).add(account.uuid)
    return {spelling: frozenset(uuids) for spelling, uuids in found.items()}
