"""What the service hands out when it is asked to: what its commands print, and the exports of its pages."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.security.laboratory import panel_entry
from tests.security.recipes.exchanges import Exchange
from tests.security.recipes.routes import our_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.security.laboratory import Laboratory

FORM_TOKEN = re.compile(r'name="page_token" value="([^"]+)"')
EXPORT = "/pages/configure/export"
CSV = "/pages/repository/flow.csv"
RECORDER = {"PYTHONPATH", "EGRESS_RECORD"}


def printed_by_commands(laboratory: Laboratory) -> Iterator[tuple[str, str]]:
    """What an operator sees, errors included."""
    tenant = laboratory.cast.tenant("A")
    commands = (
        ("settings",),
        ("doctor",),
        ("status", "--json"),
        ("deliveries", "--json"),
        ("installations", "list", "--json"),
        ("installations", "show", tenant.client_key),
        ("people", "report", tenant.users["user_member"], "--json"),
    )
    printed: dict[str, str] = {}
    for words in commands:
        name = f"flask bittern {words[0]}"
        printed[name] = printed.get(name, "") + _printed(laboratory, words)
    yield from printed.items()


def _printed(laboratory: Laboratory, words: tuple[str, ...]) -> str:
    system = laboratory.system
    # Without the recorder: doctor calls the service's own public address, as an operator wants it to.
    environment = {name: value for name, value in system.bittern_environment.items() if name not in RECORDER}
    command = [sys.executable, "-m", "flask", "--app", "app", "bittern", *words]
    done = subprocess.run(command, cwd=system.plan.root, env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, f"flask bittern {words[0]} fails"
    return done.stdout + done.stderr


def exports(laboratory: Laboratory) -> Iterator[tuple[str, str]]:
    """Everything of a workspace, as its administrator gets it, and a page's figures as a table."""
    opened = panel_entry("A", "A.user_admin", page="/config")
    opened["request"]["query"] = [["user_uuid", "$A.user_admin"]]
    found = FORM_TOKEN.search(laboratory.ask(opened).text)
    assert found is not None, f"{our_path('/config')} does not open for an administrator"
    laboratory.tokens.add(found[1])
    body = urlencode({"page_token": found[1]}).encode()
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    exported = laboratory.send(Exchange("POST", EXPORT, headers, body=body))
    assert exported.status == 200, f"the export was answered {exported.status}"
    with zipfile.ZipFile(io.BytesIO(exported.body)) as archive:
        yield "the export of a workspace", "\n".join(archive.read(name).decode() for name in archive.namelist())
    table = laboratory.send(
        Exchange("GET", f"{CSV}?{urlencode({'link': laboratory.session_token('A.user_member', CSV)})}")
    )
    yield "the figures as a table", table.text
