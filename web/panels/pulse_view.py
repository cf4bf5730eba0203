"""What Pulse says: from a snapshot to the words and numbers of the page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from insights.live.attention import Wait, order_of_attention
from insights.live.facts import Listing, OpenPullRequest
from insights.live.review_queue import Yours, longest_wait, waiting_for_review, yours
from insights.live.turn import Stage
from insights.result import Exclusion, Result
from web import formatting
from web.language import _, ngettext
from web.panels.links import Links
from web.panels.parts import Definition, Figure, Lozenge, Moment, build_lozenge, build_sentence, moment
from web.panels.rows import Section, rows
from web.panels.snapshot import MainBranch, Snapshot
from web.panels.snapshot_cache import Look
from web.panels.states import stale_note

MOST_ROWS: Final = 5
NOTHING: Final = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a view has to know besides the look: who looks, when, where links go, which pictures may be shown."""

    viewer_uuid: str | None
    now: datetime
    links: Links
    shows: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class MainBranchView:
    """The newest commit of the main branch."""

    branch: str
    branch_url: str
    build: Lozenge
    builds: str
    commit: str
    commit_url: str
    message: str
    author: str
    when: Moment | None


@dataclass(frozen=True, slots=True)
class PulseView:
    """Everything that the panel shows."""

    headline: str
    subline: str
    stale: str
    figures: tuple[Figure, ...]
    main: MainBranchView | None
    attention: Section


def pulse_view(look: Look, setting: Setting) -> PulseView:
    """Return the panel for a look at a repository."""
    snapshot = look.snapshot
    order = attention_of(snapshot, setting)
    waits = order.value or ()
    return PulseView(
        headline=headline(waits, snapshot),
        subline=subline(yours(waits, viewer_uuid=setting.viewer_uuid)),
        stale=stale_sentence(look, setting),
        figures=figures(waits, snapshot, setting),
        main=main_branch_view(snapshot.main, setting),
        attention=_section(order, snapshot, setting),
    )


def attention_of(snapshot: Snapshot, setting: Setting) -> Result[tuple[Wait, ...]]:
    """Return the open pull requests in the order of attention."""
    return order_of_attention(snapshot.pull_requests.items, now=setting.now)


def headline(waits: tuple[Wait, ...], snapshot: Snapshot) -> str:
    """Return the one sentence that answers "what needs us now?"."""
    waiting, longest = waiting_for_review(waits).value or 0, longest_wait(waits).value
    if waiting and longest is not None:
        return ngettext(
            "%(n)s pull request waits for a review, for %(wait)s now.",
            "%(n)s pull requests wait for a review, the longest for %(wait)s.",
            waiting,
            wait=formatting.duration(longest),
        )
    ready = sum(1 for wait in waits if wait.turn.stage is Stage.MERGE)
    if ready:
        return ngettext("%(n)s pull request is ready to merge.", "%(n)s pull requests are ready to merge.", ready)
    if snapshot.pull_requests.total:
        return _("Nothing waits for a review.")
    if snapshot.main is None and not snapshot.branches.total:
        return _("This repository has no commits yet.")
    return _("No pull request is open.")


def subline(share: Yours) -> str:
    """Return what of it is the viewer's; nothing where nothing is."""
    sentences = []
    if share.to_review:
        sentences.append(ngettext("%(n)s waits for you.", "%(n)s wait for you.", len(share.to_review)))
    if share.to_finish:
        sentences.append(
            ngettext("%(n)s of yours is back with you.", "%(n)s of yours are back with you.", len(share.to_finish))
        )
    if share.with_others:
        sentences.append(
            ngettext("%(n)s of yours waits for others.", "%(n)s of yours wait for others.", len(share.with_others))
        )
    return " ".join(sentences)


def stale_sentence(look: Look, setting: Setting) -> str:
    """Return why the figures are older than they should be; nothing where they are not."""
    if look.trouble is None:
        return ""
    return stale_note(look.trouble, age=formatting.short_age(setting.now - look.snapshot.read_at))


def figures(waits: tuple[Wait, ...], snapshot: Snapshot, setting: Setting) -> tuple[Figure, ...]:
    """Return the four figures of the first line."""
    waiting, longest = waiting_for_review(waits), longest_wait(waits)
    ready = sum(1 for wait in waits if wait.turn.stage is Stage.MERGE)
    links = setting.links
    return (
        _counted(_("Waiting for review"), waiting.value or 0, beside=_open_count(snapshot), url=links.pull_requests),
        Figure(
            label=_("Longest wait"),
            value=formatting.duration(longest.value) if longest.value is not None else NOTHING,
            beside=_longest_number(waits) or _("nothing waits"),
            is_quiet=longest.value is None,
        ),
        _counted(
            _("Ready to merge"),
            ready,
            beside=_changes_requested(waits),
            url=links.pull_requests,
        ),
        _counted(_("Branches"), snapshot.branches.total, beside=_newest_branch(snapshot, setting), url=links.branches),
    )


def main_branch_view(main: MainBranch | None, setting: Setting) -> MainBranchView | None:
    """Return the newest commit of the main branch; nothing in a repository without commits."""
    if main is None:
        return None
    tip = main.tip
    return MainBranchView(
        branch=tip.name,
        branch_url=setting.links.branch(tip.name),
        build=build_lozenge(main.builds.state),
        builds=build_sentence(main.builds),
        commit=tip.commit_hash[:7],
        commit_url=setting.links.commit(tip.commit_hash),
        message=formatting.first_line(tip.message),
        author=tip.author or _("somebody"),
        when=moment(tip.committed_at, now=setting.now) if tip.committed_at else None,
    )


def left_out(order: Result[tuple[Wait, ...]], pull_requests: Listing[OpenPullRequest]) -> str:
    """Return how many open pull requests are not among the rows, by reason."""
    parts = [_left_out_part(reason, n) for reason, n in sorted(order.exclusions.items())]
    unread = pull_requests.total - len(pull_requests.items)
    if unread > 0:
        parts.append(ngettext("%(n)s newer not read", "%(n)s newer not read", unread))
    return _("without %(parts)s", parts=", ".join(parts)) if parts else ""


def meanings() -> tuple[Definition, ...]:
    """Return what each figure of the panel means."""
    return (
        Definition(
            _("Waiting for review"),
            _(
                "Open pull requests of people, not drafts, without a current approval by somebody else and without an "
                "open request for changes."
            ),
        ),
        Definition(
            _("Longest wait"),
            _("The longest of their waits, in wall-clock time since the pull request was opened."),
        ),
        Definition(
            _("Ready to merge"),
            _(
                "Open pull requests with at least one approval by a person who is not the author, and no request for changes."
            ),
        ),
        Definition(_("Branches"), _("All branches of the repository, and the one with the newest commit.")),
        Definition(
            _("Main branch"),
            _(
                "The newest commit of the main branch. It failed if the newest report of any build key failed, runs if any "
                "runs, and passed if the others passed."
            ),
        ),
        Definition(
            _("Waiting longest"),
            _(
                "Ordered by the time since it became somebody's turn: since the opening for a review, since the latest "
                "request for changes for the author, since the approval for a merge."
            ),
        ),
    )


def _section(order: Result[tuple[Wait, ...]], snapshot: Snapshot, setting: Setting) -> Section:
    waits = order.value or ()
    return Section(
        title=_("Waiting longest"),
        rows=rows(waits[:MOST_ROWS], links=setting.links, viewer_uuid=setting.viewer_uuid, shows=setting.shows),
        note=_shown_of(len(waits), left_out(order, snapshot.pull_requests)),
        empty=_("No pull request waits for anybody."),
    )


def _shown_of(total: int, without: str) -> str:
    shown = _("%(shown)s of %(total)s", shown=MOST_ROWS, total=total) if total > MOST_ROWS else ""
    return ", ".join(part for part in (shown, without) if part)


def _left_out_part(reason: Exclusion, n: int) -> str:
    if reason is Exclusion.BOT_AUTHOR:
        return ngettext("%(n)s of a bot", "%(n)s of bots", n)
    return ngettext("%(n)s draft", "%(n)s drafts", n)


def _counted(label: str, number: int, *, beside: str, url: str) -> Figure:
    return Figure(label, formatting.count(number), beside, url=url if number else None, is_quiet=not number)


def _open_count(snapshot: Snapshot) -> str:
    return _("of %(n)s open", n=formatting.count(snapshot.pull_requests.total))


def _longest_number(waits: tuple[Wait, ...]) -> str:
    first = next((wait for wait in waits if wait.turn.stage is Stage.REVIEWER), None)
    return f"#{first.pull_request.id}" if first else ""


def _changes_requested(waits: tuple[Wait, ...]) -> str:
    back = sum(1 for wait in waits if wait.turn.stage is Stage.AUTHOR)
    return ngettext("%(n)s with its author", "%(n)s with their authors", back) if back else ""


def _newest_branch(snapshot: Snapshot, setting: Setting) -> str:
    newest = snapshot.branches.items[0] if snapshot.branches.items else None
    if newest is None or newest.committed_at is None:
        return ""
    return _("newest %(age)s ago", age=formatting.short_age(setting.now - newest.committed_at))
