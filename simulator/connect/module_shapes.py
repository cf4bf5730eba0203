"""What each kind of module must look like in a descriptor (connect-protocol.md 2), as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Container = Literal["list", "object", "map"]

PAGE = ("key", "name", "url")
PLACED = ("key", "name", "url", "location")

REPOSITORY_OVERVIEW = "org.bitbucket.repository.overview.informationPanel"
PULL_REQUEST_OVERVIEW = "org.bitbucket.pullrequest.overview.informationPanel"
REPOSITORY_NAVIGATION = "org.bitbucket.repository.navigation"
REPOSITORY_ACTIONS = "org.bitbucket.repository.actions"
REPOSITORY_ADMIN = "org.bitbucket.repository.admin"
ACCOUNT_ADMIN = "org.bitbucket.account.admin"
SOURCE = "org.bitbucket.source"
PULL_REQUEST_SUMMARY = "org.bitbucket.pullrequest.summary"
BRANCH_SUMMARY = "org.bitbucket.branch.summary"
BRANCH_LIST = "org.bitbucket.branch.list"
COMMIT_SUMMARY = "org.bitbucket.commit.summary"
"""Each of these four has `.actions` (a list of branches has no other); the summaries have `.info` too."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How modules of one kind are held (a list, one object, a map by path) and which properties each needs."""

    container: Container = "list"
    required: tuple[str, ...] = PAGE


SHAPES = {
    "adminPages": Shape(required=PLACED),
    "configurePage": Shape(container="object"),
    "customEvents": Shape(container="map", required=()),
    "fileEditors": Shape(required=(*PAGE, "file_matches")),
    "fileViews": Shape(required=(*PAGE, "file_matches")),
    "generalPages": Shape(),
    "linkers": Shape(required=("key", "regex")),
    "oauthConsumer": Shape(container="object", required=("clientId",)),
    "postInstallRedirect": Shape(container="object", required=("key", "url")),
    "profileTabs": Shape(),
    "proxy": Shape(container="map", required=("destination",)),
    "repoPages": Shape(required=PLACED),
    "webCards": Shape(required=PLACED),
    "webItems": Shape(required=PLACED),
    "webPanels": Shape(required=PLACED),
    "webhooks": Shape(required=("event", "url")),
}

OLD_NAMES = {
    "adminPage": "adminPages",
    "fileView": "fileViews",
    "generalPage": "generalPages",
    "profileTab": "profileTabs",
    "repoPage": "repoPages",
    "webItem": "webItems",
    "webPanel": "webPanels",
}
"""Singular names of 2015-17; still read, since recorded descriptors of that time use them."""

LIMITS = {"key": 128, "url": 2048, "location": 128, "event": 64}
"""Longest value of a property, in characters."""
