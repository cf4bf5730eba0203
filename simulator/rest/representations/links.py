"""Links, times and rendered text: the small pieces that every representation uses."""

from __future__ import annotations

import html
import re
from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.rest.json_types import Json
    from simulator.world.model import Repository
    from simulator.world.world import World

_BULLET = re.compile(r"^\s*[*-] +(.*)$")
_PULL_REQUEST = re.compile(r"pull request #(\d+)")


def href(url: str) -> Json:
    """One link."""
    return {"href": url}


def api(world: World, *segments: str) -> str:
    """An address of REST 2.0; segments are quoted, slashes within them kept."""
    return "/".join([f"{world.api_url}/2.0", *(quote(one, safe="/:") for one in segments)])


def site(world: World, *segments: str) -> str:
    """An address of the web site; segments are quoted, slashes within them kept."""
    return "/".join([world.site_url, *(quote(one, safe="/:#") for one in segments)])


def repository_api(world: World, repository: Repository, *segments: str) -> str:
    """An address below a repository in REST 2.0."""
    return api(world, "repositories", repository.workspace.slug, repository.slug, *segments)


def repository_site(world: World, repository: Repository, *segments: str) -> str:
    """An address below a repository on the web site."""
    return site(world, repository.workspace.slug, repository.slug, *segments)


def timestamp(at: datetime | None) -> str | None:
    """A moment as Bitbucket's own objects have it: UTC, always with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else None


def git_date(at: datetime) -> str:
    """A moment as commits and tags have it: UTC, whole seconds."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def seconds(at: datetime) -> int:
    """The epoch second that Bitbucket appends to addresses of pictures."""
    return int(at.timestamp())


def rendered(raw: str, markup_html: str | None = None) -> Json:
    """`raw` with its HTML: paragraphs and flat bullet lists, everything escaped (not all of Markdown)."""
    return {
        "type": "rendered",
        "raw": raw,
        "markup": "markdown",
        "html": to_html(raw) if markup_html is None else markup_html,
    }


def to_html(raw: str) -> str:
    """`raw` as HTML."""
    blocks = re.split(r"\n\s*\n", raw.replace("\r\n", "\n").strip())
    return "\n".join(_block(block) for block in blocks if block.strip())


def _block(block: str) -> str:
    bullets = [_BULLET.match(line) for line in block.split("\n")]
    if all(bullets):
        items = "\n".join(f"<li>{html.escape(bullet[1], quote=False)}</li>" for bullet in bullets if bullet)
        return f"<ul>\n{items}\n</ul>"
    return f"<p>{html.escape(block, quote=False)}</p>"


def commit_message(world: World, repository: Repository, message: str) -> Json:
    """A commit's message rendered, with "pull request #N" made a link as recorded (repo-push.toolchain--pr-merge)."""
    target = repository_site(world, repository, "pull-requests")
    linked = _PULL_REQUEST.sub(
        lambda match: f'<a href="{target}/{match[1]}" rel="nofollow" class="ap-connect-link">{match[0]}</a>',
        to_html(message),
    )
    return rendered(message, linked)
