r"""Who owns a path by the repository's CODEOWNERS file, and whether the owners still touch it.

Source: Atlassian, "Set up and use code owners": ``.bitbucket/CODEOWNERS``, patterns like gitignore's but without ``!``, ``[ ]`` and ``\\#``,
``#`` starts a comment anywhere on a line, owners are e-mail addresses, @usernames or @workspace/group, perhaps with a strategy
such as ``:random(2)``. The last rule that matches a path is taken, as in gitignore; Atlassian's page does not say.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from insights.files.changes import Touch
from insights.files.globs import regex_of
from insights.result import Definition, Result, Unit, WhyNot

DEFINITION = Definition(
    name="code_owners",
    version=1,
    title="Code owners",
    text=(
        "The owners that the CODEOWNERS file names for this path, and when each of them last changed it. A group counts "
        "as one owner: its last change is that of any of its members."
    ),
    unit=Unit.LIST,
    source="Atlassian, Set up and use code owners",
)

_STRATEGY = re.compile(r":(?:all|random|least_busy)(?:\(\d+\))?$")


class OwnerRule(Struct, frozen=True):
    """One line of the file; ``line`` counts from 1."""

    line: int
    pattern: str
    owners: tuple[str, ...]


class Owner(Struct, frozen=True):
    """An owner as the file spells it. ``last_touch`` is None for one who never changed the path, as far as is known."""

    reference: str
    is_known: bool
    last_touch: datetime | None


class CodeOwners:
    """A CODEOWNERS file, read once."""

    def __init__(self, text: str) -> None:
        self.rules = tuple(_rules(text))
        self._compiled = [
            (re.compile(regex_of(rule.pattern, has_classes=False)), rule) for rule in reversed(self.rules)
        ]

    def rule_for(self, path: str) -> OwnerRule | None:
        """Return the rule that decides about a path."""
        return next((rule for pattern, rule in self._compiled if pattern.fullmatch(path)), None)


def code_owners(
    path: str, owners: CodeOwners, touches: Iterable[Touch], accounts: Mapping[str, frozenset[str]]
) -> Result[tuple[Owner, ...]]:
    """Say of each owner of a path when they last changed it.

    ``accounts`` says which accounts an owner's spelling stands for (lower case: ``ana@example.com``, ``@ana``,
    ``@workspace/group``); one that is missing is not known. n counts the owners.
    """
    rule = owners.rule_for(path)
    if rule is None or not rule.owners:
        return Result(definition=DEFINITION.id, n=0, why_not=WhyNot.NO_DATA)
    last: dict[str | None, datetime] = {}
    for touch in sorted(touches, key=lambda touch: touch.at):
        last[touch.author] = touch.at
    found = tuple(_owner(reference, accounts.get(reference.casefold()), last) for reference in rule.owners)
    return Result(definition=DEFINITION.id, n=len(found), value=found)


def _owner(reference: str, members: frozenset[str] | None, last: Mapping[str | None, datetime]) -> Owner:
    known = members or frozenset()
    return Owner(reference, members is not None, max((last[who] for who in known if who in last), default=None))


def _rules(text: str) -> Iterator[OwnerRule]:
    for number, line in enumerate(text.splitlines(), start=1):
        pattern, *owners = line.split("#", 1)[0].split() or [""]
        # "!" does not negate here, and a line of settings (CODEOWNERS.…) names no path.
        if pattern and not pattern.startswith(("!", "CODEOWNERS.")):
            yield OwnerRule(number, pattern, tuple(_STRATEGY.sub("", owner) for owner in owners))
