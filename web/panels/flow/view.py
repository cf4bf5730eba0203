"""Flow as a page: the filters, the head, the sections, and where each of them is had as a file or a list."""

from dataclasses import dataclass, replace

from insights.clock.windows import BASELINE_DAYS
from insights.flow.review_load import Audience, review_load
from insights.pull_requests.cohorts import merged_in
from insights.result import WhyNot
from web import formatting
from web.language import _, ngettext
from web.panels.flow import choices as chosen
from web.panels.flow import head, machines, people, times, weeks
from web.panels.flow.choices import Choice, Choices
from web.panels.flow.figures import BY_NAME
from web.panels.flow.lists import Behind, behind
from web.panels.flow.parts import Kpi, Section
from web.panels.flow.supply import Known, known_of, supply_of
from web.panels.freshness import Freshness, freshness
from web.panels.tabs.tab import Opened

TAB_NAME = "flow"
CSV = "panels.flow_csv"
JSON = "panels.flow_json"


@dataclass(frozen=True, slots=True)
class Wider:
    """Where there is something to see, for a reader who looks where there is nothing."""

    text: str
    href: str
    fragment_url: str


@dataclass(frozen=True, slots=True)
class FlowView:
    """Everything that the tab shows."""

    action: str
    fragment_url: str
    link_token: str
    lists: tuple[Choice, ...]
    path: str
    note: str
    kpis: tuple[Kpi, ...]
    behind: Behind | None
    sections: tuple[Section, ...]
    csv_url: str
    json_url: str
    empty: str
    wider: Wider | None
    fresh: Freshness


def flow_view(opened: Opened) -> FlowView:
    """Return the tab for a look at a repository. No call to Bitbucket."""
    past = opened.past
    choices = chosen.read(opened.query)
    known = known_of(past, choices)
    look = past.look(choices.clock)
    exports = _Exports(opened)
    listed = _behind(opened, choices)
    is_known = bool(known.branches) or past.progress.is_done
    # A list takes the place of the charts: it is what the reader asked for, and the page stays light. Before anything was
    # read there is nothing that could be said, not even that there is nothing.
    sections = _sections(opened, choices, known) if is_known and not listed else ()
    return FlowView(
        action=opened.address(TAB_NAME, {}).partition("?")[0],
        fragment_url=opened.fragment_url(TAB_NAME, {}).partition("?")[0],
        link_token=opened.link_token,
        lists=chosen.lists(choices, known.branches),
        path=choices.path or "",
        note=_night_note(known, choices),
        kpis=head.kpis(known.figures, look, past.settings.pickup_target, exports.listed) if is_known else (),
        behind=listed,
        sections=tuple(exports.on(section) for section in sections),
        csv_url=exports.csv(),
        json_url=exports.json(),
        empty=_empty(known, is_known=is_known),
        wider=_wider(opened, choices, known),
        fresh=freshness(past),
    )


def _sections(opened: Opened, choices: Choices, known: Known) -> tuple[Section, ...]:
    past, figures, night = opened.past, known.figures, known.night
    look = past.look(choices.clock)
    shelf = times.Shelf(known.drawn, opened.links)
    clock = night.clocks[choices.clock] if night else None
    silence = _not_yet()
    sections = [
        weeks.where_time_goes(figures.where_time_goes, look),
        times.distribution(figures.distribution, look),
        times.scatter(figures.scatter, look, shelf),
        weeks.arrival(figures.arrivals, figures.outcomes, look),
        times.ageing(figures.ageing, look, shelf),
        times.sizes(figures.sizes, look),
        _review_load(opened, choices),
        people.punch_cards(night.commits if night else None, night.answers if night else None, look, silence),
        machines.builds(figures.pass_rate, figures.build_duration, look),
    ]
    if night is not None and clock is not None and night.deployments.why_not is not WhyNot.NO_DATA:
        sections.append(machines.delivery(night.deployments, clock.lead, night.failures, look))
    sections.append(machines.honesty(clock.honesty if clock else None, look, silence))
    return tuple(sections)


def _review_load(opened: Opened, choices: Choices) -> Section:
    past = opened.past
    supply = supply_of(past, choices) if choices.path is not None else None
    audience = Audience(viewer=opened.visit.user_uuid, are_names_shown=past.settings.are_names_shown)
    look = past.look(choices.clock)
    days = choices.window_days
    # Who answered within 90 days answered one that is open or was closed since.
    rows = past.measurements if (days or 0) > BASELINE_DAYS else past.recent
    found = review_load(
        rows,
        look,
        audience,
        window=None if days is None else look.last_days(days),
        chosen=supply.chosen if supply else choices.filter(),
    )
    uuids = [one.account for one in found.value.named] if found.value else []
    names = {uuid: account.display_name or account.nickname or "" for uuid, account in past.accounts(uuids).items()}
    return people.review_load(found, look, names)


def _behind(opened: Opened, choices: Choices) -> Behind | None:
    """Return the list of the pull requests behind the figure that the address asks for."""
    name = opened.query.get(chosen.SHOW, "")
    if name not in BY_NAME:
        return None
    supply = supply_of(opened.past, choices)
    result = BY_NAME[name](supply.measurements, supply)
    members = frozenset(result.members)
    without = {key: value for key, value in opened.query.items() if key != chosen.SHOW}
    return behind(
        result,
        [item for item in supply.measurements if item.id in members],
        supply.look,
        opened.links,
        back=(opened.href(TAB_NAME, without), opened.fragment_url(TAB_NAME, without)),
    )


@dataclass(frozen=True, slots=True)
class _Exports:
    """Where what is shown is had as a file or as a list."""

    opened: Opened

    def on(self, section: Section) -> Section:
        """Return a section with its addresses."""
        has_list = section.name in BY_NAME and not section.silence
        url, fragment_url = self.listed(section.name) if has_list else ("", "")
        return replace(
            section,
            csv_url=self.csv(section.name),
            json_url=self.json(section.name),
            list_url=url,
            list_fragment_url=fragment_url,
        )

    def csv(self, name: str = "") -> str:
        """Return where a figure is had as CSV; without a name, every pull request."""
        return self.opened.signed(CSV, self._query(name))

    def json(self, name: str = "") -> str:
        """Return where a figure is had as JSON; without a name, all of them."""
        return self.opened.signed(JSON, self._query(name))

    def listed(self, name: str) -> tuple[str, str]:
        """Return where the pull requests behind a figure are listed: as a link, and for the page's script."""
        query = {**self.opened.query, chosen.SHOW: name}
        return self.opened.href(TAB_NAME, query), self.opened.fragment_url(TAB_NAME, query)

    def _query(self, name: str) -> dict[str, str]:
        query = {key: value for key, value in self.opened.query.items() if key != chosen.SHOW}
        return {**query, "figure": name} if name else query


def _night_note(known: Known, choices: Choices) -> str:
    if choices.are_pull_requests_chosen:
        return _(
            "Changes, the punch cards, delivery and forecast honesty are of the whole repository, and not filtered."
        )
    if known.night is None:
        return ""
    age = formatting.short_age(known.made_at - known.night.made_at)
    return _("Changes, the punch cards, delivery and forecast honesty were worked out %(age)s ago.", age=age)


def _not_yet() -> str:
    return _("This is worked out at night, and has not been yet.")


def _wider(opened: Opened, choices: Choices, known: Known) -> Wider | None:
    """Return the way to the widest window, where the one that is shown holds nothing and that one does."""
    widest = chosen.WINDOWS[-1]
    if known.figures.distribution.n or choices.window_days == widest:
        return None
    supply = supply_of(opened.past, choices)
    merged = len(merged_in(supply.measurements, supply.look.last_days(widest), chosen=supply.chosen))
    if not merged:
        return None
    query = {**opened.query, chosen.WINDOW: str(widest)}
    text = ngettext(
        "Nothing was merged in this window. In the last 52 weeks %(n)s was.",
        "Nothing was merged in this window. In the last 52 weeks %(n)s were.",
        merged,
    )
    return Wider(text, opened.href(TAB_NAME, query), opened.fragment_url(TAB_NAME, query))


def _empty(known: Known, *, is_known: bool) -> str:
    if not is_known:
        return _("Figures come with the first pull requests that are read.")
    if not known.branches:
        return _("No pull request has been open within the last 52 weeks, so there is nothing to draw yet.")
    return ""
