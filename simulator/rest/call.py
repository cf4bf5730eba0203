"""One request as the resources see it: who calls, with what, and the checks that they all share."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulator.rest import paging, query_language
from simulator.rest.condensed import expander
from simulator.rest.credentials import require_user
from simulator.rest.errors import ApiError, bad_request, forbidden, lacks_scopes, not_found
from simulator.rest.scopes import closure
from simulator.world.errors import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from simulator.rest.json_types import Json, Value
    from simulator.rest.paging import Cursors
    from simulator.world.model import PullRequest, Repository, User, Workspace
    from simulator.world.principal import Principal
    from simulator.world.world import World


@dataclass(slots=True)
class Call:
    """A request. `arguments` are the first values of the query, `every` all of them."""

    world: World
    principal: Principal
    cursors: Cursors
    method: str
    url: str
    arguments: Mapping[str, str]
    every: Mapping[str, Sequence[str]]
    body: bytes = b""
    content_type: str = ""
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sequence[tuple[str, bytes]]] = field(default_factory=dict)

    # Who may

    @property
    def user(self) -> User:
        """The user that acts; raises ApiError (401) if nobody does."""
        require_user(self.principal)
        if self.principal.user is None:
            raise AssertionError("require_user lets nobody through without a user")
        return self.principal.user

    def require_scope(self, *needed: str) -> None:
        """Raise ApiError (403) unless the credential has all of the scopes."""
        granted = self.principal.scopes
        if granted is not None and not closure(granted).issuperset(needed):
            raise lacks_scopes(list(needed), sorted(granted))

    def workspace(self, key: str) -> Workspace:
        """The workspace `key`, if the caller may know of it; raises ApiError (404)."""
        found = self.world.workspace(key)
        if found.is_private and self.principal.role_in(found) is None:
            raise not_found(f"No workspace with identifier '{key}'.")
        return found

    def repository(self, workspace: str, slug: str, *, needs: str = "read") -> Repository:
        """The repository, if the caller has `needs` on it; one that they may not see is a 404, as in Bitbucket."""
        found = self.world.repository(workspace, slug)
        if not self.principal.may("read", found):
            raise Missing(f"Repository {workspace}/{slug} not found")
        if not self.principal.may(needs, found):
            require_user(self.principal)
            raise forbidden(f"You need {needs} access to {found.full_name}.")
        return found

    def pull_request(self, workspace: str, slug: str, number: str, *, needs: str = "read") -> PullRequest:
        """A pull request of a repository that the caller may see; raises ApiError (404)."""
        repository = self.repository(workspace, slug, needs=needs)
        found = repository.pull_requests.get(int(number)) if number.isdecimal() else None
        if found is None:
            raise ApiError(404, number)
        return found

    # What was sent

    def json(self) -> Json:
        """The body as a JSON object ({} if there is none); raises ApiError (400)."""
        if not self.body.strip():
            return {}
        try:
            sent = json.loads(self.body)
        except ValueError:
            raise bad_request("Bad request", body="invalid JSON") from None
        if not isinstance(sent, dict):
            raise bad_request("Bad request", body="expected an object")
        return sent

    def flag(self, name: str, *, default: bool) -> bool:
        """A boolean of the query."""
        text = self.arguments.get(name)
        return default if text is None else text.lower() in {"1", "true", "yes", "on"}

    # What is answered

    def chosen(
        self,
        items: Sequence[Any],
        represent: Callable[[Any], Json],
        *,
        shortcuts: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> list[Any]:
        """`items` through `q` and `sort`. `shortcuts` answer common paths without representing the whole item."""
        quick = shortcuts or {}
        expand = expander(self.world)

        def lookup(item: Value, path: str) -> list[Any]:
            if path in quick:
                value = quick[path](item)
                return value if isinstance(value, list) else [value]
            return query_language.in_json(represent(item), path, expand)

        kept = list(items)
        if query := self.arguments.get("q"):
            accepts = query_language.parse(query)
            kept = [item for item in kept if accepts(item, lookup)]
        if sort := self.arguments.get("sort"):
            kept = query_language.ordered(kept, sort, lookup)
        return kept

    def page(
        self,
        items: Sequence[Any],
        represent: Callable[[Any], Json],
        *,
        default: int = paging.DEFAULT,
        largest: int = paging.LARGEST,
        shortcuts: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> Json:
        """One numbered page of `items` through `q` and `sort`."""
        return paging.numbered(
            self.chosen(items, represent, shortcuts=shortcuts),
            represent=represent,
            arguments=self.arguments,
            url=self.url,
            default=default,
            largest=largest,
        )

    def iterate(
        self,
        keys: Sequence[str],
        represent: Callable[[str], Json],
        *,
        default: int = paging.DEFAULT,
        largest: int = paging.LARGEST,
    ) -> Json:
        """One opaque page of the things that `keys` name."""
        return paging.iterated(
            keys,
            represent=represent,
            cursors=self.cursors,
            arguments=self.arguments,
            url=self.url,
            default=default,
            largest=largest,
        )
