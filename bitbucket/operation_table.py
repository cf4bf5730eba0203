"""All operations of REST 2.0 as a table, and one function that calls any of them.

The table is compiled from Atlassian's API description (facts only: methods, paths, parameters, scopes) into
`operations.json`, one operation a line; tests/bitbucket/compile_operations.py does that and a test compares.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import msgspec

from bitbucket.client import BitbucketClient, Payload
from bitbucket.messages import Response
from bitbucket.paths import Exact, FilePath, path

COMMON_PARAMETERS: Final = frozenset({"fields", "page", "pagelen", "q", "sort"})
"""Query parameters that any collection or resource may take, whether its description names them or not."""

_PLACEHOLDER: Final = re.compile(r"\{([^{}]+)\}")
# Members of this set, and every *_uuid, are a UUID or a name that never looks like one.
_ADDRESSED_BY_UUID: Final = frozenset(
    {"workspace", "repo_slug", "selected_user", "selected_user_id", "target_username", "uid"}
)


class Parameter(msgspec.Struct, frozen=True, array_like=True):
    """A parameter of an operation: `place` is path or query."""

    name: str
    place: str
    is_required: bool


class Operation(msgspec.Struct, frozen=True, array_like=True):
    """One operation. `operation_id` is Atlassian's, where it gave one; `scopes` are those of OAuth 2.0."""

    method: str
    template: str
    operation_id: str | None
    parameters: tuple[Parameter, ...]
    scopes: tuple[str, ...]
    takes_body: bool
    is_deprecated: bool

    @property
    def key(self) -> str:
        """What it is called here, such as `GET /repositories/{workspace}/{repo_slug}`."""
        return f"{self.method} {self.template}"

    def path(self, values: Mapping[str, Any]) -> str:
        """The encoded path for the values of its placeholders. Raises TypeError for a missing one."""
        missing = [name for name in _PLACEHOLDER.findall(self.template) if name not in values]
        if missing:
            raise TypeError(f"{self.key} needs {', '.join(missing)}.")
        return path(*(_segment(part, values) for part in self.template.strip("/").split("/")))

    def query(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The query parameters among the values. Raises TypeError for a name that it does not know, or a missing one."""
        known = {parameter.name for parameter in self.parameters} | COMMON_PARAMETERS
        unknown = sorted(values.keys() - known)
        if unknown:
            raise TypeError(f"{self.key} does not take {', '.join(unknown)}.")
        in_query = {parameter.name: parameter for parameter in self.parameters if parameter.place == "query"}
        missing = [name for name, parameter in in_query.items() if parameter.is_required and name not in values]
        if missing:
            raise TypeError(f"{self.key} needs {', '.join(missing)}.")
        in_path = set(_PLACEHOLDER.findall(self.template))
        return {name: value for name, value in values.items() if name not in in_path and value is not None}


@dataclass(frozen=True, slots=True)
class _Table:
    by_key: Mapping[str, Operation]
    by_id: Mapping[str, Operation]


def operations() -> Iterator[Operation]:
    """All of them, in the order of the description."""
    return iter(_table().by_key.values())


def operation(name: str) -> Operation:
    """One, by its key or by Atlassian's operation id. Raises LookupError for neither."""
    table = _table()
    found = table.by_key.get(name) or table.by_id.get(name)
    if found is None:
        raise LookupError(f"REST 2.0 has no operation {name!r}.")
    return found


def call(
    client: BitbucketClient,
    name: str,
    /,
    payload: Payload | None = None,
    sink: Callable[[bytes], None] | None = None,
    **values: Any,  # noqa: ANN401 - path and query parameters: text, numbers, booleans, lists
) -> Response:
    """Call any operation: `call(client, "GET /users/{selected_user}", selected_user=uuid)`.

    UUIDs are taken in any spelling. Names that are no identifiers are passed in a mapping, `**{"creator.uuid": …}`; a query
    parameter that is None is left out. Raises LookupError and TypeError for a call that cannot be right.
    """
    chosen = operation(name)
    if payload is not None and chosen.method in {"GET", "DELETE"}:
        raise TypeError(f"{chosen.key} takes no body.")
    return client.request(chosen.method, chosen.path(values), params=chosen.query(values), payload=payload, sink=sink)


@functools.cache
def _table() -> _Table:
    content = files("bitbucket").joinpath("operations.json").read_bytes()
    listed = msgspec.json.decode(content, type=tuple[Operation, ...])
    return _Table(
        {one.key: one for one in listed}, {one.operation_id: one for one in listed if one.operation_id is not None}
    )


def _segment(part: str, values: Mapping[str, Any]) -> str:
    """A segment of the template with its values. `{repo_name}-issues-{task_id}.zip` shows that it may hold several."""
    whole = _PLACEHOLDER.fullmatch(part)
    if whole is None:
        return Exact(_PLACEHOLDER.sub(lambda match: str(values[match[1]]), part))
    name, value = whole[1], str(values[whole[1]])
    if name == "path":
        return FilePath(value)
    return value if name in _ADDRESSED_BY_UUID or name.endswith("_uuid") else Exact(value)
