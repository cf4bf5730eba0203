"""When a module is shown: the conditions of a descriptor, checked for shape and evaluated (connect-protocol.md 2.1).

Presentation only, as in Bitbucket: a hidden panel's address would still work. A condition whose scope the app does not
hold is false. What has no counterpart in this simulator is answered from `Facts.features`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulator.connect.context_parameters import SCOPE_OF_OBJECT, Context, look_up

Permission = Literal["read", "write", "admin"]
_RANK: dict[str | None, int] = {None: 0, "read": 1, "write": 2, "admin": 3}
_WORKSPACE_RANK: dict[str | None, int] = {None: 0, "member": 1, "collaborator": 2, "owner": 3}
_WORKSPACE_ALIASES = {"admin": "owner", "administrator": "owner"}
_NEEDS_TARGET = frozenset({"equals", "contains"})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What conditions ask about the page and its viewer, beside the objects of the context."""

    is_logged_in: bool
    repository_permission: str | None = None
    workspace_permission: str | None = None
    is_repository_private: bool = False
    installed_apps: frozenset[str] = frozenset()
    features: frozenset[str] = frozenset()
    has_file: Callable[[str], bool] = field(default=lambda _path: False)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One condition asked of one page."""

    params: Mapping[str, object]
    target: str
    facts: Facts
    context: Context

    def param(self, *names: str) -> str:
        """The first of these parameters that is there, as text."""
        return next((str(self.params[name]) for name in names if name in self.params), "")

    def target_value(self) -> object:
        """What stands at the target path; app properties are not paths here and give None."""
        return look_up(self.target, context=self.context)


def conditions_hold(conditions: object, *, facts: Facts, context: Context, scopes: Collection[str]) -> bool:
    """Whether every condition of a module's list holds; none at all hold always."""
    if not isinstance(conditions, list):
        return True
    return all(_holds(one, facts=facts, context=context, scopes=scopes) for one in conditions)


def _holds(condition: Mapping[str, object], *, facts: Facts, context: Context, scopes: Collection[str]) -> bool:
    inner = condition.get("conditions")
    if isinstance(inner, list):
        together = any if condition.get("type") == "or" else all
        value = together(_holds(one, facts=facts, context=context, scopes=scopes) for one in inner)
    else:
        value = _single(condition, facts=facts, context=context, scopes=scopes)
    return not value if condition.get("invert") is True else value


def _single(condition: Mapping[str, object], *, facts: Facts, context: Context, scopes: Collection[str]) -> bool:
    name, target = str(condition.get("condition")), str(condition.get("target", ""))
    needed = SCOPE_OF_OBJECT.get(target.partition(".")[0]) if name in _NEEDS_TARGET else _SCOPE_OF_CONDITION.get(name)
    if needed and needed not in scopes:
        return False
    params = condition.get("params")
    question = Question(
        params=params if isinstance(params, Mapping) else {}, target=target, facts=facts, context=context
    )
    return CONDITIONS[name](question)


def _has_permission(question: Question) -> bool:
    wanted = _RANK.get(question.param("permission"), 1)
    return _RANK[question.facts.repository_permission] >= wanted


def _has_workspace_permission(question: Question) -> bool:
    name = question.param("permission")
    wanted = _WORKSPACE_RANK.get(_WORKSPACE_ALIASES.get(name, name), 1)
    return _WORKSPACE_RANK[question.facts.workspace_permission] >= wanted


def _equals(question: Question) -> bool:
    return question.target_value() == question.params.get("value")


def _contains(question: Question) -> bool:
    value, wanted = question.target_value(), question.params.get("value")
    if isinstance(value, str):
        return isinstance(wanted, str) and wanted in value
    return isinstance(value, (list, tuple, dict)) and wanted in value


def _has_feature(question: Question) -> bool:
    return question.param("feature", "flag", "name", "value") in question.facts.features


CONDITIONS: dict[str, Callable[[Question], bool]] = {
    "contains": _contains,
    "equals": _equals,
    "flag_is_active": _has_feature,
    "has_account_permission": _has_workspace_permission,
    "has_addon": lambda question: question.param("addon_key", "key", "value") in question.facts.installed_apps,
    "has_feature": _has_feature,
    "has_file": lambda question: question.facts.has_file(question.param("path", "file", "filename", "value")),
    # The issue tracker is gone since August 2026, so that nobody has a permission on it.
    "has_issue_permission": lambda _question: False,
    "has_permission": _has_permission,
    "has_workspace_permission": _has_workspace_permission,
    "is_binary": lambda question: "is_binary" in question.facts.features,
    "is_repo_private": lambda question: question.facts.is_repository_private,
    "meets_access_requirements": lambda question: "meets_access_requirements" in question.facts.features,
    "property_exists": lambda question: question.target_value() is not None,
    "scm": lambda question: question.param("scm", "value") in {"", "git"},
    "user_has_premium": lambda question: "user_has_premium" in question.facts.features,
    "user_is_logged_in": lambda question: question.facts.is_logged_in,
}
_SCOPE_OF_CONDITION = {
    "flag_is_active": "account",
    "has_account_permission": "account",
    "has_addon": "account",
    "has_feature": "account",
    "has_file": "repository",
    "has_issue_permission": "repository",
    "has_permission": "repository",
    "has_workspace_permission": "account",
    "meets_access_requirements": "account",
    "property_exists": "repository",
    "scm": "repository",
    "user_has_premium": "account",
}


def condition_problems(where: str, conditions: object) -> Iterator[str]:
    """Everything that is wrong with the shape of a list of conditions, as sentences."""
    if not isinstance(conditions, list):
        yield f"{where} must be a list."
        return
    for number, condition in enumerate(conditions):
        yield from _shape_problems(f"{where}[{number}]", condition)


def _shape_problems(where: str, condition: object) -> Iterator[str]:
    if not isinstance(condition, Mapping):
        yield f"{where} must be an object."
        return
    if "conditions" in condition:
        if condition.get("type") not in ("and", "or"):
            yield f'{where}.type must be "and" or "or".'
        yield from condition_problems(f"{where}.conditions", condition["conditions"])
        return
    name = condition.get("condition")
    if not isinstance(name, str) or name not in CONDITIONS:
        yield f'{where}.condition "{name}" is not a condition of Bitbucket.'
    elif name in _NEEDS_TARGET and not isinstance(condition.get("target"), str):
        yield f'{where}: "{name}" needs a target such as "repository.uuid".'
    if not isinstance(condition.get("params", {}), Mapping):
        yield f"{where}.params must be an object."
