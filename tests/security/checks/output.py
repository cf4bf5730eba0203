"""LEK-01: no secret and no token in anything that the service has ever written since it was started."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.security import attack_files
from tests.security.invariants import spellings
from tests.security.processes import command_lines
from tests.security.recipes.exchanges import Exchange
from tests.security.recipes.variants import each_variant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from tests.security.laboratory import Laboratory


def search_all_output(laboratory: Laboratory) -> set[str]:
    """Send every request that the files hold, good and bad, and search logs, metrics, files and process arguments."""
    # Calls that rotate and end installations come last: until then there are pages to take tokens from.
    entries = sorted(_entries(laboratory), key=lambda entry: entry["target"] in {"installed", "uninstalled"})
    sent = {token for token in (_send(laboratory, entry) for entry in entries) if token}
    laboratory.settle()
    needles = spellings(laboratory.cast.all_secrets()) | sent | laboratory.tokens
    needles = {needle for needle in needles if len(needle) > 20}
    assert len(sent) > 50, "too few tokens were sent for this to say anything"
    haystacks = dict(_output(laboratory))
    assert "request.finished" in haystacks["web.log"], "the log holds nothing, so this says nothing"
    assert "bittern_http_requests_total" in haystacks["metrics"]
    for where, text in haystacks.items():
        # Never with what was found: a report is an output too.
        assert not any(needle in text for needle in needles), f"a secret or a token stands in {where}"
    return {"0 hits"}


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
    yield "process arguments", command_lines(str(laboratory.egress.path))
    yield "connections", laboratory.egress.path.read_text(encoding="utf-8")
    for path in _files(laboratory.system.plan.state_directory):
        yield f"file {path.name}", path.read_bytes().decode("latin-1")


def _files(directory: Path) -> Iterator[Path]:
    """The database, its log, the queue's file: whatever the processes keep. Not the simulator's, which knows every secret."""
    return (path for path in directory.rglob("*") if path.is_file() and "simulator" not in path.name)
