"""What is needed to read a pull request besides its own facts. The same for all of a repository."""

from collections.abc import Iterable

from msgspec import Struct

from insights.facts.accounts import AccountFacts
from insights.files.generated import GeneratedFiles, generated_files_of
from insights.people.bots import Directory
from insights.settings import WorkspaceSettings


class Context(Struct, frozen=True):
    """The settings, who is a bot, and which files are generated."""

    settings: WorkspaceSettings
    directory: Directory
    generated: GeneratedFiles


def context_of(
    settings: WorkspaceSettings, accounts: Iterable[AccountFacts] = (), *, gitattributes: str = ""
) -> Context:
    """Put the context of a repository together; ``gitattributes`` is the text of its ``.gitattributes``."""
    return Context(settings, Directory(accounts, settings), generated_files_of(settings, gitattributes=gitattributes))
