"""What every figure keeps on any repository whatever: it answers, adds up, and does not mind in which order it is told."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from insights.clock.look import look
from insights.definitions import CATALOGUE, definition_of
from insights.flow.ageing import ageing
from insights.flow.arrivals import arrivals
from insights.flow.distribution import distribution, scatter
from insights.flow.forecast_honesty import forecast_honesty
from insights.flow.headline import changes, headline, unreviewed_merges
from insights.flow.outcomes import outcomes
from insights.flow.review_load import review_load
from insights.flow.size_table import size_table
from insights.flow.targets import pickup_target
from insights.flow.where_time_goes import where_time_goes
from insights.flow.work_in_progress import work_in_progress
from insights.pull_requests.cohorts import Filter, merged_in, population
from insights.pull_requests.figures import depth, life, rounds, size
from insights.pull_requests.merge_window import merge_window
from insights.pull_requests.pace import yardsticks
from insights.pull_requests.population import Series
from insights.pull_requests.standing import standings
from insights.pulse.attention import attention
from insights.pulse.open_to_merge import open_to_merge, weekly_medians
from insights.pulse.pickup import pickup
from insights.pulse.waiting_for_review import waiting_for_review
from insights.pulse.yours import yours
from insights.result import Result, WhyNot
from insights.settings import ClockKind, Target
from tests.insights.lives import BOB, CONTEXT, HOUR, SETTINGS, measured
from tests.insights.pull_requests.strategies import START, lives

NOW = START + timedelta(days=61)
TARGET = Target(share=0.8, within=4 * HOUR)


@st.composite
def repositories(draw):
    """Some lives with different ids, as a repository has them."""
    facts = draw(st.lists(lives(), max_size=30))
    return [msgspec.structs.replace(one, id=number) for number, one in enumerate(facts, start=1)]


LOOKS = st.builds(
    lambda kind, days: look(SETTINGS, now=NOW + timedelta(days=days), kind=kind),
    st.sampled_from(ClockKind),
    st.integers(0, 30),
)
FILTERS = st.builds(Filter, series=st.sampled_from(Series))

COHORT_FIGURES = {
    "open_to_merge": open_to_merge,
    "weekly_medians": weekly_medians,
    "pickup": pickup,
    "work_in_progress": work_in_progress,
    "where_time_goes": where_time_goes,
    "distribution": distribution,
    "scatter": scatter,
    "arrivals": arrivals,
    "ageing": ageing,
    "size_table": size_table,
    "review_load": review_load,
    "outcomes": outcomes,
    "forecast_honesty": forecast_honesty,
    "pickup_target": lambda rows, one, chosen: pickup_target(rows, one, TARGET, chosen=chosen),
}


@pytest.mark.parametrize("figure", COHORT_FIGURES.values(), ids=COHORT_FIGURES.keys())
@given(facts=repositories(), one=LOOKS, chosen=FILTERS, data=st.data())
@hypothesis_settings(max_examples=20)
def test_a_figure_of_a_repository_answers_the_same_in_any_order(figure, facts, one, chosen, data):
    rows = [measured(fact) for fact in facts]
    answer = figure(rows, one, chosen=chosen)

    assert figure(data.draw(st.permutations(rows)), one, chosen=chosen) == answer
    check(answer)


@given(facts=repositories(), one=LOOKS, chosen=FILTERS)
@hypothesis_settings(max_examples=20)
def test_the_head_of_the_page_answers_with_and_without_changes(facts, one, chosen):
    rows = [measured(fact) for fact in facts]
    compared = headline(rows, one, chosen=chosen, changes=changes(rows, one, chosen=chosen))

    for figure in (compared.merged, compared.open_to_merge, compared.pickup, compared.review, compared.unreviewed):
        check(figure.now)
        check(figure.before)
    assert headline(rows, one, chosen=chosen).merged.now == compared.merged.now


@given(facts=repositories(), one=LOOKS)
@hypothesis_settings(max_examples=20)
def test_the_figures_of_the_overview_answer(facts, one):
    rows = [measured(fact) for fact in facts]
    usual = yardsticks(merged_in(rows, one.last_days(90)), one.kind)
    open_ones = [fact for fact in facts if fact.is_open]
    standing = standings(open_ones, one, CONTEXT, usual=usual)

    assert len(standing) == len(open_ones)
    assert all(each.waited >= timedelta(0) for each in standing)
    for answer in (waiting_for_review(standing, usual), attention(standing), yours(standing, viewer=BOB)):
        check(answer)
    waiting = waiting_for_review(standing, usual)
    assert waiting.n + sum(waiting.exclusions.values()) == len(open_ones)
    listed = attention(standing)
    assert listed.n + sum(listed.exclusions.values()) == len(open_ones)


@given(facts=repositories(), one=LOOKS)
@hypothesis_settings(max_examples=20)
def test_the_figures_of_each_pull_request_answer(facts, one):
    rows = [measured(fact) for fact in facts]
    everyone = population(rows)
    for row in rows:
        for answer in (life(row, one), size(row, rows, one), rounds(row), depth(row)):
            check(answer)
        if row.merged_at is None:
            check(merge_window(row, everyone, one))


@given(facts=repositories(), one=LOOKS)
@hypothesis_settings(max_examples=20)
def test_unreviewed_merges_are_never_more_than_merges(facts, one):
    cohort = merged_in([measured(fact) for fact in facts], one.last_days(90))
    answer = unreviewed_merges(cohort)

    check(answer)
    if answer.value is not None:
        assert 0 <= answer.value.count <= answer.n <= len(cohort)


@given(facts=repositories())
@hypothesis_settings(max_examples=20)
def test_people_and_bots_share_no_pull_request(facts):
    rows = [measured(fact) for fact in facts]
    people = {item.id for item in population(rows)}
    bots = {item.id for item in population(rows, chosen=Filter(series=Series.BOT))}

    assert not people & bots
    assert people | bots == {row.id for row in rows if row.exclusion in {None, "bot_author"}}


def check(answer):
    """What holds of every Result: it leads to a definition, its counts are counts, and it can be written down."""
    assert isinstance(answer, Result)
    assert definition_of(answer.definition) is CATALOGUE[answer.definition.name]
    assert (answer.value is None) != (answer.why_not is None)
    assert answer.n >= 0
    assert answer.n == 0 or answer.why_not not in {WhyNot.NO_DATA, WhyNot.NOT_KNOWN, WhyNot.NOT_READY}
    assert all(count > 0 for count in (*answer.exclusions.values(), *answer.flags.values()))
    assert len(set(answer.members)) == len(answer.members)
    assert msgspec.json.encode(answer)
