"""Issue trackers, where there still is one.

Bitbucket removed them on 2026-08-20 (rest-api.md 0). A repository with `has_issues` has one here all the same. The 410
for the others is the recorded one's shape; its text is made up, since no answer after the removal was found. With
`World.are_issue_trackers_removed` unset a repository without a tracker answers 404, as it did before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.rest import fields
from simulator.rest.errors import ApiError, forbidden, not_found
from simulator.rest.representations.issues import issue_change, issue_comment, issue_details, named
from simulator.rest.representations.links import repository_api
from simulator.rest.routes import Answer, Routes
from simulator.world import actions
from simulator.world.issues import PRIORITIES

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.issues import Issue
    from simulator.world.model import Comment, Repository, User

routes = Routes()

_BASE = "/repositories/<workspace>/<slug>"
_LIST = f"{_BASE}/issues"
_ONE = f"{_LIST}/<number>"
_COMMENT = f"{_ONE}/comments/<comment_id>"
_ANNOUNCEMENT = "https://community.atlassian.com/forums/Bitbucket-articles/Announcing-sunset/ba-p/3193882"
_PAGE = 20

_SHORTCUTS = {
    "state": lambda one: one.state,
    "kind": lambda one: one.kind,
    "priority": lambda one: one.priority,
    "id": lambda one: one.id,
    "component": lambda one: one.component,
    "milestone": lambda one: one.milestone,
    "version": lambda one: one.version,
}


def tracker_of(call: Call, workspace: str, slug: str) -> Repository:
    """A repository that has a tracker; raises ApiError (404, 410)."""
    repository = call.repository(workspace, slug)
    if repository.has_issues:
        return repository
    if call.world.are_issue_trackers_removed:
        data = {"announcement_url": _ANNOUNCEMENT}
        raise ApiError(
            410, "Functionality has been deprecated", detail="The issue tracker has been removed.", data=data
        )
    raise not_found("Repository has no issue tracker.")


def _issue(call: Call, workspace: str, slug: str, number: str) -> tuple[Repository, Issue]:
    repository = tracker_of(call, workspace, slug)
    found = repository.issue_tracker.issues.get(int(number)) if number.isdecimal() else None
    if found is None:
        raise not_found(f"Issue {number} not found")
    return repository, found


@routes.get(_LIST, scope="issue")
def issues(call: Call, workspace: str, slug: str) -> Json:
    """The issues, the newest first. Priorities compare by weight, not by alphabet."""
    repository = tracker_of(call, workspace, slug)
    found = list(reversed(repository.issue_tracker.issues.values()))
    if call.arguments.get("sort", "").lstrip("-") == "priority":
        found.sort(key=lambda one: PRIORITIES.index(one.priority), reverse=call.arguments["sort"].startswith("-"))
        call.arguments = {name: value for name, value in call.arguments.items() if name != "sort"}
    return call.page(found, lambda one: issue_details(call.world, repository, one), default=_PAGE, shortcuts=_SHORTCUTS)


def _wanted(call: Call, body: Json) -> dict[str, Any]:
    """What a body sets on an issue."""
    wanted: dict[str, Any] = {name: fields.text(body, name) for name in ("state", "kind", "priority")}
    for name in ("component", "milestone", "version"):
        wanted[name] = fields.text(body, f"{name}.name")
    if fields.inner(body, "assignee") is not None:
        wanted["assignee"] = fields.user(call.world, body["assignee"], "assignee")
    return wanted


@routes.post(_LIST, scope="issue:write")
def report(call: Call, workspace: str, slug: str) -> Answer:
    """Report an issue."""
    repository, body = tracker_of(call, workspace, slug), call.json()
    title = fields.needed_text(body, "title")
    text = fields.text(body, "content.raw") or ""
    made = actions.report_issue(call.world, repository, actor=call.user, title=title, text=text, **_wanted(call, body))
    address = repository_api(call.world, repository, "issues", str(made.id))
    return Answer(issue_details(call.world, repository, made), 201, {"Location": address})


@routes.get(_ONE, scope="issue")
def one_issue(call: Call, workspace: str, slug: str, number: str) -> Json:
    """One issue."""
    repository, found = _issue(call, workspace, slug, number)
    return issue_details(call.world, repository, found)


@routes.put(_ONE, scope="issue:write")
def change(call: Call, workspace: str, slug: str, number: str) -> Json:
    """Change an issue."""
    repository, found = _issue(call, workspace, slug, number)
    body = call.json()
    wanted = _wanted(call, body) | {"title": fields.text(body, "title"), "raw": fields.text(body, "content.raw")}
    actions.change_issue(call.world, repository, found, actor=call.user, **wanted)
    return issue_details(call.world, repository, found)


@routes.delete(_ONE, scope="issue:write")
def delete(call: Call, workspace: str, slug: str, number: str) -> Answer:
    """Delete an issue."""
    repository, found = _issue(call, workspace, slug, number)
    if not call.principal.may("write", repository):
        raise forbidden("You cannot delete this issue.")
    del repository.issue_tracker.issues[found.id]
    return Answer(status=204)


@routes.get(f"{_ONE}/changes", scope="issue")
def log(call: Call, workspace: str, slug: str, number: str) -> Json:
    """What was changed, the newest first."""
    repository, found = _issue(call, workspace, slug, number)
    return call.page(found.log[::-1], lambda one: issue_change(call.world, repository, found, one))


@routes.post(f"{_ONE}/changes", scope="issue:write")
def change_with_message(call: Call, workspace: str, slug: str, number: str) -> Answer:
    """Change an issue and say why."""
    repository, found = _issue(call, workspace, slug, number)
    body = call.json()
    wanted = {name: fields.text(body, f"changes.{name}.new") for name in ("state", "kind", "priority", "title")}
    entry = actions.change_issue(
        call.world, repository, found, actor=call.user, message=fields.text(body, "message.raw") or "", **wanted
    )
    if entry is None:
        raise ApiError(400, "Nothing to change.")
    answer = issue_change(call.world, repository, found, entry)
    return Answer(answer, 201, {"Location": answer["links"]["self"]["href"]})


@routes.get(f"{_ONE}/changes/<change_id>", scope="issue")
def one_change(call: Call, workspace: str, slug: str, number: str, change_id: str) -> Json:
    """One entry of the log."""
    repository, found = _issue(call, workspace, slug, number)
    entry = next((one for one in found.log if str(one.id) == change_id), None)
    if entry is None:
        raise not_found(change_id)
    return issue_change(call.world, repository, found, entry)


@routes.get(f"{_ONE}/comments", scope="issue")
def comments(call: Call, workspace: str, slug: str, number: str) -> Json:
    """An issue's comments, the oldest first."""
    repository, found = _issue(call, workspace, slug, number)
    return call.page(list(found.comments.values()), lambda one: issue_comment(call.world, repository, found, one))


@routes.post(f"{_ONE}/comments", scope="issue:write")
def add_comment(call: Call, workspace: str, slug: str, number: str) -> Answer:
    """Comment on an issue."""
    repository, found = _issue(call, workspace, slug, number)
    text = fields.needed_text(call.json(), "content.raw")
    made = actions.comment_on_issue(call.world, repository, found, actor=call.user, text=text)
    answer = issue_comment(call.world, repository, found, made)
    return Answer(answer, 201, {"Location": answer["links"]["self"]["href"]})


def _comment(issue: Issue, comment_id: str) -> Comment:
    found = issue.comments.get(int(comment_id)) if comment_id.isdecimal() else None
    if found is None or found.deleted:
        raise not_found(comment_id)
    return found


@routes.get(_COMMENT, scope="issue")
def one_comment(call: Call, workspace: str, slug: str, number: str, comment_id: str) -> Json:
    """One comment."""
    repository, found = _issue(call, workspace, slug, number)
    return issue_comment(call.world, repository, found, _comment(found, comment_id))


@routes.put(_COMMENT, scope="issue:write")
def change_comment(call: Call, workspace: str, slug: str, number: str, comment_id: str) -> Json:
    """Change one's own comment."""
    repository, found = _issue(call, workspace, slug, number)
    held = _own(_comment(found, comment_id), call.user)
    held.raw, held.updated_on = fields.needed_text(call.json(), "content.raw"), call.world.now()
    return issue_comment(call.world, repository, found, held)


def _own(comment: Comment, user: User) -> Comment:
    if comment.user is not user:
        raise forbidden("You do not have permission to edit this comment.")
    return comment


@routes.delete(_COMMENT, scope="issue:write")
def delete_comment(call: Call, workspace: str, slug: str, number: str, comment_id: str) -> Answer:
    """Delete one's own comment."""
    _, found = _issue(call, workspace, slug, number)
    _own(_comment(found, comment_id), call.user).deleted = True
    return Answer(status=204)


def _serve_standing(name: str, people_of: str) -> None:
    """Voting for and watching an issue: GET says whether one does (204 or 404), PUT begins, DELETE ends."""

    @routes.get(f"{_ONE}/{name}", scope=("account", "issue"))
    def stands(call: Call, workspace: str, slug: str, number: str) -> Answer:
        _, found = _issue(call, workspace, slug, number)
        if call.user not in getattr(found, people_of):
            raise not_found(number)
        return Answer(status=204)

    @routes.put(f"{_ONE}/{name}", scope=("account:write", "issue"))
    def begin(call: Call, workspace: str, slug: str, number: str) -> Answer:
        _, found = _issue(call, workspace, slug, number)
        people = getattr(found, people_of)
        if call.user not in people:
            people.append(call.user)
        return Answer(status=204)

    @routes.delete(f"{_ONE}/{name}", scope=("account:write", "issue:write"))
    def end(call: Call, workspace: str, slug: str, number: str) -> Answer:
        _, found = _issue(call, workspace, slug, number)
        people = getattr(found, people_of)
        if call.user in people:
            people.remove(call.user)
        return Answer(status=204)


_serve_standing("vote", "voters")
_serve_standing("watch", "watchers")


def _serve_names(kind: str) -> None:
    """Components, milestones, versions: the list and one of it by its number."""

    def names_of(repository: Repository) -> list[str]:
        names: list[str] = getattr(repository.issue_tracker, f"{kind}s")
        return names

    @routes.get(f"{_BASE}/{kind}s", scope="issue")
    def all_names(call: Call, workspace: str, slug: str) -> Json:
        repository = tracker_of(call, workspace, slug)
        names = names_of(repository)
        return call.page(names, lambda one: named(call.world, repository, kind, names, one) or {})

    @routes.get(f"{_BASE}/{kind}s/<number>", scope="issue")
    def one_name(call: Call, workspace: str, slug: str, number: str) -> Json:
        repository = tracker_of(call, workspace, slug)
        names = names_of(repository)
        if not number.isdecimal() or not 1 <= int(number) <= len(names):
            raise not_found(number)
        return named(call.world, repository, kind, names, names[int(number) - 1]) or {}


for _kind in ("component", "milestone", "version"):
    _serve_names(_kind)
