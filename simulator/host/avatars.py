"""Pictures of people, workspaces and repositories, drawn from their names; nothing is fetched from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from flask import Blueprint, Response

from simulator.host.formatting import hue, initials
from simulator.world import identifiers
from simulator.world.errors import WorldError

if TYPE_CHECKING:
    from simulator.world import World

_ROUND, _SQUARE = 50, 22


def register_avatars(blueprint: Blueprint, world: World) -> None:
    """Serve the addresses that representations name as `avatar`."""

    def account(key: str) -> Response:
        return picture(_name_of_account(world, key), corner_percent=_ROUND)

    def workspace(key: str) -> Response:
        return picture(_name_of_workspace(world, key), corner_percent=_SQUARE)

    def repository(key: str) -> Response:
        found = world.repositories.get(identifiers.braced(key) or "")
        return picture(found.name if found else "?", corner_percent=_SQUARE)

    blueprint.add_url_rule("/account/<key>/avatar/", "account_avatar", account)
    blueprint.add_url_rule("/workspaces/<key>/avatar/", "workspace_avatar", workspace)
    blueprint.add_url_rule("/ravatar/<key>", "repository_avatar", repository)


def picture(name: str, *, corner_percent: int) -> Response:
    """A square with initials, in the name's own colour."""
    radius = 48 * corner_percent / 100
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" height="48">'
        f'<rect width="48" height="48" rx="{radius:g}" fill="hsl({hue(name)} 52% 42%)"/>'
        '<text x="24" y="24" dy=".36em" text-anchor="middle" fill="#fff" font-size="19" font-weight="600" '
        f'font-family="ui-sans-serif, system-ui, sans-serif">{escape(initials(name))}</text></svg>'
    )
    return Response(svg, content_type="image/svg+xml", headers={"Cache-Control": "public, max-age=3600"})


def _name_of_account(world: World, key: str) -> str:
    try:
        return world.user(key).display_name
    except WorldError:
        return _name_of_workspace(world, key)


def _name_of_workspace(world: World, key: str) -> str:
    try:
        return world.workspace(key).name
    except WorldError:
        return "?"
