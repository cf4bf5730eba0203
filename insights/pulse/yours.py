"""What waits for the one who looks, and what of theirs waits for others.

Source: panels.md 5.1, "Yours". Shown to that person only.
"""

from collections.abc import Sequence

from msgspec import Struct

from insights.pull_requests.standing import Standing
from insights.pulse.attention import urgency
from insights.result import Definition, Result, Unit, WhyNot

DEFINITION = Definition(
    name="yours",
    version=1,
    title="Yours",
    text="Pull requests that wait for you, and your own that wait for others. Nobody else sees this.",
    unit=Unit.LIST,
    source="panels.md 5.1",
)


class Yours(Struct, frozen=True):
    """Both lists, the most urgent first."""

    waiting_for_you: tuple[Standing, ...]
    waiting_for_others: tuple[Standing, ...]


def yours(standings: Sequence[Standing], *, viewer: str | None) -> Result[Yours]:
    """Return the lists of one account; silent for a viewer without one."""
    if viewer is None:
        return Result(definition=DEFINITION.id, n=0, why_not=WhyNot.NOT_KNOWN)
    for_you = [standing for standing in standings if viewer in standing.turn.waits_for]
    own = [one for one in standings if one.measurement.author == viewer and viewer not in one.turn.waits_for]
    value = Yours(tuple(sorted(for_you, key=urgency)), tuple(sorted(own, key=urgency)))
    return Result(
        definition=DEFINITION.id,
        n=len(for_you) + len(own),
        value=value,
        members=tuple(sorted(standing.id for standing in (*for_you, *own))),
    )
