"""Who counts as a human."""

import pytest

from insights.live.facts import Account
from insights.live.people import is_human
from tests.insights.live.cast import ALICE, PIPELINE


def test_a_person_is_human():
    assert is_human(ALICE)


def test_a_deleted_account_is_taken_for_a_person():
    assert is_human(None)


@pytest.mark.parametrize("kind", ["AppUser", "app_user", "team", ""])
def test_an_account_of_another_kind_is_not_human(kind):
    assert not is_human(Account(uuid="{u}", display_name="Something", kind=kind))


def test_an_app_with_a_persons_name_is_still_not_human():
    assert not is_human(PIPELINE)


@pytest.mark.parametrize(
    "name", ["renovate", "Renovate", "dependabot", "deploy-bot", "deploy_bot", "release bot", "x[bot]", "snyk-io"]
)
def test_a_service_user_is_known_by_its_nickname(name):
    assert not is_human(Account(uuid="{u}", display_name="Service", nickname=name))


@pytest.mark.parametrize("name", ["Abbot", "Robot Fan", "Bo Tanaka", "botanist", "Jasonar"])
def test_a_person_whose_name_looks_a_little_like_a_bots_is_human(name):
    assert is_human(Account(uuid="{u}", display_name=name, nickname=name))


def test_the_display_name_counts_where_there_is_no_nickname():
    assert not is_human(Account(uuid="{u}", display_name="Sonar Cloud"))
