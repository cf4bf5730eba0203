"""One person, one name: git's authors joined to accounts.

Source: panels.md section 4, "Identity": the account's UUID; e-mail addresses that Bitbucket has linked to no account are grouped by the address in
lower case and by the repository's .mailmap. The format is that of gitmailmap(5).
"""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

_PERSON = re.compile(r"\s*(?P<name>[^<>]*?)\s*<(?P<email>[^<>]*)>")


class _Mapped(Struct, frozen=True):
    """What a .mailmap line replaces: the commit's address, and the commit's name where the line gives one."""

    email: str
    name: str | None


class Mailmap:
    """A .mailmap file, read once. Names and addresses are compared without regard to case."""

    def __init__(self, text: str = "") -> None:
        self._proper: Mapping[_Mapped, str] = dict(_lines(text))

    def proper_email(self, *, name: str, email: str) -> str:
        """Return the address under which an author's commits are counted, in lower case."""
        key = email.casefold()
        exact = self._proper.get(_Mapped(key, name.casefold()))
        return exact or self._proper.get(_Mapped(key, None)) or key


class Identities:
    """Says who an author of a commit is. ``linked`` holds the accounts that Bitbucket has linked to addresses."""

    def __init__(self, *, mailmap: Mailmap, linked: Mapping[str, str]) -> None:
        self._mailmap = mailmap
        self._linked = {email.casefold(): account for email, account in linked.items()}

    def identity_of(self, raw: str, *, account: str | None = None) -> str | None:
        """Return the account of an author, or ``email:…``; None for an author without either.

        ``raw`` is Bitbucket's ``author.raw``, ``Ana Ahn <ana@example.com>``; ``account`` its ``author.user.uuid``.
        """
        if account is not None:
            return account
        found = _PERSON.match(raw)
        if found is None or not found["email"].strip():
            return None
        email = self._mailmap.proper_email(name=found["name"], email=found["email"].strip())
        return self._linked.get(email) or f"email:{email}"


def _lines(text: str) -> Iterator[tuple[_Mapped, str]]:
    """Yield what each line replaces and by which address; a line that only corrects a name changes no identity."""
    for line in text.splitlines():
        people = list(_PERSON.finditer(line.split("#", 1)[0]))
        if len(people) == 2:
            proper, commit = people
            name = commit["name"].casefold() or None
            yield _Mapped(commit["email"].strip().casefold(), name), proper["email"].strip().casefold()
