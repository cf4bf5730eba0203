"""Making up a pull request's life, step by step, in the working hours of those who are in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.world.story import vocabulary as words
from simulator.world.story.beats import Build, Plot
from simulator.world.story.cast import BUILD_SERVER, DEPENDENCY_BOT, Person, Venue

if TYPE_CHECKING:
    import random

    from simulator.world.story.calendar import Calendar

_LONGEST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Manner:
    """How one pull request goes: its fate and the things that slow it down."""

    fate: str = "merged"
    """merged, declined, left (nobody cares any more)"""
    slowness: float = 1.0
    draft: bool = False
    silent: bool = False
    """no reviewer ever looks"""


class Plotter:
    """Makes up pull requests for one repository from one stream of random numbers."""

    def __init__(self, venue: Venue, people: tuple[Person, ...], calendar: Calendar, rng: random.Random) -> None:
        self.venue = venue
        self.people = [person for person in people if venue.area in person.areas]
        self.everyone = people
        self._calendar = calendar
        self._rng = rng
        self._serial = 100

    # Words

    def say(self, templates: tuple[str, ...]) -> str:
        """A sentence from one of the templates."""
        verb, noun, other = self._rng.choice(words.VERBS), self._rng.choice(words.NOUNS), self._rng.choice(words.NOUNS)
        return self._rng.choice(templates).format(verb=verb, Verb=verb.capitalize(), noun=noun, other=other)

    def blank(self, author: Person, *, draft: bool = False, prefix: str | None = None) -> Plot:
        """A pull request of which nothing has happened yet."""
        self._serial += self._rng.randrange(1, 4)
        kind = prefix or self._rng.choice(words.PREFIXES)
        title = self.say(words.TITLES[kind])
        short = "-".join(title.lower().replace(",", "").split()[:5])
        branch = f"{kind}/{self.venue.project.lower()}-{self._serial}-{short}"
        size = self._rng.choice((0.5, 0.8, 1.0, 1.0, 1.3, 1.8, 2.6))
        plot = Plot(author, branch, title, self.say(words.DESCRIPTIONS), draft=draft, size=size)
        plot.close_source_branch = self._rng.random() < 0.82
        return plot

    # Time

    def later(self, person: Person, at: datetime, hours: float, *, spread: float = 0.8) -> datetime:
        """When `person` gets to something that usually takes them `hours` of work."""
        drawn = hours * self._rng.lognormvariate(0, spread)
        moment = self._calendar.after(person, at, drawn)
        return moment + timedelta(seconds=self._rng.randrange(60), microseconds=self._rng.randrange(10**6))

    def builds(self, at: datetime, *, may_fail: bool = True) -> list[Build]:
        """What the build servers make of a push at `at`."""
        made = []
        for key in self.venue.builds:
            started = at + timedelta(seconds=self._rng.randrange(8, 60))
            finished = started + timedelta(minutes=self._rng.uniform(*self.venue.build_minutes))
            chance = self._rng.random()
            if may_fail and chance < self.venue.failing:
                made.append(Build(key, started, finished, "FAILED"))
                continue
            if chance > 1 - self.venue.flaky:
                finished += timedelta(minutes=self._rng.uniform(15, 90))
            made.append(Build(key, started, finished, "STOPPED" if 0.5 < chance < 0.505 else "SUCCESSFUL"))
        return made

    # Pieces of a life

    def write(self, plot: Plot, at: datetime, commits: int) -> datetime:
        """The author begins a branch and commits; answers when the last commit is made."""
        plot.add(at, "start", plot.author)
        for number in range(commits):
            at = self.later(plot.author, at, 0.7 if number else 1.2)
            plot.add(at, "commit", plot.author, message=self.say(words.COMMITS))
        return at

    def begin(self, plot: Plot, at: datetime) -> datetime:
        """From nothing to opened; answers when."""
        at = self.write(plot, at, 1 + min(7, int(self._rng.expovariate(0.65))))
        opened = self.later(plot.author, at, 0.3)
        plot.add(opened, "push", plot.author, builds=self.builds(opened))
        plot.add(opened + timedelta(seconds=20), "open", plot.author)
        if self._rng.random() < 0.06:
            plot.add(
                self.later(plot.author, opened, 0.4), "retitle", plot.author, title=self.say(words.TITLES["feature"])
            )
        return self._mended(plot, opened)

    def _mended(self, plot: Plot, at: datetime) -> datetime:
        """If the last push failed to build, the author pushes again until it does not; answers when it is whole."""
        for _ in range(3):
            builds: list[Build] = plot.newest_builds()
            failed = [one for one in builds if one.state == "FAILED"]
            if not failed:
                return at
            at = self.push(plot, max(one.finished for one in failed), hours=0.8, messages=("Fix the build",))
        return at

    def push(
        self, plot: Plot, at: datetime, *, hours: float, messages: tuple[str, ...], may_fail: bool = True
    ) -> datetime:
        """The author commits and pushes once more; answers when."""
        at = self.later(plot.author, at, hours)
        if self._rng.random() < 0.12:
            plot.add(at, "rebase", plot.author)
        plot.add(at + timedelta(seconds=1), "commit", plot.author, message=self.say(messages))
        plot.add(at + timedelta(seconds=30), "push", plot.author, builds=self.builds(at, may_fail=may_fail))
        return at + timedelta(seconds=30)

    def choose_reviewers(self, plot: Plot) -> list[Person]:
        """Whom the author asks."""
        pool = [person for person in self.people if person is not plot.author]
        wanted = min(len(pool), self._rng.choice((1, 1, 2, 2, 2, 3)))
        chosen = [person for person in pool if person.key in self.venue.default_reviewers]
        while len(chosen) < wanted:
            person = self._rng.choices(pool, [one.reviews for one in pool])[0]
            if person not in chosen:
                chosen.append(person)
        return chosen

    def discuss(self, plot: Plot, reviewer: Person, at: datetime, *, threads: int, task: bool = False) -> datetime:
        """A reviewer leaves remarks, perhaps with a task; answers when they are done."""
        for _ in range(threads):
            at = self.later(reviewer, at, 0.08)
            beat = plot.add(at, "comment", reviewer, text=self.say(words.REMARKS), inline=self._rng.random() < 0.75)
            if task:
                plot.add(at + timedelta(seconds=9), "task", reviewer, text=self.say(words.TASKS), on=beat)
                task = False
        return at

    def answer(self, plot: Plot, at: datetime) -> datetime:
        """The author answers and resolves what is open; answers when the last is done."""
        answered = {beat.details.get("parent") for beat in plot.beats}
        for beat in [one for one in plot.beats if one.kind == "comment" and "parent" not in one.details]:
            if beat in answered or beat.actor is plot.author or beat.at > at or self._rng.random() < 0.2:
                continue
            at = self.later(plot.author, at, 0.06)
            plot.add(at, "comment", plot.author, text=self.say(words.ANSWERS), parent=beat)
            if self._rng.random() < 0.6:
                plot.add(at + timedelta(seconds=5), "resolve", plot.author, on=beat)
        for beat in [one for one in plot.beats if one.kind == "task" and one.at < at]:
            if not any(one.kind == "task_done" and one.details["on"] is beat for one in plot.beats):
                plot.add(at + timedelta(seconds=40), "task_done", plot.author, on=beat)
        return at

    # Whole lives

    def live(self, plot: Plot, at: datetime, manner: Manner) -> Plot:
        """A human's pull request from its first commit to its fate."""
        plot.draft = manner.draft
        plot.reviewers = self.choose_reviewers(plot)
        at = self.begin(plot, at)
        if manner.draft:
            at = self.push(plot, at, hours=5 * manner.slowness, messages=words.COMMITS)
            at = self.later(plot.author, self._mended(plot, at), 2 * manner.slowness)
            plot.add(at, "ready", plot.author)
        if not manner.silent:
            at = self._reviewed(plot, at, manner)
        self._ended(plot, at, manner)
        return plot

    def _reviewed(self, plot: Plot, at: datetime, manner: Manner) -> datetime:
        """Rounds of reviews until enough approve or nobody is left who would; answers when it settles."""
        asked = [person for person in plot.reviewers if self._rng.random() < 0.86] or plot.reviewers[:1]
        approved: set[str] = set()
        for number in range(_LONGEST_ROUNDS):
            unhappy, ends = [], []
            for reviewer in asked:
                moment = self.later(reviewer, at, reviewer.pace_hours * manner.slowness * (0.55 if number else 1))
                is_content, done = self._verdict(plot, reviewer, moment, number)
                if is_content:
                    approved.add(reviewer.key)
                else:
                    unhappy.append(reviewer)
                ends.append(done)
            at = max(ends)
            if not unhappy:
                break
            at = self.answer(plot, self.push(plot, at, hours=2.5 * manner.slowness, messages=words.FIXES))
            at = self._mended(plot, at)
            asked = [
                one for one in asked if one in unhappy or (self.venue.resets_approvals and self._rng.random() < 0.8)
            ]
        return self._seconded(plot, at, approved)

    def _verdict(self, plot: Plot, reviewer: Person, at: datetime, number: int) -> tuple[bool, datetime]:
        """One reviewer's reading; answers whether they approve and when they are done."""
        chance = self._rng.random()
        changes = reviewer.strictness * min(1.6, 0.6 + plot.size / 2) * 0.5**number
        if chance < changes:
            threads = 1 + int(self._rng.expovariate(0.6))
            at = self.discuss(plot, reviewer, at, threads=threads, task=self._rng.random() < 0.2)
            plot.add(at + timedelta(seconds=15), "changes", reviewer)
            return False, at + timedelta(seconds=15)
        if chance < changes + 0.12 or chance > 0.8:
            at = self.discuss(plot, reviewer, at, threads=1)
            if number == 0 and chance < changes + 0.12:
                return False, at
        return True, self.approve(plot, reviewer, at + timedelta(minutes=2))

    def approve(self, plot: Plot, reviewer: Person, at: datetime) -> datetime:
        """A reviewer approves; answers when."""
        plot.add(at, "approve", reviewer)
        return at

    def _seconded(self, plot: Plot, at: datetime, approved: set[str]) -> datetime:
        """Where approvals are missing, a colleague is asked to look too."""
        pool = [one for one in self.people if one is not plot.author and one.key not in approved]
        missing = self.venue.approvals_wanted - len(approved)
        for colleague in self._rng.sample(pool, min(len(pool), max(0, missing))):
            plot.add(at + timedelta(minutes=3), "invite", plot.author, who=colleague)
            at = self.later(colleague, at, colleague.pace_hours)
            self.approve(plot, colleague, at)
        return at

    def _ended(self, plot: Plot, at: datetime, manner: Manner) -> None:
        if manner.fate == "merged":
            merger = plot.author if self._rng.random() < 0.8 else self._rng.choice(plot.reviewers or [plot.author])
            # Nobody here merges while a build still runs.
            at = max([at, *(one.finished for one in plot.newest_builds())])
            plot.add(self.later(merger, at, 1.2 * manner.slowness), "merge", merger)
        elif manner.fate == "declined":
            decliner = plot.author if self._rng.random() < 0.7 else self._rng.choice(self.people)
            at = self.later(decliner, at, 30 * manner.slowness)
            plot.add(at, "decline", decliner, reason=self._rng.choice(words.DECLINES))

    def dependency_update(self, at: datetime, *, fate: str) -> Plot:
        """The dependency bot's pull request: one package, sometimes merged at once, sometimes never."""
        package = self._rng.choice(words.PACKAGES)
        version = f"{self._rng.randrange(1, 30)}.{self._rng.randrange(20)}.{self._rng.randrange(10)}"
        title = f"Update {package} to {version}"
        text = f"Updates **{package}** to {version}.\n\n* [Release notes](https://packages.example/{package}/{version})"
        plot = Plot(
            DEPENDENCY_BOT, f"dependencies/{package}-{version}", title, text, size=0.4, package=(package, version)
        )
        plot.add(at, "start", DEPENDENCY_BOT)
        plot.add(at + timedelta(seconds=4), "commit", DEPENDENCY_BOT, message=title)
        plot.add(at + timedelta(seconds=9), "push", DEPENDENCY_BOT, builds=self.builds(at, may_fail=fate != "merged"))
        plot.add(at + timedelta(seconds=15), "open", DEPENDENCY_BOT)
        done = max(one.finished for one in plot.newest_builds())
        plot.add(done + timedelta(seconds=3), "comment", BUILD_SERVER, text=self.say(words.BOT_REMARKS))
        keeper = self._rng.choice(self.people)
        if fate == "merged":
            at = self.later(keeper, done, keeper.pace_hours * 2)
            self.approve(plot, keeper, at)
            plot.add(self.later(keeper, at, 0.1), "merge", keeper)
        elif fate == "declined":
            plot.add(self.later(keeper, done, 40), "decline", keeper, reason="Covered by a later update.")
        return plot
