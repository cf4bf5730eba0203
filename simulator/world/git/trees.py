"""Files and directories of a commit, and tags as `for-each-ref` prints them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from simulator.world.errors import Missing
from simulator.world.git.process import attempt, text
from simulator.world.git.records import Signature, Tag, TreeEntry

if TYPE_CHECKING:
    from pathlib import Path


def _parsed(record: str) -> TreeEntry:
    facts, path = record.split("\t", 1)
    mode, kind, object_hash, size = facts.split()
    known = {"blob": "blob", "tree": "tree"}.get(kind, "commit")
    return TreeEntry(path, mode, known, object_hash, None if size == "-" else int(size))  # type: ignore[arg-type]


def _list(path: Path, commit: str, *arguments: str) -> list[TreeEntry]:
    done = attempt(path, "ls-tree", "-l", "-z", "--full-tree", *arguments[:-1], commit, "--", arguments[-1])
    return [_parsed(record) for record in done.stdout.decode(errors="replace").split("\0") if record]


def entry(path: Path, commit: str, name: str) -> TreeEntry:
    """The file or directory `name` of `commit`; raises Missing."""
    wanted = name.strip("/")
    if not wanted:
        tree = text(path, "rev-parse", f"{commit}^{{tree}}")
        return TreeEntry("", "040000", "tree", tree, None)
    found = _list(path, commit, wanted)
    if not found:
        raise Missing(f"No such file or directory: {wanted}")
    return found[0]


def listing(path: Path, commit: str, name: str = "", *, recursive: bool = False) -> list[TreeEntry]:
    """What the directory `name` holds (all levels if `recursive`, directories too); raises Missing."""
    wanted = name.strip("/")
    if wanted and entry(path, commit, wanted).kind != "tree":
        raise Missing(f"No such file or directory: {wanted}")
    options = ("-r", "-t") if recursive else ()
    found = _list(path, commit, *options, f"{wanted}/" if wanted else ".")
    # "-r -t" names the directories that lead to `name` as well.
    return [one for one in found if not wanted or one.path.startswith(f"{wanted}/")]


def content(path: Path, commit: str, name: str) -> bytes:
    """The bytes of a file; raises Missing."""
    done = attempt(path, "cat-file", "blob", f"{commit}:{name.strip('/')}")
    if done.returncode != 0:
        raise Missing(f"No such file or directory: {name}")
    return done.stdout


def empty_tree(path: Path) -> str:
    """The hash of the tree without files, in the repository's own hash."""
    return text(path, "hash-object", "-t", "tree", "-w", "--stdin", stdin=b"")


def parsed_tag(record: str) -> Tag | None:
    """A tag from one record of `for-each-ref`; None for an empty record."""
    if not record.strip():
        return None
    ref, target, peeled, tagger, email, date, message = record.split("\0", 6)
    name = ref.removeprefix("refs/tags/")
    if not peeled:
        return Tag(name, target)
    who = Signature(tagger, email.strip("<>"), datetime.fromisoformat(date)) if date else None
    return Tag(name, peeled, message, who)


def history(path: Path, commit: str, name: str, *, follow: bool) -> list[tuple[str, str]]:
    """(commit, name then) of each change that left the file in place, the newest first."""
    options = ["--follow"] if follow else []
    done = attempt(
        path,
        "log",
        "-z",
        "--diff-filter=AMRT",
        "--name-only",
        "--format=%x01%H",
        *options,
        commit,
        "--",
        name.strip("/"),
    )
    versions = []
    for record in done.stdout.decode(errors="replace").split("\1")[1:]:
        commit_hash, *names = [part.strip("\n") for part in record.split("\0")]
        versions += [(commit_hash, one) for one in names if one]
    return versions
