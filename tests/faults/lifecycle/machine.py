"""Every step that the three and their world can take, in any order, with what must hold after each.

After each step: the rows are those that the books say; only rows of whoever took it are other ones; no answer held a word of
somebody else's; no call asked for one workspace with the token of another; what was forged was refused and changed nothing.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from tests.faults.lifecycle.books import ABSENT, ACTIVE, PENDING, UNINSTALLED, UNPROVED_KEPT, WHOLE
from tests.faults.lifecycle.forgeries import GUESSED, KINDS, SQUATTED, Forger, about
from tests.faults.lifecycle.house import text_of
from tests.faults.lifecycle.neighbours import NEIGHBOURS, others_than
from tests.faults.lifecycle.rows import rows_in
from tests.faults.lifecycle.world import World

SPANS = [
    timedelta(seconds=30),
    timedelta(minutes=20),
    timedelta(hours=3),
    timedelta(days=8),
    timedelta(days=31),
]
EVENTS = ["pull request", "push", "comment"]
PAGES = [
    "/panels/repository?repository={repository}&user={user}",
    "/panels/pull-request?repository={repository}&user={user}&pull_request={number}",
    "/pages/repository?repository={repository}&user={user}",
    "/pages/repository?repository={repository}&user={user}&tab=branches",
    "/pages/repository?repository={repository}&user={user}&tab=flow",
]


# What a life is made of, by the names of its methods: the greater the number, the more often.
STEPS = {
    "install": 4,
    "uninstall": 3,
    "squat": 2,
    "forge": 24,
    "tell": 14,
    "tell_again": 3,
    "work": 14,
    "transfer": 2,
    "look": 14,
    "save": 4,
    "export": 3,
    "delete": 3,
    "delete_due": 3,
    "resume": 3,
    "change_permission": 1,
    "crash": 1,
    "crash_before_a_commit": 1,
    "time_passes": 5,
    "the_clock_is_put_back": 1,
    "purge": 3,
}


class Life(World):
    """One life, from a seed: the same seed on the same code takes the same steps."""

    def begin(self):
        """Two or three are there already, and have something to hide."""
        for one in NEIGHBOURS[: self.chance.choice([2, 3])]:
            self.install(one)
            self._tell(one, 0, "pull request", 1)
            self._tell(one, 1, "push", 2)
        while self._work():
            pass

    def step(self):
        kinds, weights = zip(*STEPS.items(), strict=True)
        (kind,) = self.chance.choices(kinds, weights)
        getattr(self, kind)()

    # Installations

    def install(self, who=None):
        """A first install, a rotation or a re-install: unsigned before anything is known, else with the secret that is."""
        who = who or self._anybody()
        entry, offered = self.books.of(who), self._next_secret(who)
        known = entry.secret if entry.state in {ACTIVE, UNINSTALLED} else None
        before, self.town.secrets[who.name] = self.town.secrets.get(who.name), offered
        at = int(self.clock().timestamp()) if known else None
        answer = self.house.lifecycle("installed", who, signed=known, offers=offered)
        if known and entry.lifecycle_at is not None and at < entry.lifecycle_at:
            assert answer.status_code == 409
            self.town.secrets[who.name] = before
        else:
            assert answer.status_code == 204
            entry.accept(offered, at=at)
        self._took("install", who)

    def uninstall(self):
        who = self._anybody()
        entry, at = self.books.of(who), int(self.clock().timestamp())
        answer = self.house.lifecycle("uninstalled", who, signed=entry.secret or GUESSED)
        if entry.state == ABSENT:
            assert answer.status_code == 401
        elif entry.state in {ACTIVE, UNINSTALLED} and entry.lifecycle_at is not None and at < entry.lifecycle_at:
            assert answer.status_code == 409
        else:
            assert answer.status_code == 204
            if entry.state == ACTIVE:
                entry.end(at=at, now=self.clock())
        self._took("uninstall", who)

    def squat(self):
        """Somebody installs first, with a secret that Bitbucket does not know: it is kept apart, and blocks nobody."""
        who = self._anybody()
        entry = self.books.of(who)
        if entry.state in {ABSENT, PENDING}:
            self.town.secrets.pop(who.name, None)
            assert self.house.lifecycle("installed", who, offers=SQUATTED).status_code == 204
            entry.state, entry.secret, entry.previous = PENDING, SQUATTED, None
            entry.lifecycle_at, entry.purge_after = None, self.clock() + UNPROVED_KEPT
        self._took("squat", who)

    def forge(self):
        kind = self.chance.choice(KINDS)
        victim = self._anybody()
        place = self._either()
        forger = others_than(victim)[place]
        theirs, own = self.books.of(victim), self.books.of(forger)
        if kind == "install_unsigned" and theirs.state in {ABSENT, PENDING}:
            return
        if kind == "deletion_of_theirs" and not (own.state == ACTIVE and self.town.administers[forger.name]):
            return
        if self.town.owner_of[victim.repositories[0]] is not victim:
            return
        acting = Forger(
            self.house, self.town, forger, victim, own=own.secret, theirs=theirs.secret, old=theirs.previous
        )
        status = getattr(acting, kind)().status_code
        # To whoever is not proved yet, or wants nothing collected, one page is shown that knows of no repository.
        is_bland = kind.endswith("_of_theirs") and (own.state == PENDING or WHOLE in own.stopped)
        is_refused = 400 <= status < 500 or status == 503 or (status == 200 and is_bland)
        assert is_refused, f"{kind} by {forger.name} against {victim.name}: {status}"
        # A page of their own may be the first of a repository of theirs, which is then known.
        self._took(f"forge: {kind}", *([forger] if kind == "own_token_for_theirs" else []))

    # Webhooks and work

    def tell(self):
        """A webhook. Whose repository it is may have changed; what is told is the installation's own."""
        self._tell(self._anybody(), self._either(), self.chance.choice(EVENTS), self._either() + 1)

    def tell_again(self):
        """The same delivery once more: nothing new."""
        who = self._anybody()
        which = self._either()
        self.number += 1
        repository = who.repositories[which]
        told = self._told(who, repository, "push", 1)
        for _ in range(2):
            self._deliver(who, told, repository, self.number)
        self._took("webhook twice", who)

    def work(self):
        """One delivery is applied: that of one tenant, and of nobody else."""
        self._work()

    def transfer(self):
        """The second repository moves to another workspace, and whoever had it is told."""
        who = self._anybody()
        to = self._anybody()
        repository = who.repositories[1]
        owner = self.town.owner_of[repository]
        self.town.owner_of[repository] = to
        self.number += 1
        self._deliver(owner, about("repo:transfer", self.town.repository(repository)), repository, self.number)
        self._took("transfer", owner)

    # Pages

    def look(self):
        who = self._anybody()
        which = self._either()
        page = self.chance.choice(PAGES)
        place = self._either()
        entry, repository = self.books.of(who), who.repositories[which]
        user = (who.administrator, who.member)[place]["uuid"]
        target = page.format(repository=quote(repository), user=quote(user), number=place + 1)
        answer = self.house.page(who, target, secret=entry.secret or GUESSED)
        if entry.state == ACTIVE and self.town.owner_of[repository] is who and "pull-request" not in page:
            assert answer.status_code == 200, answer.get_data(as_text=True)
        elif entry.state in {ABSENT, UNINSTALLED}:
            assert answer.status_code == 401
        else:
            assert answer.status_code in {200, 404, 503}
        self.steps["own words shown"] += who.canary in text_of(answer)
        self._took("page", who)

    def save(self):
        who = self._anybody()
        approvals = self.chance.randint(0, 5)
        opened = self._opened(who)
        if opened is not None:
            answer = self.house.form(who, "settings", opened, required_approvals=str(approvals), do="save")
            entry = self.books.of(who)
            assert answer.status_code == 200
            if approvals != entry.approvals:
                entry.settings_version, entry.approvals = entry.settings_version + 1, approvals
        self._took("settings", who)

    def export(self):
        who = self._anybody()
        opened = self._opened(who)
        if opened is not None:
            answer = self.house.form(who, "export", opened)
            assert answer.mimetype == "application/zip"
            self.steps["own words exported"] += who.canary in text_of(answer)
        self._took("export", who)

    def delete(self):
        who = self._anybody()
        which = self._scope()
        opened = self._opened(who)
        if opened is not None:
            held = {row["uuid"] for row in self.rows.own(who, "repositories") if row["state"] == "held"}
            scope = WHOLE if which == WHOLE else who.repositories[which]
            known = next((row for row in self.rows.own(who, "repositories") if row["uuid"] == scope), {})
            name = who.principal["display_name"] if scope == WHOLE else known.get("full_name") or "none"
            answer = self.house.form(who, "delete", opened, scope=scope or "workspace", confirm=name)
            is_theirs = scope == WHOLE or scope in held
            assert answer.status_code == (200 if is_theirs else 422 if self.town.administers[who.name] else 403)
            if is_theirs:
                entry = self.books.of(who)
                entry.stopped.add(scope)
                entry.asked += [scope] if scope not in entry.asked else []
        self._took("deletion asked", who)

    def delete_due(self):
        before = self.rows
        done = self.house.delete_due()
        self.rows = rows_in(self.house.services.engine)
        changed = self.rows.changed_since(before)
        assert len(changed) == (1 if done else 0)
        for who in NEIGHBOURS:
            if who.name in changed:
                self._note_deleted(who)
        self._took("deletion done", *NEIGHBOURS)

    def resume(self):
        who = self._anybody()
        which = self._scope()
        opened = self._opened(who)
        if opened is not None:
            entry, scope = self.books.of(who), WHOLE if which == WHOLE else who.repositories[which]
            answer = self.house.form(who, "resume", opened, scope=scope or "workspace")
            about_it = {scope, WHOLE} if scope else set(entry.asked)
            is_free = not about_it & set(entry.asked)
            if is_free and (scope in entry.stopped or (scope == WHOLE and entry.stopped)):
                assert answer.status_code == 200
                entry.stopped -= entry.stopped if scope == WHOLE else {scope}
            else:
                assert answer.status_code == 422
        self._took("collecting again", who)

    # The world

    def change_permission(self):
        """Who administers a workspace is Bitbucket's to say; what we remember of it ends with the process."""
        who = self._anybody()
        self.town.administers[who.name] = not self.town.administers[who.name]
        self.house.restart()
        self._took("permission changed")

    def crash(self):
        self.house.restart()
        self._took("restart")

    def crash_before_a_commit(self):
        """What was not acknowledged is not there, and Bitbucket sends it again."""
        who = self._anybody()
        which = self._either()
        entry = self.books.of(who)
        self.number += 1
        told = self._told(who, who.repositories[which], "push", 1)
        with self.house.commits_fail():
            webhook = self.house.webhook(who, told, secret=entry.secret or GUESSED, number=self.number)
            ended = self.house.lifecycle("uninstalled", who, signed=entry.secret or GUESSED)
        assert webhook.status_code >= 400
        assert ended.status_code >= 400 or entry.state in {UNINSTALLED, PENDING}
        self.house.restart()
        self._took("crash before a commit")

    def time_passes(self):
        span = self.chance.choice(SPANS)
        self.clock.time += span
        self._took("time passes")

    def the_clock_is_put_back(self):
        span = self.chance.choice(SPANS[:3])
        self.clock.time -= span
        self._took("clock put back")

    def purge(self):
        """Of what is due, one: its rows go, and nobody else's."""
        due = [
            one for one in NEIGHBOURS if (after := self.books.of(one).purge_after) is not None and after <= self.clock()
        ]
        before = self.rows
        assert self.house.purge_due() == bool(due)
        changed = rows_in(self.house.services.engine).changed_since(before)
        assert len(changed) == bool(due)
        for who in due:
            if who.name in changed and self.books.of(who).state == PENDING:
                self.books.clear(who)
            elif who.name in changed:
                self.books.of(who).purge()
        self._took("purge", *due)
