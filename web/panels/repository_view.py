"""What the repository page says: the panel's facts wider, and the branches one by one."""

from dataclasses import dataclass

from insights.live.branches import BranchKind, kind_of
from insights.live.facts import BranchTip
from insights.live.review_queue import yours
from web import formatting
from web.language import _, ngettext
from web.panels.parts import Definition, Figure, Lozenge, Moment, moment
from web.panels.pulse_view import (
    MainBranchView,
    Setting,
    attention_of,
    figures,
    headline,
    left_out,
    main_branch_view,
    meanings,
    stale_sentence,
    subline,
)
from web.panels.rows import Section, rows
from web.panels.snapshot import Snapshot
from web.panels.snapshot_cache import Look


@dataclass(frozen=True, slots=True)
class BranchRow:
    """One branch."""

    name: str
    url: str
    kind: Lozenge | None
    commit: str
    commit_url: str
    message: str
    author: str
    when: Moment | None
    pull_request: str
    pull_request_url: str


@dataclass(frozen=True, slots=True)
class RepositoryView:
    """Everything that the page shows."""

    headline: str
    subline: str
    stale: str
    figures: tuple[Figure, ...]
    main: MainBranchView | None
    attention: Section
    open_count: str
    branches: tuple[BranchRow, ...]
    branch_count: str
    branches_note: str
    definitions: tuple[Definition, ...]


def repository_view(look: Look, setting: Setting) -> RepositoryView:
    """Return the page for a look at a repository."""
    snapshot = look.snapshot
    order = attention_of(snapshot, setting)
    waits = order.value or ()
    return RepositoryView(
        headline=headline(waits, snapshot),
        subline=subline(yours(waits, viewer_uuid=setting.viewer_uuid)),
        stale=stale_sentence(look, setting),
        figures=figures(waits, snapshot, setting),
        main=main_branch_view(snapshot.main, setting),
        attention=Section(
            title=_("Open pull requests, waiting longest first"),
            rows=rows(waits, links=setting.links, viewer_uuid=setting.viewer_uuid, shows=setting.shows),
            note=left_out(order, snapshot.pull_requests),
            empty=_("No pull request waits for anybody."),
        ),
        open_count=formatting.count(snapshot.pull_requests.total),
        branches=_branch_rows(snapshot, setting),
        branch_count=formatting.count(snapshot.branches.total),
        branches_note=_branches_note(snapshot),
        definitions=definitions(),
    )


def definitions() -> tuple[Definition, ...]:
    """Return what each figure and word of the page means."""
    return (
        *meanings(),
        Definition(
            _("Whose turn"),
            _(
                "The first rule that matches: a draft is its author's; a request for changes gives it back to the author; "
                "without an approval it waits for its reviewers; with one it waits to be merged."
            ),
        ),
        Definition(
            _("People and bots"),
            _(
                "Only accounts of people count as reviewers and authors. An app's account is none, nor is one whose name ends "
                "in bot or begins with the name of a known service."
            ),
        ),
        Definition(
            _("Active, quiet, stale"),
            _(
                "By the newest commit of a branch: active within 7 days, quiet until 30, stale after 90 if no pull request is "
                "open from it."
            ),
        ),
        Definition(
            _("How new"),
            _(
                "Read from Bitbucket when the page was opened, then again whenever Bitbucket tells of an event in the repository, "
                "and every five minutes in any case. At most the 50 oldest open pull requests and the 100 newest branches are read."
            ),
        ),
    )


def _branch_rows(snapshot: Snapshot, setting: Setting) -> tuple[BranchRow, ...]:
    repository = snapshot.repository
    main = repository.mainbranch.name if repository.mainbranch else None
    in_review = {pull_request.source_branch: pull_request.id for pull_request in reversed(snapshot.pull_requests.items)}
    return tuple(_branch_row(tip, main=main, in_review=in_review, setting=setting) for tip in snapshot.branches.items)


def _branch_row(tip: BranchTip, *, main: str | None, in_review: dict[str, int], setting: Setting) -> BranchRow:
    links = setting.links
    number = in_review.get(tip.name)
    return BranchRow(
        name=tip.name,
        url=links.branch(tip.name),
        kind=_kind_lozenge(kind_of(tip, main_branch=main, in_review=in_review, now=setting.now)),
        commit=tip.commit_hash[:7],
        commit_url=links.commit(tip.commit_hash) if tip.commit_hash else links.repository,
        message=formatting.first_line(tip.message),
        author=tip.author,
        when=moment(tip.committed_at, now=setting.now) if tip.committed_at else None,
        pull_request=f"#{number}" if number is not None else "",
        pull_request_url=links.pull_request(number) if number is not None else "",
    )


def _kind_lozenge(kind: BranchKind) -> Lozenge | None:
    return {
        BranchKind.MAIN: Lozenge(_("Main"), "information"),
        BranchKind.ACTIVE: Lozenge(_("Active"), "success"),
        BranchKind.QUIET: Lozenge(_("Quiet"), "neutral"),
        BranchKind.STALE: Lozenge(_("Stale"), "warning"),
    }.get(kind)


def _branches_note(snapshot: Snapshot) -> str:
    branches = snapshot.branches
    if branches.is_whole:
        return ngettext("%(n)s branch", "%(n)s branches, newest commit first", branches.total)
    return _(
        "the %(shown)s with the newest commits, of %(total)s",
        shown=len(branches.items),
        total=formatting.count(branches.total),
    )
