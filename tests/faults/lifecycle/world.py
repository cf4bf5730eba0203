"""A life without its steps: who takes part, what is drawn by chance, and what must hold after each step."""

from __future__ import annotations

import random
from collections import Counter

from tests.faults.lifecycle.books import ABSENT, ACTIVE, PENDING, UNINSTALLED, WHOLE, Books
from tests.faults.lifecycle.forgeries import GUESSED, about
from tests.faults.lifecycle.house import House, delivery_uuid
from tests.faults.lifecycle.neighbours import NEIGHBOURS
from tests.faults.lifecycle.rows import rows_in
from tests.faults.lifecycle.town import Town
from tests.sync.bodies import branch_body, change_body, comment_body, commit_body, pull_request_body, push_body
from tests.tenants import Clock


class World:
    """One database, one process, three tenants and Bitbucket; everything that is chance comes from a seed."""

    def __init__(self, database_url, seed):
        self.chance = random.Random(seed)
        self.clock, self.town = Clock(), Town()
        self.house = House(database_url, self.town, self.clock)
        self.books = Books(self.house.services.secret_box)
        self.rows = rows_in(self.house.services.engine)
        self.steps = Counter()
        self.told = []
        self.number = 1  # the first is a forger's
        self.generation = dict.fromkeys((one.name for one in NEIGHBOURS), 0)

    def close(self):
        self.house.close()

    def _anybody(self):
        return self.chance.choice(NEIGHBOURS)

    def _either(self):
        return self.chance.choice([0, 1])

    def _scope(self):
        return self.chance.choice([WHOLE, 0, 1])

    def _tell(self, who, which, kind, number):
        self.number += 1
        repository = who.repositories[which]
        self._deliver(who, self._told(who, repository, kind, number), repository, self.number)
        self._took("webhook", who)

    def _work(self):
        done = self.house.apply_one()
        self._took("apply", *NEIGHBOURS, at_most=1)
        return done

    def _took(self, step, *who, at_most=3):
        """What must hold after each step."""
        self.steps[step] += 1
        self.told.append(step)
        self.clock.advance(seconds=1)
        before, self.rows = self.rows, rows_in(self.house.services.engine)
        changed = self.rows.changed_since(before)
        allowed = {one.name for one in who}
        assert changed <= allowed, f"{step}: rows of {changed - allowed} are other ones"
        assert len(changed) <= at_most
        assert self.town.trespasses == []
        self.books.check(self.rows)

    def _next_secret(self, who):
        self.generation[who.name] += 1
        return who.secret(self.generation[who.name])

    def _told(self, who, repository, kind, number):
        """An event with the words of its owner in it. Each is newer than the last."""
        minutes = self.number
        author, body = who.member, self.town.repository(repository)
        if kind == "push":
            commit = commit_body(minutes, minutes=minutes, message=f"{who.canary} commit")
            change = change_body(f"{who.canary}-{number}", new=commit, commits=[commit])
            return about("repo:push", body, **push_body(change))
        told = pull_request_body(number, minutes=minutes, title=f"{who.canary} change {number}", author=author)
        told["source"]["branch"] = {"name": f"{who.canary}-{number}"}
        told["destination"]["repository"] = told["source"]["repository"] = {"type": "repository", "uuid": repository}
        if kind == "comment":
            comment = comment_body(minutes, minutes=minutes, user=author)
            return about("pullrequest:comment_created", body, pullrequest=told, comment=comment)
        key = "pullrequest:created" if number == 1 else "pullrequest:updated"
        return about(key, body, pullrequest=told, branch=branch_body("main", commit_body(1)))

    def _deliver(self, who, told, repository, number):
        entry = self.books.of(who)
        answer = self.house.webhook(who, told, secret=entry.secret or GUESSED, number=number)
        rows = self.rows.own(who, "repositories")
        is_held = any(row["uuid"] == repository and row["state"] == "held" for row in rows)
        is_theirs = is_held or self.town.owner_of[repository] is who
        expected = {ABSENT: 401, UNINSTALLED: 401, PENDING: 503}.get(entry.state, 202 if is_theirs else 403)
        assert answer.status_code == expected
        if expected == 202:
            entry.deliveries[delivery_uuid(number)] = repository

    def _opened(self, who):
        """The page of an administrator; None where there is none for them."""
        entry = self.books.of(who)
        answer = self.house.configure(who, secret=entry.secret or GUESSED)
        if entry.state != ACTIVE:
            assert answer.status_code == (200 if entry.state == PENDING else 401)
            return None
        assert answer.status_code == (200 if self.town.administers[who.name] else 403)
        return answer if answer.status_code == 200 else None

    def _note_deleted(self, who):
        entry = self.books.of(who)
        done = {
            row["repository_uuid"] or WHOLE for row in self.rows.own(who, "deletions") if row["finished_at"] is not None
        }
        (scope,) = [one for one in entry.asked if one in done and self._is_done(who, one)][:1] or [None]
        assert scope is not None, "a deletion ended that nobody asked for"
        entry.asked.remove(scope)
        if scope == WHOLE:
            entry.forget()
        else:
            entry.deliveries = {uuid: about for uuid, about in entry.deliveries.items() if about != scope}

    def _is_done(self, who, scope):
        open_ones = [
            row
            for row in self.rows.own(who, "deletions")
            if row["finished_at"] is None and (row["repository_uuid"] or WHOLE) == scope
        ]
        return not open_ones
