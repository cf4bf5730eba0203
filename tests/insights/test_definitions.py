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
TEXTS: dict[str, tuple[int, str]] = {
    "ageing": (1, "1c1a7f48"),
    "arrivals": (1, "6b30d9e3"),
    "attention": (1, "0436a987"),
    "authors": (1, "0a53b24c"),
    "branch_classes": (1, "f76ea0fa"),
    "build_duration": (1, "1e4c6529"),
    "change_failures": (1, "689d1b2f"),
    "co_change": (1, "05083b17"),
    "code_owners": (1, "b7aa08c8"),
    "collisions": (1, "f4961be0"),
    "deployment_frequency": (1, "57508e53"),
    "distribution": (1, "53af38b6"),
    "divergence": (1, "a4c1e71d"),
    "file_pull_requests": (1, "e4f83724"),
    "forecast_honesty": (1, "dd409e69"),
    "hotspot": (1, "5854861b"),
    "knowledge": (1, "eb818f68"),
    "lead_time": (1, "260b8810"),
    "life": (1, "859c8abb"),
    "main_branch": (1, "9da76839"),
    "merge_window": (1, "a8fc5478"),
    "merged": (1, "bec4093b"),
    "open_to_merge": (1, "94357937"),
    "outcomes": (1, "9a3dcff8"),
    "pace": (1, "6232fe46"),
    "pass_rate": (1, "c8265de9"),
    "passport": (1, "b196479d"),
    "pickup": (1, "6a676d93"),
    "pickup_target": (1, "12b0748d"),
    "punch_card_answers": (1, "ef12dd70"),
    "punch_card_commits": (1, "09363063"),
    "review": (1, "ab84f0c2"),
    "review_depth": (1, "b225ef31"),
    "review_load": (1, "a13fe701"),
    "revisions": (1, "9942fce8"),
    "rounds": (1, "9a663bbd"),
    "scatter": (1, "1ebfd163"),
    "size": (1, "49bd72d2"),
    "size_table": (1, "68b014cc"),
    "timeline": (1, "a23b87e5"),
    "truck_factor": (1, "5c6e1ccf"),
    "turn": (1, "b4fbc595"),
    "unfinished": (1, "782971b4"),
    "unreviewed_merges": (1, "d44cddee"),
    "waiting_for_review": (1, "2d3bf90c"),
    "where_time_goes": (1, "8f007c80"),
    "work_in_progress": (1, "14c42a46"),
    "yours": (1, "1c226cce"),
}


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
