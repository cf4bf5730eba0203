"""Who is a bot, by account, by list, by name; and who is another person."""

import pytest

from insights.facts.accounts import AccountFacts, AccountKind
from insights.people.bots import Directory
from insights.settings import WorkspaceSettings

ANA = AccountFacts(uuid="{ana}", nickname="ana", display_name="Ana Botha")


def directory(*accounts, **settings):
    return Directory(accounts, WorkspaceSettings(**settings))


@pytest.mark.parametrize(
    "nickname",
    [
        "renovate", "Renovate Bot", "my-renovate", "dependabot[bot]", "deploy-bot", "release_bot", "Release Bot", "bot",
        "snyk-io", "SonarCloud", "sonarqube", "sonar", "coderabbitai", "Copilot", "pr-agent", "acme_snyk",
    ],
)  # fmt: skip
def test_a_name_that_says_so_is_a_bots(nickname):
    assert directory(AccountFacts(uuid="{x}", nickname=nickname)).is_bot("{x}")
    assert directory(AccountFacts(uuid="{x}", display_name=nickname)).is_bot("{x}")


@pytest.mark.parametrize(
    "name", ["Ana Botha", "Talbot", "Abbot", "Sonara Singh", "robot", "Claude Monet", "Aiko", "Elliot", ""]
)
def test_a_name_that_only_sounds_like_one_is_a_persons(name):
    assert not directory(AccountFacts(uuid="{x}", nickname=name, display_name=name)).is_bot("{x}")


@pytest.mark.parametrize("kind", ["app_user", "AppUser", "APP_USER", "bot", "app"])
def test_an_apps_account_is_a_bot_however_bitbucket_spells_it(kind):
    account = AccountFacts(uuid="{x}", nickname="Pipelines", kind=AccountKind.from_type(kind))

    assert directory(account).is_bot("{x}")


@pytest.mark.parametrize("kind", ["user", "team", None, "", "something_new"])
def test_any_other_account_is_a_persons(kind):
    assert not directory(AccountFacts(uuid="{x}", kind=AccountKind.from_type(kind))).is_bot("{x}")


def test_an_administrator_has_the_last_word_either_way():
    named = AccountFacts(uuid="{x}", nickname="deploy-bot")

    assert directory(ANA, bots=frozenset({"{ana}"})).is_bot("{ana}")
    assert not directory(named, humans=frozenset({"{x}"})).is_bot("{x}")


def test_somebody_on_the_list_is_a_bot_even_if_no_account_of_theirs_is_known():
    assert directory(bots=frozenset({"{gone}"})).is_bot("{gone}")


def test_an_account_that_is_unknown_or_gone_is_a_persons():
    assert not directory().is_bot("{stranger}")
    assert not directory().is_bot(None)


@pytest.mark.parametrize(
    ("nickname", "kind", "expected"),
    [
        ("coderabbitai", AccountKind.USER, True),
        ("Claude", AccountKind.APP, True),
        ("Claude", AccountKind.USER, False),
        ("Acme AI", AccountKind.APP, True),
        ("Pipelines", AccountKind.APP, False),
        ("renovate", AccountKind.USER, False),
    ],
)
def test_an_ai_reviewer_is_a_bot_whose_name_says_so(nickname, kind, expected):
    assert directory(AccountFacts(uuid="{x}", nickname=nickname, kind=kind)).is_ai_reviewer("{x}") is expected


@pytest.mark.parametrize(
    ("actor", "author", "expected"),
    [
        ("{b}", "{a}", True),
        ("{a}", "{a}", False),
        ("{bot}", "{a}", False),
        (None, "{a}", True),  # their account is gone; they were not the author, who is known
        (None, None, False),  # both are gone: nobody can tell
        ("{b}", None, True),
    ],
)
def test_another_person_is_neither_the_author_nor_a_bot(actor, author, expected):
    accounts = directory(bots=frozenset({"{bot}"}))

    assert accounts.is_other_person(actor, author=author) is expected
