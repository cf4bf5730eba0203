"""What webhooks say, in its shortest form: bodies that always tell something new, made from a moment."""

from __future__ import annotations

from datetime import timedelta

from tests.tenants import ALICE_REPOSITORY, BOB, NOON

ANA = {"type": "user", "uuid": BOB, "display_name": "Ana", "nickname": "ana", "account_id": "557058:ana"}
BEN = {
    "type": "user",
    "uuid": "{aaaaaaaa-0000-4000-8000-0000000000e2}",
    "display_name": "Ben",
    "nickname": "ben",
    "account_id": "557058:ben",
}


def at(minutes):
    """A moment as Bitbucket writes it."""
    return (NOON + timedelta(minutes=minutes)).isoformat()


def commit_hash(number):
    return f"{number:040x}"


def commit_body(number, *, parents=(), minutes=0, **members):
    """A commit with all its digits."""
    return {
        "type": "commit",
        "hash": commit_hash(number),
        "date": at(minutes),
        "message": f"Commit {number}",
        "author": {"raw": "Ana <ana@example.com>", "user": ANA},
        "parents": [{"type": "commit", "hash": commit_hash(parent)} for parent in parents],
        **members,
    }


def end_body(branch, number, *, repository=ALICE_REPOSITORY):
    """The source or destination of a pull request, with the hash cut as Bitbucket cuts it."""
    return {
        "branch": {"name": branch},
        "commit": {"type": "commit", "hash": commit_hash(number)[:12]},
        "repository": {"type": "repository", "uuid": repository},
    }


def pull_request_body(number=1, *, minutes=0, head=0xABCDEF_000000_000000_000000_000000_000001, **members):
    """A pull request as it was so many minutes after noon."""
    return {
        "type": "pullrequest",
        "id": number,
        "title": "Paint the doors",
        "state": "OPEN",
        "draft": False,
        "author": ANA,
        "created_on": at(0),
        "updated_on": at(minutes),
        "source": end_body("feature/doors", head),
        "destination": end_body("main", 1),
        "reviewers": [],
        "participants": [],
        "comment_count": 0,
        "task_count": 0,
        **members,
    }


def participant_body(user=BEN, *, role="REVIEWER", state=None, minutes=None):
    return {
        "type": "participant",
        "user": user,
        "role": role,
        "state": state,
        "approved": state == "approved",
        "participated_on": None if minutes is None else at(minutes),
    }


def comment_body(number, *, minutes=0, user=BEN, **members):
    return {
        "type": "pullrequest_comment",
        "id": number,
        "created_on": at(minutes),
        "updated_on": at(minutes),
        "user": user,
        "deleted": False,
        "content": {"raw": "Which blue?"},
        **members,
    }


def branch_body(name, commit, *, kind="branch"):
    return {"type": kind, "name": name, "target": commit}


def push_body(*changes):
    return {"push": {"changes": list(changes)}, "actor": ANA}


def change_body(name="main", *, old=None, new=None, commits=None, forced=False, truncated=False, kind="branch"):
    """One ref of a push, from one commit's body to another's."""
    return {
        "old": None if old is None else branch_body(name, old, kind=kind),
        "new": None if new is None else branch_body(name, new, kind=kind),
        "created": old is None,
        "closed": new is None,
        "forced": forced,
        "truncated": truncated,
        **({} if commits is None else {"commits": commits}),
    }


def status_body(number=1, *, key="unit", state="INPROGRESS", minutes=0, created=0):
    return {
        "commit_status": {
            "type": "build",
            "key": key,
            "state": state,
            "name": "Pipeline",
            "created_on": at(created),
            "updated_on": at(minutes),
            "commit": {"type": "commit", "hash": commit_hash(number)},
        }
    }


def news(event_key, minutes):
    """The members of such an event's body beside the repository, which say something that nobody has said before."""
    what = event_key.partition(":")[2]
    if event_key == "repo:push":
        return push_body(change_body(f"branch-{minutes}", new=commit_body(1)))
    if what.startswith("branch_"):
        return {"branch": branch_body(f"{what}-{minutes}", commit_body(1)), "actor": ANA}
    if what.startswith("commit_status"):
        return status_body(minutes=minutes)
    # Of another pull request each time: what is closed stays so.
    told = {"pullrequest": pull_request_body(max(minutes, 1), minutes=minutes), "actor": BEN}
    if "comment" in what:
        told["comment"] = comment_body(max(minutes, 1), minutes=minutes)
    return told
