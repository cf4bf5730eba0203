"""When a module is shown."""

from __future__ import annotations

import pytest

from simulator.connect.conditions import CONDITIONS, Facts, condition_problems, conditions_hold
from simulator.rest.scopes import ALL

CONTEXT = {"repository": lambda: {"uuid": "{1}", "name": "paint", "tags": ["a", "b"]}, "user": lambda: None}
READER = Facts(is_logged_in=True, repository_permission="read", workspace_permission="member")


def holds(*conditions, facts=READER, scopes=frozenset(ALL)):
    return conditions_hold(list(conditions), facts=facts, context=CONTEXT, scopes=scopes)


def one(name, target=None, **params):
    found = {"condition": name, "params": params}
    return found if target is None else {**found, "target": target}


def test_no_conditions_always_hold():
    assert holds()
    assert conditions_hold(None, facts=READER, context=CONTEXT, scopes=ALL)


def test_all_of_a_list_must_hold():
    yes, no = one("user_is_logged_in"), one("is_repo_private")
    assert holds(yes, yes)
    assert not holds(yes, no)


def test_conditions_can_be_put_together_and_turned_around():
    yes, no = one("user_is_logged_in"), one("is_repo_private")
    assert holds({"type": "or", "conditions": [no, yes]})
    assert not holds({"type": "and", "conditions": [no, yes]})
    assert holds({**no, "invert": True})
    assert not holds({"type": "or", "conditions": [no, yes], "invert": True})
    assert holds({"type": "or", "conditions": [no, {"type": "and", "conditions": [yes, {**no, "invert": True}]}]})


@pytest.mark.parametrize(
    ("granted", "wanted", "expected"),
    [
        (None, "read", False),
        ("read", "read", True),
        ("read", "write", False),
        ("write", "read", True),
        ("write", "write", True),
        ("write", "admin", False),
        ("admin", "admin", True),
    ],
)
def test_a_permission_holds_for_as_much_or_more(granted, wanted, expected):
    facts = Facts(is_logged_in=True, repository_permission=granted)
    assert holds(one("has_permission", permission=wanted), facts=facts) is expected


@pytest.mark.parametrize("name", ["has_workspace_permission", "has_account_permission"])
@pytest.mark.parametrize(
    ("granted", "wanted", "expected"),
    [
        (None, "member", False),
        ("member", "member", True),
        ("member", "owner", False),
        ("member", "collaborator", False),
        ("owner", "admin", True),
        ("owner", "collaborator", True),
    ],
)
def test_a_place_in_the_workspace_holds_for_as_much_or_more(name, granted, wanted, expected):
    facts = Facts(is_logged_in=True, workspace_permission=granted)
    assert holds(one(name, permission=wanted), facts=facts) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (one("equals", "repository.uuid", value="{1}"), True),
        (one("equals", "repository.uuid", value="{2}"), False),
        (one("equals", "repository.missing", value=None), True),
        (one("contains", "repository.name", value="ain"), True),
        (one("contains", "repository.name", value=3), False),
        (one("contains", "repository.tags", value="b"), True),
        (one("contains", "repository.tags", value="c"), False),
        (one("contains", "repository.missing", value="c"), False),
        (one("property_exists", "repository.name"), True),
        (one("property_exists", "repository.properties.get(attribute=app.key)"), False),
        (one("scm", scm="git"), True),
        (one("scm", scm="hg"), False),
        (one("scm"), True),
        (one("has_issue_permission", permission="read"), False),
        (one("has_addon", addon_key="bittern"), False),
        (one("has_file", path="README.md"), False),
        (one("is_binary"), False),
        (one("meets_access_requirements"), False),
        (one("user_has_premium"), False),
        (one("has_feature", feature="x"), False),
        (one("flag_is_active", flag="x"), False),
    ],
)
def test_each_condition_asks_what_its_name_says(condition, expected):
    assert holds(condition) is expected


def test_conditions_look_at_the_page_they_are_asked_of():
    facts = Facts(
        is_logged_in=False,
        is_repository_private=True,
        installed_apps=frozenset({"bittern"}),
        features=frozenset({"x", "is_binary", "user_has_premium", "meets_access_requirements"}),
        has_file=lambda path: path == "README.md",
    )
    yes = [
        one("is_repo_private"),
        one("has_addon", addon_key="bittern"),
        one("has_file", path="README.md"),
        one("has_feature", feature="x"),
        one("flag_is_active", flag="x"),
        one("is_binary"),
        one("user_has_premium"),
        one("meets_access_requirements"),
    ]
    assert holds(*yes, facts=facts)
    assert not holds(one("user_is_logged_in"), facts=facts)
    assert not holds(one("has_file", path="other"), facts=facts)


@pytest.mark.parametrize(
    ("condition", "scope"),
    [
        (one("has_permission", permission="read"), "repository"),
        (one("scm", scm="git"), "repository"),
        (one("property_exists", "repository.name"), "repository"),
        (one("equals", "repository.uuid", value="{1}"), "repository"),
        (one("has_workspace_permission", permission="member"), "account"),
    ],
)
def test_a_condition_without_its_scope_does_not_hold(condition, scope):
    assert holds(condition)
    assert not holds(condition, scopes=ALL - {scope})


def test_what_needs_no_scope_holds_without_any():
    assert holds(one("user_is_logged_in"), scopes=frozenset())


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        ({}, "c must be a list."),
        (["x"], "c[0] must be an object."),
        ([{"condition": "is_friday"}], 'c[0].condition "is_friday" is not a condition of Bitbucket.'),
        ([{"condition": ["scm"]}], "c[0].condition \"['scm']\" is not a condition of Bitbucket."),
        ([{}], 'c[0].condition "None" is not a condition of Bitbucket.'),
        ([{"condition": "equals"}], 'c[0]: "equals" needs a target such as "repository.uuid".'),
        ([{"condition": "scm", "params": []}], "c[0].params must be an object."),
        ([{"type": "xor", "conditions": []}], 'c[0].type must be "and" or "or".'),
        ([{"type": ["and"], "conditions": []}], 'c[0].type must be "and" or "or".'),
        (
            [{"type": "or", "conditions": [{"condition": "x"}]}],
            'c[0].conditions[0].condition "x" is not a condition of Bitbucket.',
        ),
    ],
)
def test_a_wrong_shape_is_said_with_its_place(conditions, sentence):
    assert list(condition_problems("c", conditions)) == [sentence]


def test_every_documented_condition_is_known():
    documented = (
        "scm is_repo_private user_has_premium has_file contains user_is_logged_in equals flag_is_active property_exists"
        " has_account_permission has_workspace_permission has_addon has_permission meets_access_requirements"
        " has_issue_permission has_feature is_binary"
    )
    assert set(CONDITIONS) == set(documented.split())
