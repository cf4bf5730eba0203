"""The truth as the simulator's world has it, and our rows as the figures read them, in the same words: sets of facts by kind.

The truth is read from the world's records and from its git, never through REST or through anything of ours. It is what can be
known from Bitbucket when events were lost: a push by force is not told from another, of a head that was replaced only its first
digits are told, and when a verdict was withdrawn, before the closing or after it, nobody says.
"""

from __future__ import annotations

from itertools import pairwise

from insights.facts.pull_requests import EventKind
from insights.pull_requests.events import Verdicts, ordered_events
from models.history import build_reports, pull_request_facts, repository_facts
from models.history.columns import SHORT_HASH_LENGTH

PUSHES = {EventKind.PUSHED, EventKind.FORCE_PUSHED}
FLIPS = {EventKind.DRAFTED: True, EventKind.READIED: False}
ENDS = {EventKind.MERGED: "MERGED", EventKind.DECLINED: "DECLINED", EventKind.SUPERSEDED: "SUPERSEDED"}


def truth_of(repository):
    """Every fact of a repository of the simulator's world."""
    facts = {"repository": {(repository.slug, repository.name, repository.main_branch, repository.is_private)}}
    told = [_truth_of_pull_request(repository, one) for one in repository.pull_requests.values()]
    for kind in _KINDS:
        facts[kind] = {(number, *fact) for number, one in told for fact in one[kind]}
    git = repository.git
    facts["branches"] = set(git.branches().items())
    facts["tags"] = {(name, tag.target) for name, tag in git.tags().items()}
    facts["commits"] = {_truth_of_commit(git.history[one]) for one in _reachable(repository)}
    facts["builds"] = {
        (commit, one.key, one.state, one.updated_on)
        for commit, statuses in repository.build_statuses.items()
        for one in statuses.values()
        if commit in _reachable(repository)
    }
    facts["deployments"] = {
        (one.uuid, one.environment.name, one.commit, one.completed_on, one.state == "SUCCESSFUL")
        for one in repository.deployments
    }
    return facts


def _reachable(repository):
    git = repository.git
    return git.history.ancestors([*git.branches().values(), *(tag.target for tag in git.tags().values())])


def _truth_of_commit(commit):
    return commit.hash, tuple(commit.parents), commit.message, commit.author.at.replace(microsecond=0)


def _truth_of_pull_request(repository, one):
    return one.id, {
        "pull requests": {
            (
                one.title,
                one.state,
                one.draft,
                one.author.uuid,
                one.created_on,
                one.source_branch,
                one.destination_branch,
                one.source_hash,
                one.merge_commit,
                one.closed_on,
                one.closed_by and one.closed_by.uuid,
            )
        },
        "participants": {
            (part.user.uuid, part.role == "REVIEWER", part.state, part.participated_on) for part in one.participants
        },
        "verdicts": {(part.user.uuid, part.state) for part in one.participants if part.state and one.state == "OPEN"},
        "comments": {
            (said.created_on, said.user.uuid) for said in one.comments.values() if not said.deleted and not said.pending
        },
        "threads": {
            (said.id, said.user.uuid, said.created_on, said.resolved_on)
            for said in one.comments.values()
            if said.parent_id is None and not said.deleted and not said.pending
        },
        "tasks": {(task.id, task.creator.uuid, task.created_on, task.resolved_on) for task in one.tasks.values()},
        "ends": {(one.state, one.closed_on)} if one.closed_on else set(),
        "commits of pull requests": set(_commits_of(repository, one)),
        "files": set(_files_of(repository, one)),
        **_truth_of_log(one),
    }


def _truth_of_log(one):
    updates = [(entry.at, entry.update) for entry in one.activity if entry.update is not None]
    changes = list(pairwise(updates))
    return {
        "pushes": {
            (at, _cut(new.source_hash)) for (_, old), (at, new) in changes if old.source_hash != new.source_hash
        },
        "drafts": {(at, new.draft) for (_, old), (at, new) in changes if old.draft != new.draft},
    }


def _cut(commit):
    return commit[:SHORT_HASH_LENGTH]


def _commits_of(repository, one):
    for commit in repository.git.pull_request_commits(one):
        yield (commit,)


def _files_of(repository, one):
    git = repository.git
    base = git.merge_base(one.source_hash, one.destination_hash) or one.destination_hash
    for change in git.diffstat(base, one.source_hash):
        yield change.new_path or change.old_path, change.kind, change.lines_added or 0, change.lines_removed or 0


def copy_of(session, held, repository):
    """Every fact of our copy, in the words of `truth_of`. `repository` says which numbers and commits there are."""
    facts = {"repository": {(held.slug, held.name, held.main_branch, held.is_private)}}
    told = pull_request_facts.some(session, held, range(1, len(repository.pull_requests) + 20))
    by_number = [(one.id, _copy_of_pull_request(one)) for one in told]
    for kind in _KINDS:
        facts[kind] = {(number, *fact) for number, one in by_number for fact in one[kind]}
    facts["branches"] = {(one.name, one.tip) for one in repository_facts.branches(session, held)}
    facts["tags"] = {(one.name, one.commit) for one in repository_facts.tags(session, held)}
    # What a push by force has replaced may have been told, and is kept: nothing reaches it any more.
    reachable = _reachable(repository)
    facts["commits"] = {
        (one.hash, one.parents, one.message, one.committed_at)
        for one in repository_facts.some_commits(session, held, repository.git.history)
        if one.hash in reachable
    }
    reports = [one for found in build_reports.held(session, held, reachable).values() for one in found]
    last = {(one.commit, one.key): one for one in reports}
    facts["builds"] = {(one.commit, one.key, one.state, one.at) for one in last.values()}
    facts["deployments"] = {
        (one.uuid, one.environment, one.commit, one.completed_at, one.was_successful)
        for one in repository_facts.deployments_since(session, held, held.first_seen_at.replace(year=2000))
    }
    return facts


def _copy_of_pull_request(one):
    verdicts = Verdicts()
    for event in ordered_events(one):
        verdicts.take(event)
    return {
        "pull requests": {
            (
                one.title,
                one.state,
                one.is_draft,
                one.author,
                one.created_at,
                one.source_branch,
                one.destination_branch,
                one.head,
                one.merge_commit,
                one.closed_at,
                one.closed_by,
            )
        },
        "participants": {
            (part.account, part.is_reviewer, part.state, part.participated_at) for part in one.participants
        },
        "verdicts": set(verdicts.standing.items()) if one.is_open else set(),
        "comments": {(event.at, event.actor) for event in one.events if event.kind is EventKind.COMMENTED},
        "threads": {(said.id, said.opened_by, said.opened_at, said.resolved_at) for said in one.threads},
        "tasks": {(task.id, task.creator, task.created_at, task.resolved_at) for task in one.tasks},
        "ends": {(ENDS[event.kind], event.at) for event in one.events if event.kind in ENDS},
        "commits of pull requests": {(commit,) for commit in one.commits},
        "files": {(file.path, file.status, file.lines_added, file.lines_removed) for file in one.files or ()},
        "pushes": {(event.at, _cut(event.commit)) for event in one.events if event.kind in PUSHES},
        "drafts": {(event.at, FLIPS[event.kind]) for event in one.events if event.kind in FLIPS},
    }


_KINDS = (
    "pull requests",
    "participants",
    "verdicts",
    "comments",
    "threads",
    "tasks",
    "ends",
    "commits of pull requests",
    "files",
    "pushes",
    "drafts",
)


def differences(truth, copy):
    """By kind: what is missing here, and what is here and not true."""
    return {
        kind: (sorted(truth[kind] - copy[kind], key=repr), sorted(copy[kind] - truth[kind], key=repr))
        for kind in truth
        if truth[kind] != copy[kind]
    }
