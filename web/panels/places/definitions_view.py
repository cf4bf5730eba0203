"""What the Definitions tab says: every definition with its version and source, the conventions that all share, what is set."""

from dataclasses import dataclass
from typing import Final

from insights.definitions import SURFACES, definitions_of
from insights.pull_requests import measurement
from insights.result import Definition
from insights.settings import WorkspaceSettings
from web.language import _
from web.panels.places.people import join_names

OUR_PAPERS: Final = "panels.md"


@dataclass(frozen=True, slots=True)
class Entry:
    """One definition. ``anchor`` is what a link to it says after the hash sign."""

    anchor: str
    term: str
    meaning: str
    origin: str


@dataclass(frozen=True, slots=True)
class Group:
    """The definitions of one surface."""

    name: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class DefinitionsView:
    """Everything that the tab shows."""

    groups: tuple[Group, ...]
    settings: tuple[tuple[str, str], ...]


def definitions_view(settings: WorkspaceSettings) -> DefinitionsView:
    """Return the tab for a workspace's settings."""
    titles = {
        "pulse": _("Pulse: what needs you now"),
        "turn": _("Turn: one pull request"),
        "flow": _("Flow: where the time goes"),
        "branches": _("Branches"),
        "commit": _("Commit"),
        "files": _("Files"),
    }
    surfaces = (Group(name, titles[name], tuple(map(_entry, definitions_of(name)))) for name in SURFACES)
    return DefinitionsView((_conventions(), *surfaces), _settings(settings))


def _entry(found: Definition) -> Entry:
    named = _("%(name)s, version %(version)s.", name=found.name, version=found.version)
    origin = f"{named} {_published(found.source)}".strip()
    return Entry(f"definition-{found.name}", found.title, found.text, origin)


def _published(source: str) -> str:
    """Return where an idea comes from, as far as readers can look it up: our own working papers are no source to them."""
    return "; ".join(part for part in source.split("; ") if not part.startswith(OUR_PAPERS))


def _conventions() -> Group:
    entries = (
        (
            "clock",
            _("Working time and wall clock"),
            _(
                "Working time leaves out the weekend days and holidays of the workspace, in its time zone; working days count "
                "24 hours. The wall clock counts every hour. Figures are in working time unless you choose otherwise."
            ),
        ),
        (
            "population",
            _("Which pull requests count"),
            _(
                "Those merged into a long-lived branch, by people; not those that carry one long-lived branch into another. How "
                "many were left out, and why, stands beside each figure."
            ),
        ),
        (
            "percentiles",
            _("p50 and p85"),
            _(
                "Half, and 85 of a hundred, took at most so long, interpolated between neighbours. Below 5 there is no "
                "percentile, below 20 only the p50."
            ),
        ),
        (
            "bots",
            _("People and bots"),
            _(
                "Apps' accounts, those that an administrator named, and names that say so are bots. They never stop a clock, "
                "and their pull requests are a series of their own."
            ),
        ),
        (
            "names",
            _("Who is named"),
            _(
                "You, whoever something waits for, and everybody only where an administrator of the workspace has turned names "
                "on. People are never compared with each other."
            ),
        ),
        (
            "copy",
            _("How new"),
            _(
                "Figures come from our own copy of the repository's history, which Bitbucket's events keep true within seconds "
                "and which is compared with Bitbucket every night."
            ),
        ),
    )
    return Group(
        "conventions",
        _("What all figures share"),
        tuple(Entry(f"definition-{name}", term, meaning, "") for name, term, meaning in entries),
    )


def _settings(settings: WorkspaceSettings) -> tuple[tuple[str, str], ...]:
    """Return what the workspace has decided, and what it left as it was."""
    days = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    smallest, small, medium, large = settings.size_limits
    return (
        (_("Time zone"), settings.time_zone),
        (_("Days without work"), join_names(days[number] for number in sorted(settings.weekend)) or _("none")),
        (_("Holidays"), str(len(settings.holidays))),
        (_("Approvals required"), str(settings.required_approvals)),
        (_("Long-lived branches"), ", ".join(_long_lived(settings)) or _("none")),
        (_("Sizes in changed lines"), f"XS ≤ {smallest}, S ≤ {small}, M ≤ {medium}, L ≤ {large}, XL"),
        (
            _("Branches turn quiet, idle, stale"),
            _(
                "after %(active)s, %(quiet)s, %(stale)s days",
                active=settings.active_days,
                quiet=settings.quiet_days,
                stale=settings.stale_days,
            ),
        ),
        (_("Names"), _("shown") if settings.are_names_shown else _("only whom something waits for")),
        (_("Measured by"), _("version %(version)s of our measurements", version=measurement.VERSION)),
    )


def _long_lived(settings: WorkspaceSettings) -> list[str]:
    model = settings.branching_model
    named = (settings.main_branch, model.development, model.production, *settings.long_lived_branches)
    return list(dict.fromkeys(name for name in named if name))
