"""What a merge commit's message says: number, branch, title, description, who approved.

Understood: GitHub's "Merge pull request #N from owner/branch", Bitbucket's "Merged in branch (pull request #N)", plain
"Merge branch 'x' [into y]", and squashed ones whose subject ends in "(#N)" or "(pull request #N)".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_GITHUB = re.compile(r"^Merge pull request #(?P<number>\d+) from (?:[^/\s]+/)?(?P<branch>\S+)")
_BITBUCKET = re.compile(r"^Merged in (?P<branch>\S+) \(pull request #(?P<number>\d+)\)")
_PLAIN = re.compile(
    r"^Merge (?:remote-tracking )?branch '(?:origin/)?(?P<branch>[^']+)'(?P<of> of \S+)?(?: into (?P<into>\S+))?"
)
_SQUASHED = re.compile(r"^(?P<title>.+?) \((?:pull request )?#(?P<number>\d+)\)$")
_TRAILER = re.compile(r"^(?:Reviewed|Approved|Acked)-by: *(?P<name>[^<\n]+?) *(?:<(?P<email>[^>\n]+)>)?$", re.MULTILINE)
_ANY_TRAILER = re.compile(r"^[A-Z][A-Za-z]+(?:-[A-Za-z]+)+: .+$")
_PREFIX = re.compile(r"^(?:feature|bugfix|hotfix|fix|feat|chore|release|issue|task)s?[/_-]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Merge:
    """What the message of a merge says. `number` is None where it names none."""

    number: int | None
    branch: str
    title: str
    description: str
    approvers: tuple[tuple[str, str | None], ...] = ()
    """(name, e-mail or None) of the trailers"""
    is_squashed: bool = False


def approvers(message: str) -> tuple[tuple[str, str | None], ...]:
    """Who the Reviewed-by, Approved-by and Acked-by lines name."""
    return tuple((match["name"], match["email"]) for match in _TRAILER.finditer(message))


def title_of_branch(branch: str) -> str:
    """A title from a branch's name: `feature/add-new_thing` is "Add new thing"."""
    words = re.sub(r"[-_/]+", " ", _PREFIX.sub("", branch)).strip() or branch
    return words[0].upper() + words[1:]


def read_merge(message: str, *, main_branch: str, is_merge: bool) -> Merge | None:
    """The pull request that a commit's message speaks of, if any."""
    subject, _, rest = message.strip().partition("\n")
    if not is_merge:
        return _squashed(subject, rest, message)
    if found := _GITHUB.match(subject) or _BITBUCKET.match(subject):
        title, description = _title_and_description(rest)
        branch = found["branch"]
        return Merge(int(found["number"]), branch, title or title_of_branch(branch), description, approvers(message))
    plain = _PLAIN.match(subject)
    # "Merge branch 'main' of host" and merges of the main branch into others are somebody catching up.
    if plain is None or plain["of"] or plain["branch"] == main_branch or plain["into"] not in {None, main_branch}:
        return None
    branch = plain["branch"]
    return Merge(None, branch, title_of_branch(branch), _without_trailers(rest), approvers(message))


def _squashed(subject: str, rest: str, message: str) -> Merge | None:
    if merged := _BITBUCKET.match(subject):
        title, description = _title_and_description(rest)
        named = title or title_of_branch(merged["branch"])
        number = int(merged["number"])
        return Merge(number, merged["branch"], named, description, approvers(message), is_squashed=True)
    found = _SQUASHED.match(subject)
    if found is None:
        return None
    number = int(found["number"])
    return Merge(
        number, f"pull-request-{number}", found["title"], _without_trailers(rest), approvers(message), is_squashed=True
    )


def _title_and_description(rest: str) -> tuple[str, str]:
    title, _, description = rest.strip().partition("\n")
    return ("", "") if _ANY_TRAILER.match(title) else (title.strip(), _without_trailers(description))


def _without_trailers(text: str) -> str:
    return "\n".join(line for line in text.strip().splitlines() if not _ANY_TRAILER.match(line)).strip()
