"""Working on somebody's repository without touching it: a bare repository that borrows the objects of another."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from simulator.world.errors import GitFailed
from simulator.world.git.process import attempt, run, text

if TYPE_CHECKING:
    from pathlib import Path

_LOCAL = "refs/heads/"
_REMOTE = "refs/remotes/origin/"
_TAGS = "refs/tags/"


def borrow(origin: Path, path: Path) -> str:
    """Make a bare repository at `path` with the branches and tags of `origin`; answers the name of its main branch.

    Nothing is written to `origin`. Branches that only its remote has (a fresh clone) are branches here.
    Raises GitFailed where `origin` is no repository or has no commit.
    """
    objects = _absolute(origin, "objects")
    object_format = text(origin, "rev-parse", "--show-object-format")
    path.mkdir(parents=True)
    run(path, "init", "--quiet", "--bare", "--template=", f"--object-format={object_format}", ".")
    (path / "objects" / "info").mkdir(exist_ok=True)
    (path / "objects" / "info" / "alternates").write_text(f"{objects}\n")
    shallow = _absolute(origin, "shallow")
    if shallow.exists():
        shutil.copyfile(shallow, path / "shallow")
    heads = _copy_refs(origin, path)
    main = _main_branch(origin, heads)
    run(path, "symbolic-ref", "HEAD", f"{_LOCAL}{main}")
    return main


def _absolute(origin: Path, name: str) -> Path:
    return (origin / text(origin, "rev-parse", "--git-path", name)).resolve()


def _copy_refs(origin: Path, path: Path) -> dict[str, str]:
    listing = text(origin, "for-each-ref", "--format=%(refname) %(objectname) %(symref)", _LOCAL, _REMOTE, _TAGS)
    refs: dict[str, str] = {}
    for line in listing.splitlines():
        name, target, symbolic = (*line.split(" "), "")[:3]
        is_remote = name.startswith(_REMOTE)
        local = _LOCAL + name.removeprefix(_REMOTE) if is_remote else name
        if not symbolic and not (is_remote and local in refs):
            refs[local] = target
    heads = {name.removeprefix(_LOCAL): target for name, target in refs.items() if name.startswith(_LOCAL)}
    if not heads:
        raise GitFailed(f"{origin} has no branch with a commit.")
    orders = "".join(f"create {name} {target}\n" for name, target in refs.items())
    run(path, "update-ref", "--stdin", stdin=orders.encode())
    return heads


def _main_branch(origin: Path, heads: dict[str, str]) -> str:
    """What the remote calls its main branch, a usual name, what is checked out, or the first."""
    remote = attempt(origin, "symbolic-ref", "--short", f"{_REMOTE}HEAD").stdout.decode().strip()
    current = attempt(origin, "symbolic-ref", "--short", "HEAD").stdout.decode().strip()
    wanted = (remote.removeprefix("origin/"), "main", "master", "trunk", "develop", current)
    return next((name for name in wanted if name in heads), next(iter(heads)))
