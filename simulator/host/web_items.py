"""Links that apps add to pages (`webItems`), and what they lead to: a page of the app, a dialog, or another site.

The addresses of such pages are nowhere documented. An app's page stands under `/addon/{app}/{module}`, as links to
Bitbucket Pipelines (once a Connect app) show; that what the page is about follows in the query is our own choice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode, urlsplit

from flask import request

from simulator.host.frames import frame
from simulator.host.navigation import app_path, repository_path
from simulator.world.errors import Missing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from simulator.assembly import Simulator
    from simulator.connect.modules import Page, PlacedModule
    from simulator.world.model import Repository

Target = Literal["page", "dialog", "inlinedialog", "site"]
# What a web item's page is about: the names of its query.
CONTEXT = ("pullrequest", "branch", "commit")


@dataclass(frozen=True, kw_only=True)
class WebItem:
    """One link. `dialog` is JSON for the host's script: the frame to open and how, empty where a page opens."""

    label: str
    tooltip: str
    address: str
    target: Target
    dialog: str = ""


def web_items(simulator: Simulator, page: Page, *locations: str) -> list[WebItem]:
    """The links of apps at these places of a page, lightest first."""
    found = [one for location in locations for one in simulator.modules.on(page, "webItems", location=location)]
    return [_web_item(simulator, page, one) for one in found]


def context_of(page: Page, repository: Repository, query: Mapping[str, str]) -> Page:
    """A web item's page: about what its address says; raises Missing for what the repository does not have."""
    number, branch, commit = (query.get(name) for name in CONTEXT)
    found = repository.pull_requests.get(int(number)) if number and number.isdecimal() else None
    if number and found is None:
        raise Missing(f"There is no pull request {number} there.")
    if branch and branch not in repository.git.branches():
        raise Missing(f"There is no branch {branch} there.")
    commit_hash = repository.git.commit(commit).hash if commit else None
    return replace(page, pull_request=found, branch=branch or None, commit=commit_hash)


def passed(without: Collection[str] = ()) -> tuple[tuple[str, str], ...]:
    """The query parameters of the request, which an app's page gets as they are; the first of each name."""
    return tuple((name, value) for name, value in request.args.items() if name not in without)


def _web_item(simulator: Simulator, page: Page, placed: PlacedModule) -> WebItem:
    target = _target(placed)
    address = _address(page, placed)
    if target == "site":
        # A token is for its app alone.
        url = placed.module.url
        address = simulator.modules.address(page, placed.installation, url=url, is_signed=False)
    return WebItem(
        label=placed.module.name or placed.app_name,
        tooltip=placed.module.tooltip,
        address=address,
        target=target,
        dialog=_dialog(page, placed) if target in {"dialog", "inlinedialog"} else "",
    )


def _target(placed: PlacedModule) -> Target:
    """A link to another site than the app's leaves Bitbucket; without a target it is a page."""
    descriptor, url = placed.installation.descriptor, placed.module.url
    if descriptor and not url.startswith("/") and urlsplit(url).netloc != urlsplit(descriptor.base_url).netloc:
        return "site"
    chosen = (placed.module.options.get("target") or {}).get("type", "page")
    return chosen if chosen in {"page", "dialog", "inlinedialog"} else "page"


def _address(page: Page, placed: PlacedModule) -> str:
    about = (page.pull_request.id if page.pull_request else None, page.branch, page.commit)
    query = urlencode({name: value for name, value in zip(CONTEXT, about, strict=True) if value is not None})
    base = repository_path(page.repository) if page.repository else ""
    return f"{app_path(base, placed)}{'?' if query else ''}{query}"


def _dialog(page: Page, placed: PlacedModule) -> str:
    options = (placed.module.options.get("target") or {}).get("options") or {}
    shown = {"size": "medium", **options, "header": placed.module.name or placed.app_name, "chrome": True}
    return json.dumps({"extension": json.loads(frame(page, placed).bridge), "options": shown})
