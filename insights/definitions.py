"""The catalogue of definitions: what each figure means, in words for people, behind the "i" beside it.

A definition stands in the module of its formula, so that whoever changes one sees the other. This gathers them.
"""

from collections.abc import Mapping
from types import ModuleType

from insights.branches import classes, divergence
from insights.builds import main_branch, pass_rate
from insights.commits import passport
from insights.deployments import delivery
from insights.files import authorship, co_change, code_owners, pull_requests_of_file, revisions, truck_factor
from insights.flow import (
    ageing,
    arrivals,
    distribution,
    forecast_honesty,
    headline,
    outcomes,
    punch_card,
    review_load,
    size_table,
    targets,
    where_time_goes,
    work_in_progress,
)
from insights.pull_requests import (
    collisions,
    figures,
    knowledge,
    merge_window,
    pace,
    timeline,
    turn,
    unfinished,
)
from insights.pulse import attention, open_to_merge, pickup, waiting_for_review, yours
from insights.result import Definition, DefinitionId

MODULES: tuple[ModuleType, ...] = (
    waiting_for_review,
    pickup,
    open_to_merge,
    main_branch,
    attention,
    yours,
    turn,
    pace,
    timeline,
    figures,
    merge_window,
    collisions,
    knowledge,
    unfinished,
    headline,
    work_in_progress,
    where_time_goes,
    distribution,
    arrivals,
    ageing,
    size_table,
    review_load,
    punch_card,
    pass_rate,
    delivery,
    outcomes,
    targets,
    forecast_honesty,
    classes,
    divergence,
    revisions,
    authorship,
    truck_factor,
    co_change,
    code_owners,
    pull_requests_of_file,
    passport,
)

CATALOGUE: Mapping[str, Definition] = {
    found.name: found for module in MODULES for found in vars(module).values() if isinstance(found, Definition)
}


# Which package of formulas belongs to which surface of panels.md.
SURFACES: Mapping[str, tuple[str, ...]] = {
    "pulse": ("pulse",),
    "turn": ("pull_requests",),
    "flow": ("flow", "builds", "deployments"),
    "branches": ("branches",),
    "commit": ("commits",),
    "files": ("files",),
}


def definitions_of(surface: str) -> tuple[Definition, ...]:
    """Return the definitions of a surface, each one in the surface where its formula is at home."""
    homes = _homes()
    return tuple(found for name, found in CATALOGUE.items() if homes[name] in SURFACES[surface])


def _homes() -> dict[str, str]:
    """Which package each definition is at home in: that of the formula, where another formula borrows its definition."""
    homes: dict[str, str] = {}
    for module in MODULES:
        for variable, found in vars(module).items():
            if isinstance(found, Definition) and (found.name not in homes or variable == "DEFINITION"):
                homes[found.name] = module.__name__.split(".")[1]
    return homes


def definition_of(known: DefinitionId) -> Definition:
    """Return the definition that a Result names. Raises KeyError for a name or version that is no longer in use."""
    found = CATALOGUE[known.name]
    if found.version != known.version:
        raise KeyError(f"{known.name} is at version {found.version}, not {known.version}")
    return found
