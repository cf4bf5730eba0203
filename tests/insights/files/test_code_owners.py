"""CODEOWNERS as Bitbucket Cloud reads it, and whether the owners still come by."""

import pytest

from insights.files.changes import Touch
from insights.files.code_owners import CodeOwners, Owner, code_owners
from insights.result import WhyNot
from tests.insights.files.cast import ANA, BEN
from tests.insights.lives import at

TEXT = """\
# the whole repository
*               ana@example.com
*.js            @ben @acme/frontend:random(2)   # two of them
/docs/          @acme/writers:all
src/*.py        @cem
!src/secret.py  @nobody
CODEOWNERS.toplevel.assignment_routing random 2
[z].txt         @ben
unowned/

"""
OWNERS = CodeOwners(TEXT)


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README.md", ("ana@example.com",)),
        ("web/app.js", ("@ben", "@acme/frontend")),
        ("docs/deep/a.js", ("@acme/writers",)),
        ("other/docs/a.md", ("ana@example.com",)),
        ("src/a.py", ("@cem",)),
        ("src/secret.py", ("@cem",)),
        ("src/deep/a.py", ("ana@example.com",)),
        ("z.txt", ("ana@example.com",)),
        ("[z].txt", ("@ben",)),
        ("unowned/a.md", ()),
    ],
)
def test_the_last_rule_that_matches_decides(path, owners):
    assert OWNERS.rule_for(path).owners == owners


def test_a_rule_knows_its_line():
    rule = OWNERS.rule_for("src/a.py")

    assert (rule.line, rule.pattern) == (5, "src/*.py")


def test_a_file_without_rules_owns_nothing():
    assert CodeOwners("# nothing\n\n").rule_for("a") is None
    assert code_owners("a", CodeOwners(""), [], {}).why_not is WhyNot.NO_DATA
    assert code_owners("unowned/a.md", OWNERS, [], {}).why_not is WhyNot.NO_DATA


def test_each_owner_is_told_with_the_last_time_they_touched_the_path():
    touches = [
        Touch(ANA, at("Mon 09:00"), is_creation=True),
        Touch(BEN, at("Tue 09:00"), is_creation=False),
        Touch(ANA, at("Mon 12:00"), is_creation=False),
    ]
    accounts = {"@ben": frozenset({BEN}), "@acme/frontend": frozenset({ANA, "{cem}"})}

    answer = code_owners("a.js", OWNERS, touches, accounts)

    assert answer.value == (
        Owner("@ben", is_known=True, last_touch=at("Tue 09:00")),
        Owner("@acme/frontend", is_known=True, last_touch=at("Mon 12:00")),
    )
    assert answer.n == 2


def test_an_owner_who_never_came_and_one_whom_nobody_knows_are_told_apart():
    answer = code_owners("a.md", OWNERS, [], {"ana@example.com": frozenset({ANA})})
    unknown = code_owners("a.md", OWNERS, [], {})

    assert answer.value == (Owner("ana@example.com", is_known=True, last_touch=None),)
    assert unknown.value == (Owner("ana@example.com", is_known=False, last_touch=None),)


def test_owners_are_found_whatever_the_case_of_their_spelling():
    answer = code_owners("a", CodeOwners("* Ana@Example.com"), [], {"ana@example.com": frozenset({ANA})})

    assert answer.value[0].is_known
