"""A repository's year: when its pull requests begin, which of them go wrong, and what is open at the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.world.story import vocabulary as words
from simulator.world.story.beats import Build, Plot
from simulator.world.story.plots import Manner, Plotter

if TYPE_CHECKING:
    import random

    from simulator.world.story.calendar import Calendar
    from simulator.world.story.cast import Person, Venue

BOT_SHARE = 0.14
YEAR_DAYS = 365


@dataclass(slots=True)
class Season:
    """Everything that happens in one repository between `start` and `end`."""

    venue: Venue
    people: tuple[Person, ...]
    calendar: Calendar
    start: datetime
    end: datetime
    rng: random.Random

    def plots(self) -> list[Plot]:
        """All pull requests and stray branches, in no particular order."""
        plotter = Plotter(self.venue, self.people, self.calendar, self.rng)
        scripted = self._scripted(plotter)
        count = self.venue.pull_requests - len([one for one in scripted if any(b.kind == "open" for b in one.beats)])
        made = [self._one(plotter, begin) for begin in self._beginnings(count)]
        return [*made, *scripted, *self._stray_branches(plotter)]

    def _beginnings(self, count: int) -> list[datetime]:
        """When work begins: evenly through the season but for a quiet end of the calendar year."""
        span = (self.end - self.start).total_seconds() - 86400
        found: list[datetime] = []
        while len(found) < count:
            at = self.start + timedelta(seconds=self.rng.random() * span)
            is_quiet = (at.month, at.day) >= (12, 22) or (at.month, at.day) <= (1, 3)
            if not is_quiet or self.rng.random() < 0.25:
                found.append(at)
        return sorted(found)

    def _one(self, plotter: Plotter, begin: datetime) -> Plot:
        if self.rng.random() < BOT_SHARE:
            fate = self.rng.choices(("merged", "declined", "left"), (0.8, 0.17, 0.03))[0]
            if self.end - begin > timedelta(days=45) and fate == "left":
                fate = "declined"
            return plotter.dependency_update(begin, fate=fate)
        author = self.rng.choices(plotter.people, [one.activity for one in plotter.people])[0]
        plot = plotter.blank(author)
        return plotter.live(plot, plotter.later(author, begin, 0.2), self._manner())

    def _manner(self) -> Manner:
        fate = self.rng.choices(("merged", "declined"), (0.91, 0.09))[0]
        slowness = self.rng.choices((1.0, 2.5, 7.0), (0.86, 0.10, 0.04))[0]
        is_silent = fate == "declined" and self.rng.random() < 0.4
        return Manner(fate, slowness, draft=self.rng.random() < 0.13, silent=is_silent)

    def _stray_branches(self, plotter: Plotter) -> list[Plot]:
        """Branches that somebody pushed and forgot."""
        strays = []
        for _ in range(max(2, self.venue.pull_requests // 70)):
            author = self.rng.choice(plotter.people)
            begin = self.start + (self.end - self.start) * self.rng.random() * 0.95
            plot = plotter.blank(author, prefix="spike")
            last = plotter.write(plot, plotter.later(author, begin, 1), self.rng.randrange(1, 4))
            plot.add(last + timedelta(minutes=3), "push", author, builds=plotter.builds(last))
            strays.append(plot)
        return strays

    # What is open at the end, one of each kind, whatever the dice say

    def _scripted(self, plotter: Plotter) -> list[Plot]:
        """Open pull requests in every state of turn; the ages are in days before the end."""
        scenes = (
            (self._fresh, 0.8), (self._fresh, 2.0), (self._unanswered, 9.0), (self._unanswered, 23.0),
            (self._changes_wanted, 3.0), (self._changes_wanted, 12.0), (self._pushed_after_changes, 4.0),
            (self._ready_to_merge, 2.5), (self._ready_to_merge, 16.0), (self._half_approved, 5.0),
            (self._broken, 3.5), (self._draft, 6.0), (self._draft, 48.0), (self._without_reviewers, 11.0),
            (self._open_tasks, 7.0), (self._forgotten, 74.0), (self._forgotten, 131.0), (self._building, 0.01),
        )  # fmt: skip
        chosen = [scene for scene in scenes if self.rng.random() < self.venue.scenes]
        return [scene(plotter, self.end - timedelta(days=age)) for scene, age in chosen]

    def _opened(
        self, plotter: Plotter, at: datetime, *, reviewers: int = 2, draft: bool = False
    ) -> tuple[Plot, datetime]:
        """An open pull request with whole builds, opened at about `at`."""
        author = self.rng.choice(plotter.people)
        plot = plotter.blank(author, draft=draft)
        pool = [one for one in plotter.people if one is not author]
        plot.reviewers = self.rng.sample(pool, min(reviewers, len(pool)))
        at = min(at, self.end - timedelta(minutes=20))
        begin = at - timedelta(hours=6)
        plot.add(begin, "start", author)
        for number in range(self.rng.randrange(1, 5)):
            plot.add(begin + timedelta(minutes=50 * number), "commit", author, message=plotter.say(words.COMMITS))
        plot.add(at, "push", author, builds=plotter.builds(at, may_fail=False))
        plot.add(at + timedelta(seconds=30), "open", author)
        return plot, at

    def _fresh(self, plotter: Plotter, at: datetime) -> Plot:
        return self._opened(plotter, at)[0]

    def _unanswered(self, plotter: Plotter, at: datetime) -> Plot:
        plot, at = self._opened(plotter, at, reviewers=1)
        plot.add(plotter.later(plot.author, at, 30), "comment", plot.author, text="Has anybody had time to look?")
        return plot

    def _changes_wanted(self, plotter: Plotter, at: datetime) -> Plot:
        plot, at = self._opened(plotter, at)
        reviewer = plot.reviewers[0]
        at = plotter.discuss(plot, reviewer, plotter.later(reviewer, at, 2), threads=2)
        plot.add(at + timedelta(seconds=20), "changes", reviewer)
        return plot

    def _pushed_after_changes(self, plotter: Plotter, at: datetime) -> Plot:
        plot = self._changes_wanted(plotter, at)
        at = plotter.push(plot, plot.beats[-1].at, hours=3, messages=words.FIXES, may_fail=False)
        plotter.answer(plot, at)
        return plot

    def _ready_to_merge(self, plotter: Plotter, at: datetime) -> Plot:
        plot, at = self._opened(plotter, at)
        for reviewer in plot.reviewers:
            plotter.approve(plot, reviewer, plotter.later(reviewer, at, 2))
        return plot

    def _half_approved(self, plotter: Plotter, at: datetime) -> Plot:
        plot, at = self._opened(plotter, at)
        plotter.approve(plot, plot.reviewers[0], plotter.later(plot.reviewers[0], at, 2))
        return plot

    def _broken(self, plotter: Plotter, at: datetime) -> Plot:
        plot, at = self._opened(plotter, at)
        pushed = next(beat for beat in plot.beats if beat.kind == "push")
        pushed.details["builds"] = [Build(key, at, at + timedelta(minutes=6), "FAILED") for key in self.venue.builds]
        return plot

    def _draft(self, plotter: Plotter, at: datetime) -> Plot:
        plot, at = self._opened(plotter, at, reviewers=1, draft=True)
        plotter.push(plot, at, hours=4, messages=words.COMMITS, may_fail=False)
        return plot

    def _without_reviewers(self, plotter: Plotter, at: datetime) -> Plot:
        return self._opened(plotter, at, reviewers=0)[0]

    def _open_tasks(self, plotter: Plotter, at: datetime) -> Plot:
        plot = self._ready_to_merge(plotter, at)
        reviewer = plot.reviewers[-1]
        plotter.discuss(plot, reviewer, plotter.later(reviewer, plot.beats[-1].at, 1), threads=1, task=True)
        return plot

    def _forgotten(self, plotter: Plotter, at: datetime) -> Plot:
        plot, at = self._opened(plotter, at)
        reviewer = plot.reviewers[0]
        plotter.discuss(plot, reviewer, plotter.later(reviewer, at, 5), threads=1)
        return plot

    def _building(self, plotter: Plotter, at: datetime) -> Plot:
        plot, _ = self._opened(plotter, at)
        pushed = next(beat for beat in plot.beats if beat.kind == "push")
        late = self.end + timedelta(minutes=5)
        pushed.details["builds"] = [Build(key, pushed.at, late, "SUCCESSFUL") for key in self.venue.builds]
        return plot
