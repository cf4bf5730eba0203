"""The `state` of an entry: what must have happened before. A phrase that is not known here fails the entry."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from models.repositories import Repository
from tests.security import happenings
from tests.security.laboratory import signed_token
from tests.security.recipes.errors import NotUnderstood
from tests.security.stage import (
    accept,
    install_entry,
    make_known_to_bitbucket,
    push_entry,
    rotate,
    wait_for_next_second,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.security.laboratory import Laboratory

BACKLOG_WEBHOOKS = 40
SINCE_OLDER_SECONDS = 5
NEWEST_TITLE = "As it is"
# An entry's own title says what must be going on where it has no `state`.
TITLES = {"uninstall arrives while a backfill job runs": "work of A is under way"}


def prepare_state(entry: Mapping[str, Any], laboratory: Laboratory) -> Callable[[], None]:
    """Bring the state about; the function that comes back is called after the entry's own requests, for what follows them.

    Raises NotUnderstood for a phrase, AssertionError where a valid call on the way is refused.
    """
    state = entry.get("state") or TITLES.get(str(entry.get("title")))
    if state is None:
        return lambda: None
    if not isinstance(state, str):
        return _set_names(state, laboratory)
    if state in SEQUENCES:
        return SEQUENCES[state](laboratory)
    for phrase in re.split(r";\s*", state):
        _prepare_phrase(phrase, laboratory)
    return lambda: None


def _prepare_phrase(phrase: str, laboratory: Laboratory) -> None:
    for wording, prepare in PHRASES.items():
        if (match := re.fullmatch(wording, phrase)) is not None:
            prepare(laboratory, match)
            return
    raise NotUnderstood("state", phrase)


def _nothing_more(_laboratory: Laboratory, _match: re.Match[str]) -> None:
    """The stage is set so already."""


def _api_accepts(laboratory: Laboratory, match: re.Match[str]) -> None:
    make_known_to_bitbucket(laboratory, laboratory.cast.tenant(match["tenant"]), match["secret"])


def _api_is_down(laboratory: Laboratory, _match: re.Match[str]) -> None:
    laboratory.system.control.post("/faults", {"match": r"/2\.0/|/site/oauth2/", "status": 503})


def _attacker_installed_before(laboratory: Laboratory, match: re.Match[str]) -> None:
    """An unsigned first install with a secret that Bitbucket does not know: taken in or refused, never active."""
    tenant = laboratory.cast.tenant(match["tenant"])
    make_known_to_bitbucket(laboratory, tenant, "secret")
    accept(laboratory.ask(install_entry(tenant.name, "attacker", signed_with=None)), "an attacker's first install")
    assert laboratory.ledger.state(tenant.client_key) == "pending", "an attacker's secret was proved"


def _rotated_twice(laboratory: Laboratory, match: re.Match[str]) -> None:
    """The previous secret is then two rotations old, and known to nobody."""
    tenant = laboratory.cast.tenant(match["tenant"])
    rotate(laboratory, tenant.name, old="secret", new="secret_new")
    rotate(laboratory, tenant.name, old="secret_new", new="secret")
    # After each of them the worker lists the repositories again.
    laboratory.settle()


def _is_working(laboratory: Laboratory, match: re.Match[str]) -> None:
    """A pile of webhooks, so that a worker is busy with the tenant when the entry's request comes."""
    _send_webhooks(laboratory, match["tenant"], BACKLOG_WEBHOOKS)


def _backlog(laboratory: Laboratory, match: re.Match[str]) -> None:
    _send_webhooks(laboratory, match["tenant"], int(match["count"].replace(" ", "")))


def _send_webhooks(laboratory: Laboratory, tenant: str, count: int) -> None:
    composer = laboratory.composer()

    def send(_number: int) -> None:
        accept(laboratory.send(composer.compose(push_entry(f"{tenant}.repo_open"))), "a webhook of the backlog")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(count)))


def _renamed_away(laboratory: Laboratory, match: re.Match[str]) -> None:
    """Our copy still has the old name of A's repository, as it has until Bitbucket tells us of the new one."""
    uuid = laboratory.cast.tenant(match["tenant"]).repositories["repo_open"]
    named = {"full_name": f"{match['slug']}/repo", "slug": "repo"}
    laboratory.ledger.execute(update(Repository).where(Repository.uuid == uuid).values(**named))


def _took_the_name(laboratory: Laboratory, match: re.Match[str]) -> None:
    _renamed_away(laboratory, match)


PHRASES: dict[str, Callable[[Laboratory, re.Match[str]], None]] = {
    r"[A-Z] was uninstalled|tombstone kept|[A-Z] re-installed once|secret rotated|(?:the )?database is locked": _nothing_more,
    r"fake API accepts (?:only )?(?P<secret>(?P<tenant>[A-Z])\.secret(?:_new|_previous)?)": _api_accepts,
    r"fake API (?:rejects|refuses|does not accept) [A-Z]\.secret(?:_new|_previous)?": _nothing_more,
    r"(?:fake )?API (?:is )?(?:down|unavailable|unreachable)": _api_is_down,
    r"attacker posted an install for (?P<tenant>[A-Z]) before": _attacker_installed_before,
    r"(?P<tenant>[A-Z]) (?:is )?(?:unproven|pending|quarantined)": _attacker_installed_before,
    r"(?P<tenant>[A-Z]) rotated twice since": _rotated_twice,
    r"work of (?P<tenant>[A-Z]) is under way": _is_working,
    r"(?P<tenant>[A-Z]) backlog (?P<count>[\d ]+)": _backlog,
    r"(?P<tenant>[A-Z]) renamed from (?P<slug>[a-z-]+)": _renamed_away,
    r"(?P<tenant>[A-Z]) now owns (?P<slug>[a-z-]+)": _took_the_name,
}


def _install_after_newer_uninstall(laboratory: Laboratory) -> Callable[[], None]:
    """The entry's uninstall is the newer call and comes first; the older install follows it."""
    wait_for_next_second()
    older = f"$now-{SINCE_OLDER_SECONDS}"

    def deliver_the_older_install() -> None:
        entry = install_entry("A", "secret_new", signed_with="A.secret")
        answer = laboratory.ask(entry | {"token": signed_token("A", signed_with="A.secret", at=older)})
        assert answer.status in {401, 409}, f"an install older than the uninstall: {answer.status}"

    return deliver_the_older_install


def _newer_event_first(laboratory: Laboratory) -> Callable[[], None]:
    """Two events of one pull request: the one that says how it is now comes first, the one that says how it was comes last."""
    old = happenings.open_pull_request(laboratory, title="As it was")
    new = happenings.act(
        laboratory,
        "update_pull_request",
        repository=laboratory.cast.tenant("A").repositories["repo_open"],
        pull_request=old["id"],
        title=NEWEST_TITLE,
    )
    at = happenings.now() - SINCE_OLDER_SECONDS
    accept(happenings.tell_of_pull_request(laboratory, new, "pullrequest:updated", at=at + 3), "the newer event")
    accept(happenings.tell_of_pull_request(laboratory, old, "pullrequest:updated", at=at), "the older event")
    return lambda: None


SEQUENCES: dict[str, Callable[[Laboratory], Callable[[], None]]] = {
    "deliver uninstall(t2), then install(t1), t1 < t2": _install_after_newer_uninstall,
    "deliver pr:updated(t2) then pr:updated(t1)": _newer_event_first,
}


def _set_names(state: Mapping[str, object], laboratory: Laboratory) -> Callable[[], None]:
    """Texts in the simulated world that are attacks themselves. What would be met again by later entries is put back."""
    undo: list[Callable[[], object]] = []
    pull_request: dict[str, object] = {}
    for what, value in state.items():
        if what == "repo.name":
            _rename_repository(laboratory, str(value))
            undo.append(lambda: _rename_repository(laboratory, "Repo open of workspace A"))
        elif what in {"pr.title", "pr.summary.html", "user.display_name"}:
            pull_request[what] = value
        else:
            raise NotUnderstood("state", what)
    if pull_request:
        closing = _tell_of_attacking_pull_request(laboratory, pull_request)
        undo.append(closing)

    def put_back() -> None:
        for one in undo:
            one()

    return put_back


def _rename_repository(laboratory: Laboratory, name: str) -> None:
    uuid = laboratory.cast.tenant("A").repositories["repo_open"]
    happenings.act(laboratory, "rename_repository", repository=uuid, name=name)


def _tell_of_attacking_pull_request(laboratory: Laboratory, texts: Mapping[str, object]) -> Callable[[], object]:
    """A pull request with these texts, which the service has heard of and taken over before the entry's own request."""
    author = None
    if "user.display_name" in texts:
        wish = {"display_name": texts["user.display_name"], "workspace": laboratory.cast.tenant("A").workspace_uuid}
        author = laboratory.system.control.post("/users", wish)["uuid"]
    told = happenings.open_pull_request(laboratory, title=str(texts.get("pr.title", "Mend the gate")), author=author)
    if "pr.summary.html" in texts:
        told["summary"] = {"type": "rendered", "raw": texts["pr.summary.html"], "html": texts["pr.summary.html"]}
    accept(happenings.tell_of_pull_request(laboratory, told), "the pull request's webhook")
    laboratory.settle()
    repository = laboratory.cast.tenant("A").repositories["repo_open"]
    return lambda: happenings.act(laboratory, "decline", repository=repository, pull_request=told["id"])
