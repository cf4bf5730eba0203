"""Every figure has a definition that a person can read, and it moves when its wording does."""

import hashlib
import importlib
import pkgutil
import re

import pytest

import insights
from insights.definitions import CATALOGUE, MODULES, definition_of
from insights.result import Definition, DefinitionId, Unit

# The first eight digits of the SHA-256 of each text. Whoever changes a text changes the figure or only its words: decide
# whether the version must move, then write the new digits here.
TEXTS: dict[str, tuple[int, str]] = {}


def modules():
    found = pkgutil.walk_packages(insights.__path__, prefix="insights.")
    return [importlib.import_module(info.name) for info in found if not info.name.startswith("insights.live")]


def test_the_catalogue_holds_every_definition_of_the_package():
    everywhere = {
        value.name for module in modules() for value in vars(module).values() if isinstance(value, Definition)
    }

    assert everywhere == set(CATALOGUE)


def test_no_two_definitions_share_a_name():
    own = [
        value
        for module in MODULES
        for name, value in vars(module).items()
        if isinstance(value, Definition) and name.isupper()
    ]

    assert len({id(value) for value in own}) == len({value.name for value in own}) == len(CATALOGUE)


@pytest.mark.parametrize("definition", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_a_definition_is_one_paragraph_of_plain_sentences(definition):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", definition.name)
    assert definition.version >= 1
    assert definition.title[0].isupper()
    assert definition.text.endswith(".")
    assert "\n" not in definition.text
    assert "  " not in definition.text
    assert 40 <= len(definition.text) <= 500
    assert definition.source
    assert isinstance(definition.unit, Unit)


def test_a_result_leads_to_its_definition():
    assert definition_of(DefinitionId("pickup", CATALOGUE["pickup"].version)).title == "Pickup"


@pytest.mark.parametrize("known", [DefinitionId("pickup", 99), DefinitionId("nonsense", 1)])
def test_a_definition_that_is_no_longer_in_use_is_not_another_one(known):
    with pytest.raises(KeyError):
        definition_of(known)


def test_a_text_does_not_change_unnoticed():
    now = {
        name: (found.version, hashlib.sha256(found.text.encode()).hexdigest()[:8]) for name, found in CATALOGUE.items()
    }

    assert now == TEXTS
