"""What a page shows, as files: every figure with its definition as JSON, rows as CSV. Each panel gives its own by this.

A file is had by a link of the page, which lives as long as the page's own token and proves the same. It tells of people what
the page tells, by the UUIDs of their accounts, and never an e-mail address that git knows somebody by.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from flask import Response

from insights.definitions import definition_of
from insights.result import Result
from web import formatting, metrics
from web.panels.flow.csv_rows import written
from web.panels.past import Past
from web.panels.places.code_owners import EMAIL
from web.panels.places.people import Names

PEOPLE: Final = frozenset(
    {"account", "accounts", "actor", "author", "knowing_reviewers", "owner", "reviewers", "waits_for"}
)
"""The members of values that hold people."""

MEDIA_TYPES: Final = {"csv": "text/csv", "json": "application/json"}


def figure(section: str, result: Result[Any], *, about: str = "") -> dict[str, Any]:
    """Return a figure with its definition, for machines: durations are ISO 8601, times UTC.

    ``about`` names the one of several that it is of: a folder, a branch.
    """
    definition = definition_of(result.definition)
    told: dict[str, Any] = msgspec.to_builtins(result)
    return {
        "section": section,
        **({"about": about} if about else {}),
        "name": definition.name,
        "definition_version": definition.version,
        "title": definition.title,
        "definition": definition.text,
        "source": definition.source,
        "unit": definition.unit.value,
        **{key: told[key] for key in ("n", "value", "why_not", "window", "exclusions", "flags", "members")},
    }


def account(names: Names, uuid: str | None, *, is_awaited: bool = False) -> str | None:
    """Return the account of somebody who is named on the page; None for anybody else."""
    is_told = uuid is not None and names.may_name(uuid, is_awaited=is_awaited) and not uuid.startswith(EMAIL)
    return uuid if is_told else None


def without_the_unnamed(told: Any, names: Names, awaited: frozenset[str] = frozenset()) -> Any:  # noqa: ANN401 - JSON
    """Return a value without the people whom the page does not name. ``awaited``: members that it always names."""
    if isinstance(told, dict):
        return {key: _member(key, value, names, awaited) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [without_the_unnamed(one, names, awaited) for one in told]
    return told


def json_file(
    past: Past, panel: str, name: str, figures: Iterable[Mapping[str, Any]], about: Mapping[str, Any]
) -> Response:
    """Give figures as a JSON file. ``about`` is what else the page says: what was chosen, lists that are no figures."""
    body = {
        "repository": past.repository.full_name,
        "repository_uuid": past.repository.uuid,
        "made_at": formatting.iso_time(past.now),
        **about,
        "settings_version": past.stored_settings.version,
        "figures": list(figures),
    }
    return _file(msgspec.json.encode(body), past.now, panel, name, "json")


def csv_file(past: Past, panel: str, name: str, rows: Iterable[Sequence[str]]) -> Response:
    """Give rows as a CSV file, the names of the columns first."""
    return _file(written(rows).encode(), past.now, panel, name, "csv")


def _member(key: str, value: Any, names: Names, awaited: frozenset[str]) -> Any:  # noqa: ANN401 - JSON
    if key not in PEOPLE:
        return without_the_unnamed(value, names, awaited)
    if isinstance(value, list | tuple):
        return [account(names, uuid, is_awaited=key in awaited) for uuid in value]
    return account(names, value, is_awaited=key in awaited)


def _file(content: bytes, now: datetime, panel: str, name: str, extension: str) -> Response:
    metrics.PANELS.labels(panel=panel, state=f"exported_{extension}").inc()
    response = Response(content, content_type=f"{MEDIA_TYPES[extension]}; charset=utf-8")
    # The day and what it is only: a repository's name may hold anything.
    parts = ("bittern", name, f"{now:%Y-%m-%d}")
    response.headers["Content-Disposition"] = f'attachment; filename="{"-".join(parts)}.{extension}"'
    return response
