"""Random lives of a repository: after the comparison our rows are Bitbucket's truth, exactly.

Of the webhooks 30 % are lost, others come twice, late and in any order; we are out at times; the API fails, rations and garbles;
our own quota is small. What was before the installation is read by the backfill. The seeds that fail are printed.

    pytest tests/equality [--seed FIRST] [--lives N] [--long]
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.equality import truth
from tests.equality.lives import Life
from tests.equality.living import live

SHORT_LIVES, LONG_LIVES = 3, 1000


@pytest.mark.fault("W2")
def test_our_copy_is_the_truth(fresh_database, figures, request):
    option = request.config.option
    count = option.lives or (LONG_LIVES if option.long else SHORT_LIVES)
    lives = [_lived(seed, fresh_database) for seed in range(option.seed, option.seed + count)]
    note(figures, fresh_database.__name__, lives, seeds=f"{option.seed} to {option.seed + count - 1}")
    assert {one.seed: one.different for one in lives if one.different} == {}


def _lived(seed, fresh_database):
    with fresh_database() as url:
        return live(seed, url)


def note(figures, database, lives, *, seeds):
    total = Counter()
    for one in lives:
        total.update(vars(one.tally))
        total.update(
            pull_requests=one.pull_requests,
            calls=one.calls,
            ended_by=one.calls_of_comparison,
            outages=one.outages,
            troubles=one.troubles,
            facts=one.facts,
        )
    figures.row(
        system=database,
        lives=len(lives),
        seeds=seeds,
        pull_requests=total["pull_requests"],
        webhooks=total["told"],
        lost=total["lost"],
        repeated=total["repeated"],
        delayed=total["delayed"],
        our_outages=total["outages"],
        API_troubles=total["troubles"],
        calls=total["calls"],
        facts_compared=total["facts"],
        drift_found=sum(one.drift for one in lives),
        not_equal=", ".join(str(one.seed) for one in lives if one.different) or "none",
    )


@pytest.fixture(scope="module")
def life():
    """One in which a good deal has happened."""
    life = Life(seed=3)
    for _ in range(250):
        life.step()
    life._tag()  # the others may all have been dropped
    yield life
    life.close()


def test_the_truth_has_facts_of_every_kind(life):
    """Otherwise the test above would prove less than it says."""
    assert [kind for kind, facts in truth.truth_of(life.repository).items() if not facts] == []


@pytest.mark.parametrize("kind", ["participants", "pushes", "builds", "files", "deployments", "commits"])
def test_a_fact_too_many_or_too_few_is_seen(life, kind):
    whole = truth.truth_of(life.repository)
    some = sorted(whole[kind], key=repr)
    copy = whole | {kind: set(some[1:]) | {("made up",)}}
    assert truth.differences(whole, copy) == {kind: ([some[0]], [("made up",)])}
