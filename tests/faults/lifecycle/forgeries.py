"""What somebody may try who has an installation of their own and knows every identifier of another's: none of it may do anything."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.web.panels.asking import page_token

if TYPE_CHECKING:
    from tests.faults.lifecycle.town import Town

GUESSED = "guessed-secret-0123456789-0123456789-0123456789"
# Of others than the one that signs: what is signed with the very secret that it offers is kept apart, as a first install is.
OFFERED = "offered-secret-0123456789-0123456789-0123456789"
SQUATTED = "squatted-secret-0123456789-0123456789-012345678"


def about(event_key, repository, **members):
    """An event and its body."""
    return event_key, {"actor": {}, "repository": repository, "push": {"changes": []}, **members}


class Forger:
    """One tenant against another. `own` and `theirs` are the secrets that they have; `old` is one that was theirs."""

    def __init__(self, house, town: Town, forger, victim, *, own, theirs, old):
        self.house, self.town, self.forger, self.victim = house, town, forger, victim
        self.own, self.theirs, self.old = own or GUESSED, theirs, old

    def install_unsigned(self):
        return self.house.lifecycle("installed", self.victim, offers=OFFERED)

    def install_with_own_secret(self):
        return self.house.lifecycle("installed", self.victim, signed=self.own, offers=OFFERED)

    def uninstall_with_own_secret(self):
        return self.house.lifecycle("uninstalled", self.victim, signed=self.own)

    def uninstall_unsigned(self):
        return self.house.lifecycle("uninstalled", self.victim)

    def install_in_their_name(self):
        """Signed as themselves, about the other."""
        target = "/connect/installed"
        headers = self.house.signed(target, self.forger, secret=self.own)
        body = {"clientKey": self.victim.client_key, "key": "bittern", "sharedSecret": OFFERED}
        return self.house.client.post(target, json=body, headers=headers)

    def webhook_with_own_secret(self):
        told = about("repo:push", self.town.repository(self.victim.repositories[0]))
        return self.house.webhook(self.victim, told, secret=self.own, number=1)

    def webhook_about_theirs(self):
        """Rightly signed, about a repository of the other's."""
        repository = self.town.repository(self.victim.repositories[0])
        return self.house.webhook(self.forger, about("repo:push", repository), secret=self.own, number=1)

    def panel_of_theirs(self):
        return self._panel(self.forger, secret=self.own)

    def page_of_theirs(self):
        target = f"/pages/repository?repository={quote(self.victim.repositories[0])}&user={quote(self._viewer())}"
        return self.house.page(self.forger, target, secret=self.own)

    def setup_of_theirs(self):
        target = f"/pages/configure/repository?repository={quote(self.victim.repositories[0])}"
        target += f"&user={quote(self._viewer())}"
        return self.house.page(self.forger, target, secret=self.own)

    def panel_with_old_secret(self):
        return self._panel(self.victim, secret=self.old or GUESSED)

    def panel_that_is_over(self):
        issued_at = int((self.house.clock() - timedelta(hours=2)).timestamp())
        return self._panel(self.victim, secret=self.theirs or GUESSED, iat=issued_at, exp=issued_at + 60)

    def panel_with_another_hash(self):
        return self._panel(self.victim, secret=self.theirs or GUESSED, qsh="0" * 64)

    def own_token_for_theirs(self):
        """A token of their own page, for a repository of the other's."""
        own = f"/panels/repository?repository={quote(self.forger.repositories[0])}&user={quote(self._viewer())}"
        token = page_token(self.house.page(self.forger, own, secret=self.own)) or "none"
        theirs = quote(self.victim.repositories[0])
        return self.house.own_page(self.forger, f"/panels/repository/refresh?repository={theirs}", token)

    def deletion_of_theirs(self):
        """From a page that is their own, with the other's repository in the form."""
        opened = self.house.configure(self.forger, secret=self.own)
        scope = self.victim.repositories[0]
        name = self.town.repository(scope)["full_name"]
        return self.house.form(self.forger, "delete", opened, scope=scope, confirm=name)

    def _panel(self, neighbour, *, secret, **claims):
        target = f"/panels/repository?repository={quote(self.victim.repositories[0])}&user={quote(self._viewer())}"
        return self.house.page(neighbour, target, secret=secret, **claims)

    def _viewer(self):
        return self.forger.administrator["uuid"]


KINDS = sorted(name for name in vars(Forger) if not name.startswith("_"))
