"""Changes of files, told briefly: change("Mon 09:00", ANA, "a.py", "b.py")."""

from insights.facts.accounts import AccountFacts
from insights.facts.pull_requests import FileChange, FileStatus
from insights.files.changes import Change
from insights.people.bots import Directory
from insights.settings import WorkspaceSettings
from tests.insights.lives import at

ANA, BEN, CEM, BOT = "{ana}", "{ben}", "{cem}", "{bot}"
PEOPLE = Directory([AccountFacts(uuid=BOT, nickname="tidy-bot")], WorkspaceSettings())


def added(path):
    return FileChange(path=path, status=FileStatus.ADDED)


def modified(path):
    return FileChange(path=path)


def removed(path):
    return FileChange(path=path, status=FileStatus.REMOVED)


def renamed(old, new):
    return FileChange(path=new, old_path=old, status=FileStatus.RENAMED)


def change(when, author, *files):
    moment = at(when) if isinstance(when, str) else when
    entries = tuple(modified(file) if isinstance(file, str) else file for file in files)
    return Change(
        key=f"{moment:%d%H%M}-{author}-{'-'.join(e.path for e in entries)}", author=author, at=moment, files=entries
    )
