"""Our side: the application on a real database, with requests as Bitbucket and browsers send them, and work as workers do it."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from urllib.parse import quote

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app import create_app
from models import deletions, purges
from services import create_services
from settings import Settings
from sync.deletion import delete_asked
from sync.deliveries import apply_next
from sync.purge import purge_installation
from tests.faults.lifecycle.neighbours import others_than
from tests.tenants import Doorbell
from tests.web.panels.setup.asking import changed, fields, form_token
from tests.web.signing import signed_headers, signed_url

KEY = "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdA"


class House:
    """One process of the service. `restart` loses what it holds in memory, and nothing else."""

    def __init__(self, database_url, town, clock):
        self.town, self.clock = town, clock
        self._settings = Settings(
            base_url="https://bittern.example.com",
            secret_keys=KEY,
            database_url=database_url,
            metrics_token="metrics-token-0123456789",
        )
        self.open()

    def open(self):
        self.services = create_services(self._settings, transport=self.town, now=self.clock, wake=Doorbell())
        self.client = create_app(services=self.services).test_client()

    def close(self):
        self.services.engine.dispose()

    def restart(self):
        self.close()
        self.open()

    def lifecycle(self, kind, neighbour, *, signed=None, offers=None, at=None):
        """An install or uninstall call: `signed` with a secret, or not at all; `offers` is the new secret."""
        target = f"/connect/{kind}"
        body = {
            "productType": "bitbucket",
            "eventType": kind,
            "key": "bittern",
            "clientKey": neighbour.client_key,
            "baseUrl": "https://bitbucket.org",
            "baseApiUrl": "https://api.bitbucket.org",
            "principal": neighbour.principal,
            "actor": {"type": "user", "uuid": neighbour.administrator["uuid"]},
        }
        if offers is not None:
            body["sharedSecret"] = offers
        headers = {} if signed is None else self.signed(target, neighbour, secret=signed, at=at)
        return self._answer(neighbour, self.client.post(target, json=body, headers=headers))

    def webhook(self, neighbour, told, *, secret, number):
        """`told` is an event and its body."""
        event_key, data = told
        headers = {
            **self.signed("/connect/webhook", neighbour, secret=secret),
            "Content-Type": "application/json",
            "X-Event-Key": event_key,
            "X-Request-UUID": delivery_uuid(number),
            "X-Attempt-Number": "1",
        }
        body = json.dumps({"event": event_key, "data": data})
        return self._answer(neighbour, self.client.post("/connect/webhook", data=body, headers=headers))

    def page(self, neighbour, target, *, secret, **claims):
        address = signed_url(target, client_key=neighbour.client_key, secret=secret, at=self.clock(), **claims)
        return self._answer(neighbour, self.client.get(address))

    def own_page(self, neighbour, target, token):
        """What a page of ours asks for itself."""
        headers = {"Authorization": f"Bearer {token}", "HX-Request": "true"}
        return self._answer(neighbour, self.client.get(target, headers=headers))

    def configure(self, neighbour, *, secret):
        return self.page(neighbour, f"/pages/configure?user={quote(neighbour.administrator['uuid'])}", secret=secret)

    def form(self, neighbour, action, opened, **values):
        token = {"page_token": form_token(opened)}
        sent = changed(fields(opened), **values) if action == "settings" else values
        return self._answer(neighbour, self.client.post(f"/pages/configure/{action}", data=sent | token))

    def signed(self, target, neighbour, *, secret, at=None, **claims):
        return signed_headers(target, client_key=neighbour.client_key, secret=secret, at=at or self.clock(), **claims)

    def _answer(self, neighbour, answer):
        """Nobody is told a word of anybody else's, whatever the answer is."""
        said = text_of(answer) + str(answer.headers)
        for other in others_than(neighbour):
            assert other.canary not in said, f"{neighbour.name} is told of {other.name}"
        return answer

    # What workers do.

    def apply_one(self):
        return apply_next(self.services, 0)

    def delete_due(self):
        """One deletion that was asked for. False where none is due."""
        with self.services.readers() as session:
            due = deletions.due(session, now=self.clock(), at_most=1)
        return bool(due) and delete_asked(self.services, due[0])

    def purge_due(self):
        with self.services.readers() as session:
            due = purges.due(session, now=self.clock(), at_most=1)
        return bool(due) and purge_installation(self.services, due[0])

    @contextlib.contextmanager
    def commits_fail(self):
        """The process is lost before each of its commits is done."""

        def fail(_connection):
            raise OperationalError("COMMIT", None, Exception("the process was killed"))

        event.listen(self.services.engine, "commit", fail)
        try:
            yield
        finally:
            event.remove(self.services.engine, "commit", fail)


def delivery_uuid(number):
    return f"dddddddd-0000-4000-8000-{number:012d}"


def text_of(answer):
    if answer.mimetype != "application/zip":
        return answer.get_data(as_text=True)
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())
