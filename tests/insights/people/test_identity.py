"""Git's authors become one person each, as git itself would have it."""

import subprocess

import pytest

from insights.people.identity import Identities, Mailmap

MAILMAP = """\
# Who is who
Ana Ahn <ana@example.com> <ana@old.example.com>
<bob@example.com> <bob@laptop.local>
Carla Cruz <carla@example.com> carla <shared@example.com>
Dan Dee <dan@example.com> Dan <shared@example.com>   # a comment
Eve Proper <eve@example.com>
broken line
"""


@pytest.mark.parametrize(
    ("raw", "email"),
    [
        ("Ana <ana@old.example.com>", "ana@example.com"),
        ("Ana <ANA@OLD.Example.com>", "ana@example.com"),
        ("Bob <bob@laptop.local>", "bob@example.com"),
        ("carla <shared@example.com>", "carla@example.com"),
        ("DAN <shared@example.com>", "dan@example.com"),
        ("Somebody <shared@example.com>", "shared@example.com"),
        ("Eve <eve@example.com>", "eve@example.com"),
        ("Nobody <nobody@example.com>", "nobody@example.com"),
    ],
)
def test_it_agrees_with_git(tmp_path, raw, email):
    (tmp_path / ".mailmap").write_text(MAILMAP)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    said = subprocess.run(
        ["git", "-C", tmp_path, "check-mailmap", raw], check=True, capture_output=True, text=True
    ).stdout

    assert said.strip().casefold().endswith(f"<{email}>")
    assert Identities(mailmap=Mailmap(MAILMAP), linked={}).identity_of(raw) == f"email:{email}"


def test_an_account_that_bitbucket_linked_is_who_it_is():
    people = Identities(mailmap=Mailmap(MAILMAP), linked={})

    assert people.identity_of("Ana <ana@old.example.com>", account="{ana}") == "{ana}"


def test_an_address_that_is_linked_elsewhere_is_that_account_too():
    people = Identities(mailmap=Mailmap(MAILMAP), linked={"Ana@Example.com": "{ana}"})

    assert people.identity_of("ana <ana@old.example.com>") == "{ana}"


@pytest.mark.parametrize("raw", ["", "Ana", "Ana <>", "Ana < >"])
def test_an_author_without_an_address_is_nobody(raw):
    assert Identities(mailmap=Mailmap(), linked={}).identity_of(raw) is None


def test_without_a_mailmap_the_case_of_an_address_does_not_matter():
    people = Identities(mailmap=Mailmap(), linked={})

    assert people.identity_of("A <X@Example.com>") == people.identity_of("B <x@example.COM>") == "email:x@example.com"
