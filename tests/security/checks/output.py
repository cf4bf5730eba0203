"""LEK-01: no secret and no token in anything that the service has said, kept or handed out since it was started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from tests.security import attack_files, processes
from tests.security.checks import outlets
from tests.security.invariants import spellings
from tests.security.recipes.exchanges import Exchange
from tests.security.recipes.variants import each_variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from tests.security.laboratory import Laboratory


def search_all_output(laboratory: Laboratory) -> set[str]:
    """Send every request that our file holds, good and bad, and search all that the service has ever said or kept."""
    # Calls that rotate and end installations come last: until then there are pages to take tokens from.
    entries = sorted(_entries(laboratory), key=lambda entry: entry["target"] in {"installed", "uninstalled"})
    haystacks = dict(outlets.exports(laboratory))
    sent = {token for token in (_send(laboratory, entry) for entry in entries) if token}
    laboratory.settle()
    tenants = {one for one in spellings(laboratory.cast.all_secrets()) | sent | laboratory.tokens if len(one) > 20}
    assert len(sent) > 50, "too few tokens were sent for this to say anything"
    haystacks |= dict(_output(laboratory))
    _check_haystacks(laboratory, haystacks)
    for where, text in haystacks.items():
        # Never with what was found: a report is an output too.
        assert not any(needle in text for needle in tenants | spellings(_own_secrets(laboratory))), (
            f"a secret or a token stands in {where}"
        )
    # The service's own keys stand here, and here alone; a tenant's secret never does.
    environments = processes.environments(str(laboratory.egress.path))
    assert any(key in environments for key in _own_secrets(laboratory)), (
        "no environment was found, so this says nothing"
    )
    assert not any(needle in environments for needle in tenants), "a secret or a token stands in an environment"
    return {"0 hits"}


def _check_haystacks(laboratory: Laboratory, haystacks: Mapping[str, str]) -> None:
    """Each holds what it is there for, or a search of it would say nothing."""
    assert "request.finished" in haystacks["web.log"]
    assert "bittern_http_requests_total" in haystacks["metrics"]
    assert "gunicorn" in haystacks["process arguments"]
    assert laboratory.cast.tenant("A").client_key in haystacks["the export of a workspace"]
    assert "BITTERN_SECRET_KEYS" in haystacks["flask bittern settings"]
    assert laboratory.cast.tenant("A").client_key in haystacks["flask bittern installations"]


def _own_secrets(laboratory: Laboratory) -> set[str]:
    """What the operator gives to the service: its keys, the token for its counts, the password of its database."""
    environment = laboratory.system.bittern_environment
    password = make_url(environment["BITTERN_DATABASE_URL"]).password
    return {*environment["BITTERN_SECRET_KEYS"].split(","), laboratory.metrics_token, *([password] if password else [])}


def _entries(laboratory: Laboratory) -> Iterator[Mapping[str, Any]]:
    for entry in json.loads(attack_files.OWN.read_text(encoding="utf-8"))["attacks"]:
        request = entry["request"]
        is_one_request = "path" in request and not {"concurrency", "repeat"} & request.keys()
        if is_one_request and entry.get("mode", "classic") == laboratory.cast.mode:
            yield from (variant for _, variant in each_variant(entry))


def _send(laboratory: Laboratory, entry: Mapping[str, Any]) -> str | None:
    exchange = laboratory.composer().compose(entry)
    laboratory.send(exchange)
    return exchange.token


def _output(laboratory: Laboratory) -> Iterator[tuple[str, str]]:
    for path in laboratory.journal.paths:
        yield path.name, path.read_text(encoding="utf-8", errors="replace")
    headers = (("Authorization", f"Bearer {laboratory.metrics_token}"),)
    yield "metrics", laboratory.send(Exchange("GET", "/metrics", headers)).text
    yield "process arguments", processes.command_lines(str(laboratory.egress.path))
    yield from outlets.printed_by_commands(laboratory)
    yield "connections", laboratory.egress.path.read_text(encoding="utf-8")
    for path in _files(laboratory.system.plan.state_directory):
        yield f"file {path.name}", path.read_bytes().decode("latin-1")


def _files(directory: Path) -> Iterator[Path]:
    """The database, its log, the queue's file: whatever the processes keep. Not the simulator's, which knows every secret."""
    return (path for path in directory.rglob("*") if path.is_file() and "simulator" not in path.name)
