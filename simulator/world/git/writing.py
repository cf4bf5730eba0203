"""Changing a repository: commits, merges and refs, made as git itself makes them."""

# ruff: noqa: PLR0913 - keyword-only, and each is a fact of its own

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.world.errors import Conflict, GitFailed, Invalid
from simulator.world.git.process import attempt, run, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from simulator.world.git.records import Signature


def dated(signature: Signature) -> str:
    """`signature` as fast-import and git's environment write it."""
    at = signature.at
    return f"{int(at.timestamp())} {at.strftime('%z') or '+0000'}"


def _person(role: str, signature: Signature) -> bytes:
    name = signature.name.translate({ord(mark): "" for mark in "<>\n"})
    email = signature.email.translate({ord(mark): "" for mark in "<>\n"})
    return f"{role} {name} <{email}> {dated(signature)}\n".encode()


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'.encode()


def commit_files(
    path: Path,
    ref: str,
    *,
    parent: str | None,
    files: Mapping[str, bytes | None],
    message: str,
    author: Signature,
    committer: Signature,
) -> str:
    """A commit over `parent` with `files` changed (None deletes), put on `ref` whatever it held; answers its hash.

    Without a parent `ref` must not exist yet: git would build on what it holds.
    """
    stream = [b"feature done\n", f"commit {ref}\nmark :1\n".encode()]
    stream += [_person("author", author), _person("committer", committer), _data(message.encode())]
    if parent:
        stream.append(f"from {parent}\n".encode())
    for name, content in files.items():
        stream.append(b"D %s\n" % _quoted(name) if content is None else b"M 100644 inline %s\n" % _quoted(name))
        if content is not None:
            stream.append(_data(content))
    stream.append(b"get-mark :1\ndone\n")
    out = run(path, "fast-import", "--quiet", "--force", "--date-format=raw", stdin=b"".join(stream))
    return out.decode().strip()


def commit_tree(
    path: Path, tree: str, *, parents: tuple[str, ...], message: str, author: Signature, committer: Signature
) -> str:
    """A commit of `tree` over `parents`, on no branch yet; answers its hash."""
    identity = {
        "GIT_AUTHOR_NAME": author.name,
        "GIT_AUTHOR_EMAIL": author.email,
        "GIT_AUTHOR_DATE": dated(author),
        "GIT_COMMITTER_NAME": committer.name,
        "GIT_COMMITTER_EMAIL": committer.email,
        "GIT_COMMITTER_DATE": dated(committer),
    }
    over = [argument for parent in parents for argument in ("-p", parent)]
    return run(path, "commit-tree", tree, *over, stdin=message.encode(), extra=identity).decode().strip()


def _merge_tree(path: Path, destination: str, source: str) -> tuple[str, list[str]]:
    done = attempt(
        path, "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", "--allow-unrelated-histories",
        destination, source,
    )  # fmt: skip
    # git ends with 1 both for conflicts and for what is no commit; only the former prints a tree.
    if not done.stdout:
        raise GitFailed(done.stderr.decode(errors="replace").strip())
    tree, *conflicts = done.stdout.decode(errors="replace").strip("\0\n").split("\0")
    return tree, [one for one in conflicts if one]


def conflicts(path: Path, destination: str, source: str) -> list[str]:
    """The files in which a merge of two commits conflicts."""
    return _merge_tree(path, destination, source)[1]


def merged_tree(path: Path, destination: str, source: str) -> str:
    """The tree of a merge of two commits; raises Conflict naming the files."""
    tree, found = _merge_tree(path, destination, source)
    if found:
        raise Conflict("You can't merge until you resolve all merge conflicts: " + ", ".join(found))
    return tree


def set_ref(path: Path, ref: str, target: str | None, *, expected: str | None = None) -> None:
    """Point `ref` at `target`, or delete it; with `expected`, only if it holds that; raises Invalid for a bad name."""
    if attempt(path, "check-ref-format", ref).returncode != 0:
        raise Invalid("Invalid branch name", fields={"name": ["Invalid branch name"]})
    if target is None:
        run(path, "update-ref", "-d", ref, *([expected] if expected else []))
    else:
        run(path, "update-ref", ref, target, *([expected] if expected else []))


def annotated_tag(path: Path, name: str, target: str, *, message: str, tagger: Signature) -> str:
    """A tag object for `target`; answers its hash."""
    body = b"object %s\ntype commit\ntag %s\n" % (target.encode(), name.encode())
    body += _person("tagger", tagger) + b"\n" + message.encode() + (b"" if message.endswith("\n") else b"\n")
    return text(path, "mktag", stdin=body)
