"""What `{workspace}`, `{repo_slug}` and `{branch}` stand for in a path: a repository that was named, or the one that we are in.

An address can so be pasted from Atlassian's documentation. Git is asked only for a placeholder that nothing else fills.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from cli.api.errors import NotAnAddress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KNOWN: Final = ("workspace", "repo_slug", "branch")
GIT_SECONDS: Final = 10
# git@bitbucket.org:workspace/repository.git, which is no URL
_SCP_LIKE: Final = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?!//)(?P<path>.+)")


@dataclass(frozen=True, slots=True)
class Placeholders:
    """`repository` is what the caller named, workspace/repository; `workspace` what the credential belongs to.

    `site_host` is the host whose remotes count, `folder` where git is asked.
    """

    repository: str | None
    workspace: str | None
    site_host: str
    folder: Path

    def value_of(self, name: str) -> str:
        """What stands for a placeholder. Raises NotAnAddress where nothing does."""
        if name not in KNOWN:
            raise NotAnAddress(f"{{{name}}} has to be replaced by its value; only {_listed(KNOWN)} are filled in.")
        if name == "branch":
            return self._branch()
        if name == "workspace" and self.workspace and not self.repository:
            return self.workspace
        workspace, repo_slug = self._named() if self.repository else self._cloned()
        return workspace if name == "workspace" else repo_slug

    def _named(self) -> tuple[str, str]:
        workspace, slash, repo_slug = (self.repository or "").strip("/").partition("/")
        if not slash or not workspace or not repo_slug or "/" in repo_slug:
            raise NotAnAddress(f"{self.repository!r} is not WORKSPACE/REPOSITORY.")
        return workspace, repo_slug

    def _cloned(self) -> tuple[str, str]:
        for line in self._git("config", "--get-regexp", r"^remote\..*\.url$").splitlines():
            found = repository_in(line.partition(" ")[2], host=self.site_host)
            if found:
                return found
        raise NotAnAddress(
            f"No remote of this folder's repository is on {self.site_host}: name one with --repository WORKSPACE/REPOSITORY."
        )

    def _branch(self) -> str:
        branch = self._git("symbolic-ref", "--quiet", "--short", "HEAD").strip()
        if not branch:
            raise NotAnAddress("This folder has no branch checked out, so {branch} has to be replaced by its name.")
        return branch

    def _git(self, *arguments: str) -> str:
        """What git says; nothing where there is no repository or no git."""
        command: Sequence[str] = ("git", *arguments)
        try:
            done = subprocess.run(
                command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=GIT_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout if done.returncode == 0 else ""


def repository_in(remote: str, *, host: str) -> tuple[str, str] | None:
    """Workspace and repository of a remote on `host`; None for any other remote."""
    scp_like = _SCP_LIKE.fullmatch(remote)
    if scp_like:
        remote_host, place = scp_like["host"], scp_like["path"]
    else:
        try:
            parts = urlsplit(remote)
        except ValueError:
            return None
        remote_host, place = parts.hostname or "", parts.path
    segments = place.strip("/").removesuffix(".git").split("/")
    # altssh.bitbucket.org listens where port 22 is closed.
    is_ours = remote_host.lower() in {host, f"altssh.{host}"}
    return (segments[0], segments[1]) if is_ours and len(segments) == 2 and all(segments) else None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
