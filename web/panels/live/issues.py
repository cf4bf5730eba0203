"""The Issues tab: how many issues of each state, kind and priority, the oldest that is open, and the newest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from flask import Response

from bitbucket.errors import BitbucketError, Gone, NotFound
from bitbucket.issues import Issue
from insights.live.issue_counts import ENDED_STATES, KINDS, OPEN_STATES, PRIORITIES
from sync.history.accounts import account_of
from web import formatting, services
from web.language import _, ngettext
from web.panels.links import Links
from web.panels.live.issues_read import Tracker, read_tracker
from web.panels.live.tabs import Reader, Tab, show
from web.panels.parts import Figure, Lozenge, Moment, moment, person
from web.panels.states import State
from web.panels.surfaces import blueprint

SUBJECT: Final = "issues"
MOST_NEWEST: Final = 5

_TONES: Final = {"blocker": "danger", "critical": "danger", "major": "warning"}


@dataclass(frozen=True, slots=True)
class Share:
    """One line of a count: a word, how many, and how many of a hundred (for the bar)."""

    name: str
    count: str
    percent: int


@dataclass(frozen=True, slots=True)
class Shares:
    """One count by a property of the issues."""

    title: str
    lines: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One issue."""

    number: str
    title: str
    url: str
    state: Lozenge
    priority: Lozenge
    kind: str
    who: str
    when: Moment | None


@dataclass(frozen=True, slots=True)
class IssuesView:
    """Everything that the tab shows."""

    headline: str
    figures: tuple[Figure, ...]
    shares: tuple[Shares, ...]
    oldest: IssueRow | None
    newest: tuple[IssueRow, ...]


def issues_view(reader: Reader) -> IssuesView:
    """Read and word the tracker. Raises BitbucketError."""
    visit = reader.visit
    workspace, repository = visit.caller.installation.principal_uuid, visit.repository.uuid
    tracker = reader.read(SUBJECT, lambda: read_tracker(reader.client, workspace, repository, deadline=visit.deadline))
    links = Links(services.current().settings.site_url, visit.repository.full_name or "")
    return IssuesView(
        headline=_headline(tracker),
        figures=_figures(tracker, links),
        shares=_shares(tracker),
        oldest=_row(tracker.oldest_open, links) if tracker.oldest_open else None,
        newest=tuple(_row(issue, links) for issue in tracker.newest[:MOST_NEWEST]),
    )


def explain(error: BitbucketError) -> State | None:
    """Return the state of a repository without a tracker: removed from Bitbucket, or never turned on."""
    if isinstance(error, Gone):
        return State(
            "tracker_removed",
            "empty",
            _("Bitbucket has removed its issue trackers"),
            _("That was in August 2026, for every repository. What was in them is not readable any more."),
            None,
            200,
        )
    if isinstance(error, NotFound):
        return State(
            "no_tracker",
            "empty",
            _("This repository has no issue tracker"),
            _("It was never turned on, or it is gone with Bitbucket's trackers of before August 2026."),
            None,
            200,
        )
    return None


def _headline(tracker: Tracker) -> str:
    if not tracker.counts.total:
        return _("No issue has been filed yet.")
    if not tracker.counts.open_total:
        return _("No issue is open.")
    return ngettext("%(n)s issue is open.", "%(n)s issues are open.", tracker.counts.open_total)


def _figures(tracker: Tracker, links: Links) -> tuple[Figure, ...]:
    counts, now = tracker.counts, services.current().now()
    oldest = tracker.oldest_open
    age = formatting.short_age(now - oldest.created_on) if oldest and oldest.created_on else "\N{EN DASH}"
    newest = tracker.newest[0] if tracker.newest else None
    return (
        Figure(_("Open"), formatting.count(counts.open_total), _("of %(total)s", total=formatting.count(counts.total))),
        Figure(
            _("Oldest open"),
            age,
            f"#{oldest.id}" if oldest else "",
            url=links.issue(oldest.id) if oldest else None,
            is_quiet=oldest is None,
        ),
        Figure(
            _("Newest"),
            formatting.short_age(now - newest.created_on) if newest and newest.created_on else "\N{EN DASH}",
            f"#{newest.id}" if newest else "",
            url=links.issue(newest.id) if newest else None,
            is_quiet=newest is None,
        ),
    )


def _shares(tracker: Tracker) -> tuple[Shares, ...]:
    counts = tracker.counts
    return (
        Shares(_("By state, all"), _lines(counts.by_state, (*OPEN_STATES, *ENDED_STATES))),
        Shares(_("By kind, open"), _lines(counts.by_kind, KINDS)),
        Shares(_("By priority, open"), _lines(counts.by_priority, PRIORITIES)),
    )


def _lines(counts: Mapping[str, int], order: Iterable[str]) -> tuple[Share, ...]:
    """Return the counts in the order of Bitbucket's own words, what it may add later last."""
    known = [name for name in order if name in counts]
    names = known + sorted(counts.keys() - set(known))
    whole = sum(counts.values())
    return tuple(
        Share(name or _("none"), formatting.count(counts[name]), round(100 * counts[name] / whole)) for name in names
    )


def _row(issue: Issue, links: Links) -> IssueRow:
    reporter = account_of(issue.reporter)
    return IssueRow(
        number=f"#{issue.id}",
        title=issue.title or _("Untitled"),
        url=links.issue(issue.id),
        state=Lozenge(issue.state or _("none"), "information" if issue.state in OPEN_STATES else "neutral"),
        priority=Lozenge(issue.priority or _("none"), _TONES.get(issue.priority or "", "neutral")),
        kind=issue.kind or "",
        who=person(reporter, shows=lambda _url: False).name if reporter else _("anonymous"),
        when=moment(issue.created_on, now=services.current().now()) if issue.created_on else None,
    )


ISSUES: Final = Tab(
    name="issues",
    template="panels/_issues.html",
    endpoint="panels.repository_issues",
    view=issues_view,
    explain=explain,
)


@blueprint.get("/pages/repository/issues")
def repository_issues() -> Response:
    """Show the tab to the page's own script."""
    return show(ISSUES)
