"""What differs between two versions of the settings, in the form's own words."""

from datetime import date, timedelta

import pytest
from msgspec.structs import fields

from insights.settings import BranchingModel, Target, WorkspaceSettings
from models.setup_audit import Change
from tests.tenants import BOB
from web.panels.setup.changes import changes_between, labels, named

DEFAULTS = WorkspaceSettings()


@pytest.mark.parametrize(
    ("setting", "value", "before", "after"),
    [
        ("time_zone", "Europe/Zurich", "UTC", "Europe/Zurich"),
        ("weekend", frozenset({4, 5}), "Saturday, Sunday", "Friday, Saturday"),
        ("weekend", frozenset(), "Saturday, Sunday", "—"),
        ("week_starts_on", 6, "Monday", "Sunday"),
        ("holidays", frozenset({date(2026, 12, 25)}), "—", "2026-12-25"),
        ("required_approvals", 2, "1", "2"),
        ("long_lived_branches", ("release/*", "develop"), "—", "release/*, develop"),
        ("bots", frozenset({BOB}), "—", BOB),
        ("size_limits", (1, 2, 3, 4), "10, 50, 200, 500", "1, 2, 3, 4"),
        ("active_days", 1, "7 days", "1 day"),
        ("are_names_shown", True, "hidden", "shown"),
        ("pickup_target", Target(share=0.8, within=timedelta(hours=4.5)), "—", "80 % within 4.5 h"),
    ],
)
def test_each_setting_is_written_as_the_form_writes_it(setting, value, before, after):
    changed = WorkspaceSettings(**{setting: value})

    assert changes_between(DEFAULTS, changed) == (Change(setting, before, after),)
    assert changes_between(changed, DEFAULTS) == (Change(setting, after, before),)


def test_settings_that_are_the_same_do_not_differ():
    assert changes_between(DEFAULTS, WorkspaceSettings()) == ()


def test_many_holidays_are_counted_and_the_first_are_named():
    days = frozenset(date(2026, 1, day) for day in range(1, 21))
    (change,) = changes_between(DEFAULTS, WorkspaceSettings(holidays=days))

    assert change.after.startswith("20 days: 2026-01-01, 2026-01-02,")
    assert change.after.endswith("2026-01-12, …")


def test_one_of_many_holidays_that_moves_is_a_change():
    days = frozenset(date(2026, 1, day) for day in range(1, 21))
    moved = days - {date(2026, 1, 20)} | {date(2026, 1, 21)}

    assert len(changes_between(WorkspaceSettings(holidays=days), WorkspaceSettings(holidays=moved))) == 1


def test_every_setting_that_an_administrator_decides_has_a_label():
    told_by_the_repository = {"main_branch", "branching_model"}
    assert set(labels()) == {field.name for field in fields(WorkspaceSettings)} - told_by_the_repository
    assert changes_between(DEFAULTS, WorkspaceSettings(branching_model=BranchingModel(development="x"))) == ()


def test_accounts_are_shown_by_the_name_they_have_now():
    changes = (Change("bots", "—", f"{BOB}, {{other}}"),)

    assert named(changes, {BOB: "Bob"}) == (Change("Counted as bots", "—", "Bob, {other}"),)
