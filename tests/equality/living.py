"""One life from a seed: what happens, what of it reaches us and when, what troubles our calls, and how it all ends."""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass, field
from datetime import timedelta

from tests.equality.household import Household
from tests.equality.lives import Life
from tests.equality.post import Post, Tally
from tests.equality.truth import copy_of, differences, truth_of

DEEDS_BEFORE = (0, 30)
DEEDS_AFTER = (25, 60)
BUDGETS = (60, 120, 700)


@dataclass
class Lived:
    """How a life went. `different` is empty where our copy is the truth."""

    seed: int
    tally: Tally
    calls: int
    calls_of_comparison: int
    outages: int
    troubles: int
    pull_requests: int
    facts: int
    drift: int
    different: dict = field(default_factory=dict)


def live(seed, database_url):
    """Live it on an empty, migrated database."""
    chance = random.Random(seed)
    with contextlib.closing(Life(seed=seed)) as life:
        for _ in range(chance.randint(*DEEDS_BEFORE)):
            life.step()
        post = Post(chance)
        post.skip(life.events)
        with contextlib.closing(Household(life, database_url, calls_per_hour=chance.choice(BUDGETS))) as house:
            return _live(seed, chance, life, post, house)


def _live(seed, chance, life, post, house):
    outages = troubles = 0
    for _ in range(chance.randint(*DEEDS_AFTER)):
        life.step()
        if chance.random() < 0.06:
            post.are_we_out = not post.are_we_out
            outages += post.are_we_out
        if chance.random() < 0.10:
            troubles += 1
            house.trouble(chance)
        if chance.random() < 0.05:
            house.limit(chance.choice([0, 10, None]))
        post.take(life.events)
        house.receive(post.arrived(life.now))
        if not post.are_we_out and chance.random() < 0.5:
            house.work()
    house.end_of_troubles()
    life.now += timedelta(hours=2)
    post.take(life.events)
    house.receive(post.arrived(life.now))
    before = house.calls
    house.live_until(house.has_compared_since(life.now))
    with house.services.readers() as session:
        held = house.held(session)
        truth, copy = truth_of(life.repository), copy_of(session, held, life.repository)
        drift = house.drift(session)
    return Lived(
        seed=seed,
        tally=post.tally,
        calls=house.calls,
        calls_of_comparison=house.calls - before,
        outages=outages,
        troubles=troubles,
        pull_requests=len(life.repository.pull_requests),
        facts=sum(map(len, truth.values())),
        drift=drift,
        different=differences(truth, copy),
    )
