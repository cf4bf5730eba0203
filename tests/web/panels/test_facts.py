"""From Bitbucket's resources to facts: recorded and sparse answers alike."""

from datetime import timedelta

import msgspec
import pytest

from bitbucket.resources import Branch, BuildStatus, Page, PullRequest, User
from insights.live.facts import BuildState, ReviewState
from tests.tenants import NOON
from tests.web import fake_bitbucket as fake
from web.panels import facts


def read(body, kind):
    return msgspec.convert(body, kind, strict=False)


def one(body):
    return facts.pull_requests([read(body, PullRequest)], now=NOON)[0]


def test_a_pull_request_is_read_whole():
    body = fake.pull_request(
        7,
        fake.participant(fake.TOM, state="approved", on=fake.days_ago(1)),
        fake.participant(fake.ANA, role="PARTICIPANT", on=fake.days_ago(0.5)),
        opened=3,
        title="Teach the heron",
        branch="feature/heron",
    )

    found = one(body)

    assert (found.id, found.title, found.source_branch, found.destination_branch) == (
        7,
        "Teach the heron",
        "feature/heron",
        "main",
    )
    assert found.created_at == NOON - timedelta(days=3)
    assert found.author.display_name == "Ana Silva"
    assert [(p.account.display_name, p.is_reviewer, p.state) for p in found.participants] == [
        ("Tom Okafor", True, ReviewState.APPROVED),
        ("Ana Silva", False, None),
    ]


def test_an_answer_with_nothing_but_an_id_is_read_all_the_same():
    found = one({"id": 9})

    assert (found.title, found.author, found.participants, found.is_draft) == ("", None, (), False)
    assert found.created_at == found.updated_at == NOON


def test_reviewers_without_a_participants_entry_are_asked_too():
    body = fake.pull_request(1, fake.participant(fake.TOM)) | {"reviewers": [fake.TOM, fake.ANA]}

    found = one(body)

    assert [p.account.display_name for p in found.participants] == ["Tom Okafor", "Ana Silva"]
    assert all(p.is_reviewer for p in found.participants)


def test_an_approval_of_an_older_answer_without_a_state_counts():
    participant = {"user": fake.TOM, "role": "REVIEWER", "approved": True}

    assert one(fake.pull_request(1, participant)).participants[0].state is ReviewState.APPROVED


def test_a_participant_who_was_deleted_is_left_out():
    assert one(fake.pull_request(1, {"user": None, "role": "REVIEWER"})).participants == ()


@pytest.mark.parametrize(
    ("author", "name"),
    [
        (None, ""),
        ({"raw": "Ana Silva <ana@example.com>"}, "Ana Silva"),
        ({"raw": "ana@example.com"}, ""),
        ({"raw": "Ana <a@x>", "user": {"uuid": "{u}", "display_name": "Ana Silva"}}, "Ana Silva"),
        ({"raw": "<>"}, ""),
    ],
)
def test_a_commits_author_is_a_name_and_never_an_address(author, name):
    target = {"hash": fake.HASH, "author": author}

    assert facts.branch_tip(read({"name": "main", "target": target}, Branch)).author == name


def test_a_branch_without_a_commit_has_no_age():
    tip = facts.branch_tip(read({"name": "odd"}, Branch))

    assert (tip.commit_hash, tip.committed_at) == ("", None)


def test_build_states_that_bitbucket_may_add_are_left_out():
    statuses = [
        read(fake.status(f"k{place}", state), BuildStatus)
        for place, state in enumerate(("FAILED", "PAUSED", "SUCCESSFUL"))
    ]

    assert [build.state for build in facts.builds(statuses)] == [BuildState.FAILED, BuildState.SUCCESSFUL]


def test_an_account_has_bitbuckets_kind_and_picture():
    user = {
        "uuid": "{u}",
        "type": "app_user",
        "display_name": "CI",
        "links": {"avatar": {"href": "https://bitbucket.org/a.png"}},
    }

    account = facts.account(read(user, User))

    assert (account.kind, account.avatar_url) == ("app_user", "https://bitbucket.org/a.png")


def test_a_page_of_the_api_is_what_the_fake_says_it_is():
    # Guards the fixture: a fake that the real structs cannot read would test nothing.
    assert read(fake.page(fake.pull_request(1)), Page[PullRequest]).values[0].id == 1
