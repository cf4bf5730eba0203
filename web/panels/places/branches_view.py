"""What the Branches tab says: classes counted, branches listed, one of them beside its base, and how to clean up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from insights.branches.classes import Branch, BranchClass
from insights.branches.clean_up import clean_up_script, may_go
from insights.branches.divergence import Capped, Divergence
from web import formatting
from web.language import _, ngettext
from web.panels.page_links import FileLink
from web.panels.parts import Lozenge, Moment, Person, moment
from web.panels.places.branches import Branches, Compared
from web.panels.places.people import Names
from web.panels.result_words import day
from web.panels.tabs.tab import Opened

TAB: Final = "branches"
BRANCH: Final = "branch"
CLASS: Final = "class"
CLEAN_UP: Final = "clean_up"
"""Besides the classes, what may be chosen: those that may go."""

MOST_ROWS: Final = 50
MOST_ROWS_OF_ONE: Final = 300
"""Of one class that was chosen. A page stays light; the CSV has all."""

MOST_SHARED: Final = 20
AWAITED: Final = frozenset({BranchClass.MERGED_LEFTOVER, BranchClass.STALE, BranchClass.IDLE})
"""Classes that wait for somebody to do something: their owners are named."""


@dataclass(frozen=True, slots=True)
class Tile:
    """How many branches a class has, and the link that shows them."""

    label: str
    value: str
    href: str
    fragment_url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class BranchRow:
    """One branch."""

    name: str
    url: str
    lozenge: Lozenge
    owner: Person | None
    when: Moment
    commit: str
    commit_href: str
    commit_fragment: str
    pull_request: str
    pull_request_url: str
    apart: str
    compare_href: str
    compare_fragment: str


@dataclass(frozen=True, slots=True)
class Beside:
    """One branch beside its base."""

    name: str
    url: str
    lozenge: Lozenge | None
    sentence: str
    facts: tuple[tuple[str, str], ...]
    shared: tuple[str, ...]
    more_shared: str
    shared_note: str
    undo: str
    when: Moment | None
    trouble: str


@dataclass(frozen=True, slots=True)
class BranchesView:
    """Everything that the tab shows."""

    headline: str
    note: str
    tiles: tuple[Tile, ...]
    rows: tuple[BranchRow, ...]
    title: str
    more: str
    beside: Beside | None
    script: str
    script_title: str
    exports: tuple[FileLink, ...]
    script_href: str


def word_of(branch_class: BranchClass) -> Lozenge:
    """Return the word for a class."""
    return {
        BranchClass.LONG_LIVED: Lozenge(_("Long-lived"), "information"),
        BranchClass.MERGED_LEFTOVER: Lozenge(_("Merged"), "warning"),
        BranchClass.ACTIVE: Lozenge(_("Active"), "success"),
        BranchClass.QUIET: Lozenge(_("Quiet"), "neutral"),
        BranchClass.IDLE: Lozenge(_("Idle"), "neutral"),
        BranchClass.STALE: Lozenge(_("Stale"), "danger"),
    }[branch_class]


def branches_view(opened: Opened, branches: Branches, names: Names, beside: Beside | None) -> BranchesView:
    """Return the tab."""
    wanted = opened.query.get(CLASS, "")
    chosen = _chosen(branches.classed, wanted)
    leftovers = may_go(branches.classed)
    most = MOST_ROWS_OF_ONE if wanted else MOST_ROWS
    return BranchesView(
        headline=_headline(len(leftovers), len(branches.classed)),
        note=_note(branches),
        tiles=_tiles(opened, branches.classed, wanted),
        rows=tuple(_row(opened, branches, names, branch) for branch in chosen[:most]),
        title=_title(wanted),
        more=_more(len(chosen), most),
        beside=beside,
        script=clean_up_script(leftovers[:MOST_ROWS_OF_ONE]),
        script_title=ngettext("Script for %(n)s branch", "Script for %(n)s branches", len(leftovers)),
        exports=_exports(opened),
        script_href=opened.signed("panels.branches_script", {}),
    )


def _exports(opened: Opened) -> tuple[FileLink, ...]:
    chosen = {BRANCH: opened.query[BRANCH]} if BRANCH in opened.query else {}
    return (
        opened.file(_("All branches as CSV"), "panels.branches_csv", {}),
        opened.figures_file("panels.branches_json", chosen),
    )


def beside_view(opened: Opened, branches: Branches, name: str, compared: Compared | None, trouble: str) -> Beside:
    """Return one branch beside its base. ``trouble`` says why it could not be compared."""
    branch, base = branches.find(name), branches.base_of(name)
    if branch is None:
        return _only(opened, name, _("There is no branch of this name any more, as far as we have heard."))
    found = compared.result.value if compared else None
    if base is None or compared is None or found is None:
        sentence = "" if trouble else _without_comparison(base is None)
        return _only(opened, name, sentence, lozenge=word_of(branch.branch_class), trouble=trouble)
    return Beside(
        name=name,
        url=opened.links.branch(name),
        lozenge=word_of(branch.branch_class),
        sentence=_apart_sentence(found, compared.base),
        facts=_beside_facts(opened, branch, found),
        shared=(found.shared_paths or ())[:MOST_SHARED],
        more_shared=_more(len(found.shared_paths or ()), MOST_SHARED),
        shared_note=_shared_note(found),
        undo=clean_up_script(may_go([branch])).strip(),
        when=moment(compared.at, now=opened.now),
        trouble="",
    )


def _without_comparison(is_home: bool) -> str:  # noqa: FBT001 - the one thing that it is about
    if is_home:
        return _("This is the branch that the others lead to.")
    return _("It, or the branch that it leads to, has moved since they were compared. Refresh to compare them again.")


def apart(ahead: Capped, behind: Capped) -> str:
    """Return how far two branches are apart, in short."""
    return _("%(ahead)s ahead, %(behind)s behind", ahead=_capped(ahead), behind=_capped(behind))


def _only(opened: Opened, name: str, sentence: str, *, lozenge: Lozenge | None = None, trouble: str = "") -> Beside:
    return Beside(name, opened.links.branch(name), lozenge, sentence, (), (), "", "", "", None, trouble)


def _chosen(classed: tuple[Branch, ...], wanted: str) -> tuple[Branch, ...]:
    if wanted == CLEAN_UP:
        return may_go(classed)
    if wanted:
        return tuple(branch for branch in classed if branch.branch_class == wanted)
    # What somebody should do something about comes first; then the newest, as everywhere in Bitbucket.
    going = may_go(classed)
    return (*going, *(branch for branch in reversed(classed) if branch not in set(going)))


def _row(opened: Opened, branches: Branches, names: Names, branch: Branch) -> BranchRow:
    row = branches.compared.get(branch.name)
    number = branch.open_pull_request
    query = {CLASS: opened.query.get(CLASS, ""), BRANCH: branch.name}
    query = {name: value for name, value in query.items() if value}
    can_compare = branches.base_of(branch.name) is not None
    return BranchRow(
        name=branch.name,
        url=opened.links.branch(branch.name),
        lozenge=word_of(branch.branch_class),
        owner=names.of(branch.owner, is_awaited=branch.branch_class in AWAITED),
        when=moment(opened.now - branch.age, now=opened.now),
        commit=branch.tip[:7],
        commit_href=opened.href("commit", {"commit": branch.tip}),
        commit_fragment=opened.fragment_url("commit", {"commit": branch.tip}),
        pull_request=f"#{number}" if number is not None else "",
        pull_request_url=opened.links.pull_request(number) if number is not None else "",
        apart=apart(_count_of(row.ahead), _count_of(row.behind)) if row else "",
        compare_href=opened.href(TAB, query) if can_compare else "",
        compare_fragment=opened.fragment_url(TAB, query) if can_compare else "",
    )


def _count_of(hashes: str) -> Capped:
    number = len(hashes.split())
    return Capped(number, is_at_least=number >= 100)


def _tiles(opened: Opened, classed: Iterable[Branch], wanted: str) -> tuple[Tile, ...]:
    branches = tuple(classed)
    counts = Counter(branch.branch_class for branch in branches)
    entries: Mapping[str, tuple[str, int]] = {
        "": (_("All"), len(branches)),
        CLEAN_UP: (_("May go"), len(may_go(branches))),
        **{one.value: (word_of(one).text, counts[one]) for one in BranchClass if counts[one]},
    }
    return tuple(
        Tile(
            label=label,
            value=formatting.count(number),
            href=opened.href(TAB, {CLASS: name} if name else {}),
            fragment_url=opened.fragment_url(TAB, {CLASS: name} if name else {}),
            is_current=name == wanted,
        )
        for name, (label, number) in entries.items()
    )


def _headline(leftovers: int, total: int) -> str:
    if not total:
        return _("This repository has no branches yet.")
    if not leftovers:
        return _("Nothing to clean up: every branch is in use.")
    return ngettext(
        "%(n)s branch may go: everything on it has arrived, or nobody has touched it for long.",
        "%(n)s branches may go: everything on them has arrived, or nobody has touched them for long.",
        leftovers,
    )


def _title(wanted: str) -> str:
    if wanted == CLEAN_UP:
        return _("Branches that may go, the longest untouched first")
    if wanted in set(BranchClass):
        return _("%(class)s branches", **{"class": word_of(BranchClass(wanted)).text})
    return _("Branches")


def _note(branches: Branches) -> str:
    if branches.looked_back_to is None:
        return ""
    return _(
        "Whether a branch has been merged without a pull request was looked for back to %(day)s; older ones go by their age.",
        day=day(branches.looked_back_to, with_year=True),
    )


def _more(number: int, shown: int) -> str:
    return _("and %(count)s more", count=formatting.count(number - shown)) if number > shown else ""


def _capped(count: Capped) -> str:
    return f"{count.number}+" if count.is_at_least else str(count.number)


def _apart_sentence(found: Divergence, base: str) -> str:
    if not found.ahead.number:
        return _("Everything on it is in %(base)s.", base=base)
    if not found.behind.number:
        return _("%(apart)s %(base)s: it can be merged as it is.", apart=apart(found.ahead, found.behind), base=base)
    return _("%(apart)s %(base)s.", apart=apart(found.ahead, found.behind), base=base)


def _beside_facts(opened: Opened, branch: Branch, found: Divergence) -> tuple[tuple[str, str], ...]:
    facts = [
        (_("Commits of its own"), _capped(found.ahead)),
        (_("Commits it lacks"), _capped(found.behind)),
        (_("The base has moved on by"), _days(found.behind_for)),
        (_("Last commit"), moment(opened.now - branch.age, now=opened.now).text),
    ]
    if found.shared_paths is not None:
        facts.append((_("Files both have changed"), formatting.count(len(found.shared_paths))))
    return tuple(facts)


def _days(span: timedelta) -> str:
    return formatting.duration(span) if span else _("nothing")


def _shared_note(found: Divergence) -> str:
    if found.shared_paths is None:
        return _("Which files both have changed is not known: some of these commits came without a pull request.")
    return "" if found.shared_paths else _("No file has been changed on both sides since they parted.")
