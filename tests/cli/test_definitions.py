"""The command that prints definitions."""

import pytest

from insights.definitions import CATALOGUE, SURFACES, definitions_of


@pytest.mark.parametrize("surface", SURFACES)
def test_it_prints_each_definition_of_a_surface_with_its_version(run, surface):
    answer = run("definitions", surface)
    rows = answer.output.splitlines()[2:]
    assert answer.exit_code == 0
    assert len(rows) == len(definitions_of(surface))
    for row, found in zip(rows, definitions_of(surface), strict=True):
        assert row.startswith(f"| {found.title} | ")
        assert row.endswith(f" | `{found.name}` {found.version} |")


def test_every_definition_is_at_home_in_one_surface():
    listed = [found.name for surface in SURFACES for found in definitions_of(surface)]
    assert sorted(listed) == sorted(CATALOGUE)


def test_a_surface_that_there_is_not_is_refused(run):
    answer = run("definitions", "horoscope")
    assert answer.exit_code == 2
    assert "horoscope" in answer.output
