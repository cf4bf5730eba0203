"""The people and pull requests that the tests of insights/ speak of."""

from datetime import UTC, datetime, timedelta

from insights.live.facts import Account, OpenPullRequest, Participant, ReviewState

NOW = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)
ALICE = Account(uuid="{aaaaaaaa-0000-4000-8000-0000000000e1}", display_name="Alice Ahn")
BOB = Account(uuid="{aaaaaaaa-0000-4000-8000-0000000000e2}", display_name="Bob Brandt")
CARLA = Account(uuid="{aaaaaaaa-0000-4000-8000-0000000000e3}", display_name="Carla Cruz")
PIPELINE = Account(uuid="{aaaaaaaa-0000-4000-8000-0000000000e9}", display_name="Pipelines", kind="AppUser")
RENOVATE = Account(uuid="{aaaaaaaa-0000-4000-8000-0000000000e8}", display_name="Renovate", nickname="renovate")


def ago(**span):
    return NOW - timedelta(**span)


def reviewer(account, state=None, at=None):
    return Participant(account=account, is_reviewer=True, state=state, participated_at=at)


def approved(account, at=None):
    return reviewer(account, ReviewState.APPROVED, at)


def asked_for_changes(account, at=None):
    return reviewer(account, ReviewState.CHANGES_REQUESTED, at)


def pull_request(number=1, *participants, author=ALICE, opened=None, draft=False):
    opened = opened or ago(days=2)
    return OpenPullRequest(
        id=number,
        title=f"Change {number}",
        author=author,
        created_at=opened,
        updated_at=opened,
        is_draft=draft,
        participants=participants,
    )
