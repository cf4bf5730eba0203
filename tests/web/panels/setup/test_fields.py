"""The settings as a form has them: read with every problem at once, word for word where something is wrong."""

from datetime import date, timedelta

import pytest
from werkzeug.datastructures import MultiDict

from insights.settings import BranchingModel, Target, WorkspaceSettings
from tests.web.panels.setup.asking import changed
from web.panels.setup import fields
from web.panels.setup.fields import AGES, SIZES, read, typed_of

PERSON = "{aaaaaaaa-0000-4000-8000-0000000000f1}"
ROBOT = "{aaaaaaaa-0000-4000-8000-0000000000f2}"
FAR = "{aaaaaaaa-0000-4000-8000-0000000000f3}"
KNOWN = {PERSON: False, ROBOT: True}
ICS = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Christmas\r\nDTSTART;VALUE=DATE:20261225\r\nEND:VEVENT\r\n"
    b"BEGIN:VEVENT\r\nSUMMARY:Party\r\nDTSTART:20261231T200000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
DECIDED = WorkspaceSettings(
    time_zone="Europe/Zurich",
    weekend=frozenset({4, 5}),
    week_starts_on=6,
    holidays=frozenset({date(2026, 12, 25), date(2026, 1, 1)}),
    required_approvals=2,
    long_lived_branches=("release/*", "develop"),
    generated_globs=("docs/api/**",),
    size_limits=(5, 20, 100, 400),
    active_days=3,
    quiet_days=20,
    stale_days=60,
    are_names_shown=True,
    pickup_target=Target(share=0.85, within=timedelta(hours=4.5)),
)


def form_of(settings, **values):
    """What a browser sends for some settings, with some fields changed."""
    typed = typed_of(settings)
    sent = [*typed.texts.items(), *((name, one) for name, several in typed.checked.items() for one in several)]
    return MultiDict(changed(sent, **values))


def read_form(form, held=None, **options):
    return read(form, held or WorkspaceSettings(), looks_like_bots=options.pop("looks_like_bots", KNOWN), **options)


def problems(reading):
    return [problem.field for problem in reading.problems]


@pytest.mark.parametrize("settings", [WorkspaceSettings(), DECIDED])
def test_what_was_decided_comes_back_as_it_was(settings):
    reading = read_form(form_of(settings), settings)

    assert (reading.settings, reading.problems) == (settings, ())
    assert reading.typed == typed_of(settings)


def test_what_has_no_field_stays_as_it_is():
    held = WorkspaceSettings(main_branch="trunk", branching_model=BranchingModel(development="develop"))
    settings = read_form(form_of(held, required_approvals="2"), held).settings

    assert (settings.main_branch, settings.branching_model) == ("trunk", held.branching_model)
    assert settings.required_approvals == 2


def test_every_problem_is_told_at_once_and_nothing_is_saved():
    reading = read_form(
        form_of(
            WorkspaceSettings(),
            time_zone="Mars/Olympus",
            week_starts_on="7",
            weekend=list("0123456"),
            holidays="2026-12-25\ntomorrow",
            required_approvals="two",
            size_m="1",
            active_days="40",
            target_share="80",
            target_hours="",
        )
    )
    assert reading.settings is None
    assert set(problems(reading)) == {
        "time_zone",
        "week_starts_on",
        "weekend",
        "holidays",
        "required_approvals",
        "size_xs",
        "active_days",
        "target_hours",
    }


def test_what_was_typed_is_kept_word_for_word_where_something_is_wrong():
    reading = read_form(form_of(DECIDED, required_approvals=" x ", holidays="2026-13-01", weekend=["0"]))

    assert reading.typed.texts["required_approvals"] == " x "
    assert reading.typed.texts["holidays"] == "2026-13-01"
    assert reading.typed.checked["weekend"] == {"0"}


@pytest.mark.parametrize("name", ["required_approvals", *SIZES, *AGES])
@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", "٣", "999999999", "9" * 500, "\x00"])
def test_a_number_is_a_whole_number_in_its_bounds(name, text):
    reading = read_form(form_of(WorkspaceSettings(), **{name: text}))

    assert reading.settings is None
    assert name in problems(reading)


@pytest.mark.parametrize("zone", ["", "Europe", "../etc/passwd", "/etc/passwd", "utc\x00", "Nowhere/Land"])
def test_a_time_zone_is_one_that_exists(zone):
    assert problems(read_form(form_of(WorkspaceSettings(), time_zone=zone))) == ["time_zone"]


def test_sizes_grow_from_one_to_the_next():
    assert problems(read_form(form_of(WorkspaceSettings(), size_s="10"))) == ["size_xs"]
    assert read_form(form_of(WorkspaceSettings(), size_xs="0")).settings.size_limits == (0, 50, 200, 500)


def test_a_week_has_a_working_day_and_may_have_no_weekend():
    assert read_form(form_of(WorkspaceSettings(), weekend=None)).settings.weekend == frozenset()
    assert problems(read_form(form_of(WorkspaceSettings(), weekend=list("0123456")))) == ["weekend"]
    assert read_form(form_of(WorkspaceSettings(), weekend=["5", "9", "x"])).settings.weekend == {5}


def test_lines_lose_their_blanks_and_their_doubles():
    settings = read_form(
        form_of(WorkspaceSettings(), long_lived_branches="  develop \r\n\r\nrelease/*\ndevelop")
    ).settings
    assert settings.long_lived_branches == ("develop", "release/*")


@pytest.mark.parametrize(
    "text", ["x" * 256, "\n".join(f"branch-{number}" for number in range(201)), "a\x00b", "a\x1bb"]
)
def test_lines_are_names_and_not_too_many(text):
    assert problems(read_form(form_of(WorkspaceSettings(), generated_globs=text))) == ["generated_globs"]


def test_days_are_written_as_dates():
    settings = read_form(form_of(WorkspaceSettings(), holidays="2026-12-26\n\n 2026-12-25 \n2026-12-25")).settings
    assert settings.holidays == {date(2026, 12, 25), date(2026, 12, 26)}


def test_no_workspace_has_more_holidays_than_the_calendar_allows():
    days = "\n".join((date(2000, 1, 1) + timedelta(days=number)).isoformat() for number in range(5_001))
    assert problems(read_form(form_of(WorkspaceSettings(), holidays=days))) == ["holidays"]


def test_a_calendar_adds_its_days_and_names_what_was_left_out():
    held = WorkspaceSettings(holidays=frozenset({date(2026, 1, 1)}))
    reading = read_form(form_of(held), held, calendar=ICS)

    assert reading.settings.holidays == {date(2026, 1, 1), date(2026, 12, 25)}
    assert reading.typed.texts["holidays"] == "2026-01-01\n2026-12-25"
    assert reading.notes == (
        "1 day came from the calendar file.",
        "Left out: Party: it does not last whole days.",
    )


@pytest.mark.parametrize("content", [b"not a calendar", b"\xff\xfe\x00", b"PK\x03\x04"])
def test_a_file_that_is_no_calendar_is_named_as_that(content):
    reading = read_form(form_of(WorkspaceSettings()), calendar=content)

    assert problems(reading) == ["calendar"]
    assert reading.settings is None


@pytest.mark.parametrize(
    ("share", "hours", "target"),
    [
        ("80", "4", Target(share=0.8, within=timedelta(hours=4))),
        ("99.5", "0,5", Target(share=0.995, within=timedelta(minutes=30))),
        ("", "", None),
        ("  ", " ", None),
    ],
)
def test_a_target_is_a_share_and_a_time_or_nothing(share, hours, target):
    assert (
        read_form(form_of(WorkspaceSettings(), target_share=share, target_hours=hours)).settings.pickup_target == target
    )


@pytest.mark.parametrize(
    ("share", "hours", "wrong"),
    [
        ("0", "4", ["target_share"]),
        ("101", "4", ["target_share"]),
        ("80", "0", ["target_hours"]),
        ("80", "nan", ["target_hours"]),
        ("inf", "1001", ["target_share", "target_hours"]),
        ("", "4", ["target_share"]),
    ],
)
def test_a_target_that_makes_no_sense_is_refused(share, hours, wrong):
    assert problems(read_form(form_of(WorkspaceSettings(), target_share=share, target_hours=hours))) == wrong


def test_names_are_shown_only_where_the_box_is_checked():
    assert read_form(form_of(DECIDED, are_names_shown=None)).settings.are_names_shown is False
    assert read_form(form_of(DECIDED, are_names_shown="yes")).settings.are_names_shown is True


@pytest.mark.parametrize(
    ("checked", "bots", "humans"),
    [
        ([ROBOT], set(), set()),
        ([PERSON, ROBOT], {PERSON}, set()),
        ([], set(), {ROBOT}),
        ([PERSON], {PERSON}, {ROBOT}),
    ],
)
def test_only_what_contradicts_the_name_is_kept(checked, bots, humans):
    settings = read_form(form_of(WorkspaceSettings(), listed=[PERSON, ROBOT], bots=checked)).settings

    assert (settings.bots, settings.humans) == (bots, humans)


def test_whoever_was_not_listed_stays_what_they_are():
    held = WorkspaceSettings(bots=frozenset({FAR}), humans=frozenset({ROBOT}))
    settings = read_form(form_of(held, listed=[PERSON], bots=[]), held).settings

    assert (settings.bots, settings.humans) == ({FAR}, {ROBOT})


def test_an_account_that_nobody_knows_is_not_named():
    settings = read_form(form_of(WorkspaceSettings(), listed=["{x}", PERSON], bots=["{x}"])).settings
    assert settings.bots == frozenset()


def test_what_the_settings_refuse_is_told_too(monkeypatch):
    monkeypatch.setattr(fields, "_sizes", lambda *_: (9, 8, 7, 6))
    reading = read_form(form_of(WorkspaceSettings()))

    assert reading.settings is None
    assert [problem.sentence for problem in reading.problems] == ["Each size limit must be larger than the one before."]
