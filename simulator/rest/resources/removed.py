"""What Bitbucket has taken away, and how it says so.

Sources: CHANGE-2770 (cross-workspace reads, rest-api.md 0, error-gone-410.thread.json); /2.0/teams: its replacement is
/2.0/workspaces, and the address is no longer hosted (404 as recorded in error-noapi.gildas.json).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.errors import gone
from simulator.rest.routes import Routes

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json

routes = Routes()


def _gone(_call: Call) -> Json:
    raise gone("CHANGE-2770")


for _address in (
    "/repositories",
    "/workspaces",
    "/user/permissions/repositories",
    "/user/permissions/workspaces",
    "/snippets",
):
    routes.get(_address, scope=None)(_gone)
