"""Build statuses, reported and changed (rest-api.md 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.representations.builds import build_status
from simulator.rest.resources.builds import status_of
from simulator.rest.resources.commits import commit_of
from simulator.rest.routes import Answer, Routes
from simulator.world import actions

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import BuildStatus, Repository

routes = Routes()

_BUILD = "/repositories/<workspace>/<slug>/commit/<commit>/statuses/build"


def _report(call: Call, repository: Repository, commit: str, key: str, body: Json, *, state: str) -> BuildStatus:  # noqa: PLR0913 - keyword-only, and each is a fact of its own
    return actions.set_build_status(
        call.world,
        repository,
        actor=call.user,
        commit=commit_of(repository, commit).hash,
        key=key,
        state=state,  # type: ignore[arg-type]
        url=fields.text(body, "url") or "",
        name=fields.text(body, "name") or "",
        description=fields.text(body, "description") or "",
        refname=fields.text(body, "refname"),
    )


@routes.post(_BUILD, scope="repository")
def report(call: Call, workspace: str, slug: str, commit: str) -> Answer:
    """Report a build; the same key overwrites, and is a 201 all the same."""
    repository, body = call.repository(workspace, slug), call.json()
    key, state = fields.needed_text(body, "key"), fields.needed_text(body, "state")
    fields.needed_text(body, "url")
    made = _report(call, repository, commit, key, body, state=state)
    answer = build_status(call.world, repository, made)
    return Answer(answer, 201, {"Location": answer["links"]["self"]["href"]})


@routes.put(f"{_BUILD}/<path:key>", scope="repository")
def change(call: Call, workspace: str, slug: str, commit: str, key: str) -> Json:
    """Change a build that was reported; its key stays."""
    repository, body = call.repository(workspace, slug), call.json()
    held = status_of(repository, commit_of(repository, commit).hash, key)
    state = fields.text(body, "state") or held.state
    return build_status(call.world, repository, _report(call, repository, commit, key, body, state=state))
