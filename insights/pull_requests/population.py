"""Which pull requests a figure is about, and why the others are left out.

Source: panels.md section 4, "Population": the destination is the main branch or a long-lived one, the author is a person (or, for the
bots' own series, a bot), and it is no sync pull request: one that carries a production, development or release branch over
to another. What an administrator or the branching model names as development and production counts as long-lived.
"""

import re
from enum import StrEnum
from functools import lru_cache

from insights.facts.pull_requests import PullRequestFacts, PullRequestState
from insights.files.globs import MATCHES_NOTHING, regex_of
from insights.people.bots import Directory
from insights.result import Exclusion
from insights.settings import BranchingModel, WorkspaceSettings


class Series(StrEnum):
    """Whose pull requests a figure is about."""

    HUMAN = "human"
    BOT = "bot"


def long_lived_branch(name: str, settings: WorkspaceSettings) -> bool:
    """Return whether a branch is the main one, one of the branching model's two, or matches a setting."""
    model = settings.branching_model
    if name in {settings.main_branch, model.development, model.production}:
        return True
    return _any_glob(settings.long_lived_branches).fullmatch(name) is not None


def is_sync(facts: PullRequestFacts, model: BranchingModel) -> bool:
    """Return whether a pull request carries one long-lived branch to another. A fork's branch is somebody's work."""
    if facts.is_from_fork:
        return False
    source = facts.source_branch
    is_release = bool(model.release_prefix) and source.startswith(model.release_prefix or "")
    return is_release or source in {model.development, model.production} - {None}


def exclusion_of(facts: PullRequestFacts, *, directory: Directory, settings: WorkspaceSettings) -> Exclusion | None:
    """Return why a pull request belongs to no cohort of people's work, the first reason that applies; None if it does.

    Bots are named here with the reason that the human series gives; the bots' series takes them back.
    """
    if not long_lived_branch(facts.destination_branch, settings):
        return Exclusion.OTHER_DESTINATION
    if is_sync(facts, settings.branching_model):
        return Exclusion.SYNC
    if facts.state is PullRequestState.MERGED and facts.closed_at is None:
        return Exclusion.MERGE_TIME_UNKNOWN
    if facts.closed_at is not None and facts.closed_at < facts.created_at:
        return Exclusion.MERGED_BEFORE_OPENED
    return Exclusion.BOT_AUTHOR if directory.is_bot(facts.author) else None


@lru_cache(maxsize=256)
def _any_glob(globs: tuple[str, ...]) -> re.Pattern[str]:
    # A branch glob is anchored at the start of the name: "release/*" and "main", wherever a slash stands.
    expressions = [f"(?:{regex_of('/' + glob, covers_contents=False)})" for glob in globs]
    return re.compile("|".join(expressions) or MATCHES_NOTHING)
