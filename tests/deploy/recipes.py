"""Reads the files that deploy Bittern."""

from __future__ import annotations

import configparser
import json
import shlex
from typing import TYPE_CHECKING

import yaml

from demo.procfile import parse_procfile
from tests.house_figures import ROOT

if TYPE_CHECKING:
    from pathlib import Path

UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))


def processes() -> dict[str, list[str]]:
    """The words of each process of the Procfile."""
    return {process.name: list(process.words) for process in parse_procfile((ROOT / "Procfile").read_text())}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile: each instruction with what follows it."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def final_stage() -> list[tuple[str, str]]:
    """What the image that is run is made with."""
    all_of_it = instructions()
    last = max(place for place, (word, _) in enumerate(all_of_it) if word == "FROM")
    return all_of_it[last:]


def only(word: str) -> str:
    (found,) = [rest for one, rest in final_stage() if one == word]
    return found


def words_of(word: str) -> list[str]:
    """The JSON form of CMD, and of the CMD within HEALTHCHECK."""
    text = only(word)
    return json.loads(text[text.index("[") :])


def copied() -> list[tuple[str, str]]:
    """From where in the tree, and to where, in the final image."""
    pairs = []
    for word, rest in final_stage():
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            pairs += [(source, target) for source in sources]
    return pairs


def compose() -> dict:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def unit(path: Path) -> dict[str, str]:
    """The [Service] section. Names that come twice, such as SystemCallFilter, are joined."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
    parser.optionxform = str
    parser.read(path)
    return dict(parser["Service"])


def command_of(path: Path) -> list[str]:
    """The command of a unit, without the folder of its environment."""
    program, *words = shlex.split(unit(path)["ExecStart"])
    return [program.removeprefix("/opt/bittern/.venv/bin/"), *words]
