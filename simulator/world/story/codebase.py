"""A plausible codebase: its first tree, and the edits that a piece of work makes to it.

Three dialects (a Python service, a TypeScript front end, infrastructure files), each with sources, tests, generated lock
files and documentation. Lines differ from one another, so that an edit finds its place again on a newer main branch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.world.story.edits import Edit, Insert, Lines, Remove, Rename, Replace, Tree, Write
from simulator.world.story.vocabulary import NOUNS, PACKAGES, SUBSYSTEMS, VERBS

if TYPE_CHECKING:
    import random

_LINES_OF_A_FUNCTION = 7


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one language's files look."""

    source: str
    """address of a module: {subsystem} and {noun}"""
    test: str
    lock: str
    comment: str


DIALECTS = {
    "python": Dialect("marsh/{subsystem}/{noun}.py", "tests/{subsystem}/test_{noun}.py", "requirements.lock", "#"),
    "typescript": Dialect("src/{subsystem}/{noun}.ts", "src/{subsystem}/{noun}.test.ts", "package-lock.json", "//"),
    "hcl": Dialect("{subsystem}/{noun}.tf", "checks/{subsystem}_{noun}.yaml", ".terraform.lock.hcl", "#"),
}


class Codebase:
    """Writes and changes files in one dialect; every call draws from its own random numbers."""

    def __init__(self, language: str, rng: random.Random) -> None:
        self._dialect = DIALECTS[language]
        self._language = language
        self._rng = rng
        self._serial = 0

    def first_tree(self, files: int) -> Tree:
        """What is there before the story starts."""
        tree: Tree = {
            "README.md": ("# Marsh", "", "How to build, run and release this."),
            "docs/architecture.md": ("# Architecture", "", "Requests come in at the edge and leave as events."),
            self._dialect.lock: self.lock_file(),
            ".gitignore": ("*.pyc", "node_modules/", ".terraform/"),
        }
        while len(tree) < files:
            subsystem, noun = self._rng.choice(SUBSYSTEMS), self._rng.choice(NOUNS)
            tree[self._dialect.source.format(subsystem=subsystem, noun=noun)] = self._module(noun, functions=3)
            if self._rng.random() < 0.4:
                tree[self._dialect.test.format(subsystem=subsystem, noun=noun)] = self._module(noun, functions=2)
        return tree

    def lock_file(self) -> Lines:
        """A generated file with one line for each package."""
        version = self._rng.randrange(10**6)
        return tuple(
            f"{name} {version % 7}.{index % 13}.{version % (index + 3)}" for index, name in enumerate(PACKAGES)
        )

    def lock_update(self, package: str, version: str) -> list[Edit]:
        """What a dependency update does: one line in a file by hand, many in the generated one."""
        lines = list(self.lock_file())
        lines[PACKAGES.index(package)] = f"{package} {version}"
        return [Write(self._dialect.lock, tuple(lines))]

    def _module(self, noun: str, *, functions: int) -> Lines:
        head = (f"{self._dialect.comment} {noun.capitalize()}: see docs/architecture.md", "")
        return head + tuple(line for _ in range(functions) for line in self._function())

    def _function(self) -> Lines:
        self._serial += 1
        name = f"{self._rng.choice(VERBS)}_{self._rng.choice(NOUNS)}_{self._serial}"
        kept = f"{self._rng.choice(NOUNS)}_{self._serial}"
        if self._language == "python":
            return (
                "", f"def {name}(session, {kept}):",
                f'    """{name.replace("_", " ").capitalize()}."""',
                f"    if {kept} is None:", f"        raise ValueError('{kept} is missing')",
                f"    return session.apply({kept}, limit={self._rng.randrange(500)})",
            )  # fmt: skip
        if self._language == "typescript":
            return (
                "", f"export function {name}(store: Store, {kept}: string): Result {{",
                f"  if (!{kept}) throw new Error('{kept} is missing');",
                f"  return store.apply('{name}', {kept}, {self._rng.randrange(500)});", f"}} // {name}",
            )  # fmt: skip
        return (
            "", f'resource "marsh_{self._rng.choice(NOUNS)}" "{name}" {{', f'  name     = "{kept}"',
            f"  capacity = {self._rng.randrange(500)} # {kept}", f"}} # {name}",
        )  # fmt: skip

    def work(self, tree: Tree, *, size: float) -> list[Edit]:
        """A commit's edits to `tree`; `size` 1 is a usual one."""
        count = max(1, round(self._rng.lognormvariate(0.35, 0.7) * size))
        sources = self._near(tree, min(count, 30))
        edits: list[Edit] = [self._change(path, tree[path]) for path in sources]
        if self._rng.random() < 0.15 * size:
            edits.append(self._new_file())
        chance = self._rng.random()
        if chance < 0.03 and len(tree) > 40:
            edits.append(self._renamed(tree))
        elif chance > 0.99 and len(tree) > 60:
            edits.append(Remove(self._rng.choice(sorted(tree))))
        return edits

    def _near(self, tree: Tree, count: int) -> list[str]:
        """Some files that are neighbours: real changes are not spread evenly."""
        paths = sorted(tree)
        # The power makes some directories hot and most quiet; the shift keeps the hot ones away from the README.
        start = int(len(paths) * (self._rng.random() ** 1.5 + 0.3))
        near = [paths[(start + step * self._rng.choice((1, 1, 2, 5))) % len(paths)] for step in range(count)]
        return sorted(set(near) - {self._dialect.lock})

    def _change(self, path: str, lines: Lines) -> Edit:
        distinct = [line for line in lines if len(line) > 12]
        if not distinct or self._rng.random() < 0.36:
            after = self._rng.choice(distinct) if distinct else ""
            block = tuple(line for _ in range(self._rng.choice((1, 1, 1, 2, 3))) for line in self._function())
            return (
                Insert(path, after, block)
                if path.endswith((".py", ".ts", ".tf"))
                else Insert(path, after, self._prose())
            )
        old = self._rng.choice(distinct)
        self._serial += 1
        return Replace(
            path, old, (f"{old.split('  ' + self._dialect.comment)[0]}  {self._dialect.comment} {self._serial}",)
        )

    def _prose(self) -> Lines:
        self._serial += 1
        return (
            f"- {self._rng.choice(VERBS)} the {self._rng.choice(NOUNS)} before the {self._rng.choice(NOUNS)} ({self._serial})",
        )

    def _new_file(self) -> Edit:
        self._serial += 1
        noun = f"{self._rng.choice(NOUNS)}_{self._serial}"
        path = self._dialect.source.format(subsystem=self._rng.choice(SUBSYSTEMS), noun=noun)
        return Write(path, self._module(noun, functions=self._rng.randrange(1, 6)))

    def _renamed(self, tree: Tree) -> Edit:
        self._serial += 1
        path = self._rng.choice(sorted(one for one in tree if "/" in one))
        stem, dot, suffix = path.rpartition(".")
        return Rename(path, f"{stem}_{self._serial}{dot}{suffix}")
