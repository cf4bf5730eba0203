"""The mutants fit the code as it is, and the command that runs them tells the caught from the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house_figures import ROOT
from tests.mutants.__main__ import ALL
from tests.mutants.mutant import Mutant, OutdatedError
from tests.mutants.running import run

SEEDED = 60


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_it_changes_what_stands_in_the_code(mutant):
    source = mutant.source_in(ROOT)
    changed = mutant.applied_to(source)
    assert changed != source
    compile(changed, mutant.path, "exec")
    assert all((ROOT / path).exists() for path in mutant.tests)


def test_there_are_enough_and_each_has_a_name_of_its_own():
    names = [mutant.name for mutant in ALL]
    assert len(names) == len(set(names)) >= SEEDED
    assert {Path(mutant.path).parts[0] for mutant in ALL} >= {"connect", "web", "models"}


def test_a_text_that_is_gone_or_stands_twice_is_outdated():
    mutant = Mutant("m", "x.py", "if a:", "if b:", ())
    assert mutant.applied_to("if a: pass") == "if b: pass"
    for source in ("if c: pass", "if a: pass\nif a: pass"):
        with pytest.raises(OutdatedError):
            mutant.applied_to(source)


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    root.mkdir()
    (root / "doors.py").write_text("def may_enter(key):\n    return key == 'right'\n")
    (root / "test_doors.py").write_text(
        "import doors\n\ndef test_the_right_key():\n    assert doors.may_enter('right')\n"
        "\ndef test_a_wrong_key():\n    assert not doors.may_enter('wrong')\n"
    )
    (root / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
    return root


def test_only_a_failing_test_counts_as_caught(tree):
    before, after = "return key == 'right'", "return True"
    mutants = [
        Mutant("caught", "doors.py", before, after, ("test_doors.py",)),
        Mutant("survives", "doors.py", before, after, ("test_nothing.py",)),
        Mutant("no-test", "doors.py", before, after, ("test_absent.py",)),
        Mutant("old", "doors.py", "return key is None", after, ("test_doors.py",)),
    ]
    outcomes = {verdict.mutant.name: verdict.outcome for verdict in run(mutants, root=tree)}
    assert outcomes["caught"] == "caught"
    assert outcomes["survives"] == "survived"
    assert outcomes["no-test"].startswith("not run")
    assert outcomes["old"] == "outdated"
    assert "== 'right'" in (tree / "doors.py").read_text()
