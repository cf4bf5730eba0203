"""Saving the settings: with everything that is wrong at once, a trail, a look at what would change; and at once."""

import io
from datetime import date

import pytest

from insights.settings import WorkspaceSettings
from models import setup_audit, workspace_settings
from models.history import people
from models.history.people import Account
from models.setup_audit import Change, SetupAction
from tests.tenants import BOB, NOON
from tests.web.fake_bitbucket import ANA
from tests.web.panels.asking import text
from tests.web.panels.setup.asking import (
    SETTINGS,
    changed,
    configure,
    configure_repository,
    fields,
    form_token,
    make_administrator,
)
from tests.web.panels.setup.test_fields import ICS

ROBOT = "{aaaaaaaa-0000-4000-8000-0000000000b0}"


@pytest.fixture
def held(services, alice):
    """What is stored now: the settings, their version, and the trail."""

    def read():
        with services.readers() as session:
            stored = workspace_settings.read(session, alice)
            trail = [
                (row.action, row.actor_uuid, tuple(row.changed_settings()))
                for row in setup_audit.newest(session, alice)
            ]
        return stored, trail

    return read


def save(client, opened, **values):
    return client.post(SETTINGS, data={**changed(fields(opened), **values), "do": "save"})


def preview(client, opened, **values):
    return client.post(SETTINGS, data={**changed(fields(opened), **values), "do": "preview"})


def test_the_form_holds_the_settings_of_the_workspace(client, services, alice, administrator, heron):
    settings = WorkspaceSettings(time_zone="Europe/Zurich", weekend=frozenset({4}), required_approvals=3)
    with services.sessions.begin() as session:
        workspace_settings.write(session, alice, settings, by_uuid=None, now=NOON)

    sent = fields(client.get(configure()))

    assert ("time_zone", "Europe/Zurich") in sent
    assert [value for name, value in sent if name == "weekend"] == ["4"]
    assert ("required_approvals", "3") in sent
    assert ("version", "1") in sent


def test_sending_the_form_as_it_is_changes_nothing(client, opened, held):
    answer = save(client, opened)

    assert (answer.status_code, held()) == (200, (workspace_settings.StoredSettings(0, WorkspaceSettings()), []))
    assert "Nothing has changed." in text(answer)


def test_what_is_saved_holds_at_once_and_stands_in_the_trail(client, opened, held):
    answer = save(client, opened, required_approvals="2", weekend=["4", "5"])

    stored, trail = held()
    assert "Saved: 2 settings have changed." in text(answer)
    assert (stored.settings.required_approvals, stored.settings.weekend, stored.version) == (2, {4, 5}, 1)
    assert trail == [
        (
            SetupAction.SETTINGS_CHANGED,
            BOB,
            (Change("weekend", "Saturday, Sunday", "Friday, Saturday"), Change("required_approvals", "1", "2")),
        )
    ]


def test_what_was_measured_before_is_measured_anew_at_once(client, opened, heron, doorbell):
    save(client, opened)
    assert doorbell.rung == []
    save(client, opened, required_approvals="2")
    assert doorbell.rung == [("measuring", heron.id)]


def test_the_page_shows_what_was_done_and_by_whom(client, opened, services, alice, heron):
    with services.sessions.begin() as session:
        people.record(session, heron, [Account(uuid=BOB, display_name="Bob Ross")], as_of=NOON)
    shown = text(save(client, opened, required_approvals="2"))

    assert "Changed the settings Bob Ross · just now Required approvals before: 1 → after: 2" in shown


def test_it_can_be_saved_again_from_the_answer(client, opened, held):
    first = save(client, opened, required_approvals="2")
    save(client, first, required_approvals="3")

    assert (held()[0].settings.required_approvals, held()[0].version) == (3, 2)


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_saved(client, opened, held):
    answer = save(client, opened, required_approvals="x", size_s="1", holidays="soon")

    assert answer.status_code == 422
    shown = text(answer)
    assert "3 things are to be mended before this can be saved." in shown
    assert "Write a whole number from 0 to 20." in shown
    assert "Make each size larger than the one before it." in shown
    assert "“soon” is no day." in shown
    assert held() == (workspace_settings.StoredSettings(0, WorkspaceSettings()), [])


def test_each_problem_leads_to_its_field_and_is_read_out_with_it(client, opened):
    page = save(client, opened, required_approvals="x").get_data(as_text=True)

    assert '<a href="#required_approvals">' in page
    field = page.partition('id="required_approvals"')[2].partition(">")[0]
    assert 'aria-invalid="true"' in field
    assert "wrong-required_approvals" in field
    assert 'id="wrong-required_approvals"' in page
    assert 'value="x"' in field


def test_what_was_typed_is_shown_and_never_run(client, opened):
    page = save(client, opened, required_approvals='"><script>alert(1)</script>', holidays="</textarea><b>").get_data(
        as_text=True
    )
    assert "<script>alert" not in page
    assert "</textarea><b>" not in page


def test_a_calendar_file_adds_its_days(client, opened, held):
    sent = changed(fields(opened))
    answer = client.post(SETTINGS, data={**sent, "do": "save", "calendar": (io.BytesIO(ICS), "holidays.ics")})

    assert held()[0].settings.holidays == {date(2026, 12, 25)}
    assert "1 day came from the calendar file." in text(answer)
    assert "Left out: Party" in text(answer)


def test_what_is_past_the_limit_is_not_read(client, opened, held):
    body = b"--x\r\n" + b"x" * (1024 * 1024)

    assert client.post(SETTINGS, data=body, content_type="multipart/form-data; boundary=x").status_code == 413
    assert held()[0].version == 0


def test_a_change_that_somebody_else_made_meanwhile_is_not_overwritten(client, opened, held, bitbucket):
    save(client, opened, required_approvals="2")
    answer = save(client, opened, required_approvals="3")

    assert answer.status_code == 422
    assert "Somebody else has saved since you opened this page" in text(answer)
    assert "Required approvals before: 2 → after: 3" in text(answer)
    assert held()[0].settings.required_approvals == 2
    save(client, answer)
    assert held()[0].settings.required_approvals == 3


def test_a_preview_saves_nothing_and_keeps_what_was_typed(client, opened, held):
    answer = preview(client, opened, required_approvals="2")

    assert "What this would change Required approvals before: 1 → after: 2" in text(answer)
    assert "Nothing is saved yet." in text(answer)
    assert ("required_approvals", "2") in fields(answer)
    assert held()[0].version == 0
    save(client, answer)
    assert held()[0].settings.required_approvals == 2


def test_a_preview_of_nothing_says_so(client, opened):
    assert "Nothing: these are the settings that hold." in text(preview(client, opened))


def test_a_preview_of_what_is_wrong_says_what_is_wrong(client, opened):
    answer = preview(client, opened, required_approvals="x")

    assert answer.status_code == 422
    assert "1 thing is to be mended" in text(answer)


def test_settings_can_be_saved_from_the_page_of_a_repository_too(client, opened, heron, held):
    token = form_token(client.get(configure_repository()))

    assert save(client, opened, page_token=token, required_approvals="2").status_code == 200
    assert held()[0].settings.required_approvals == 2


def test_accounts_that_look_like_bots_stand_first_and_are_checked(client, services, heron, administrator, held):
    accounts = [Account(uuid=ANA["uuid"], display_name="Ana Silva"), Account(uuid=ROBOT, display_name="renovate-bot")]
    with services.sessions.begin() as session:
        people.record(session, heron, accounts, as_of=NOON)
    opened = client.get(configure())

    assert [value for name, value in fields(opened) if name == "bots"] == [ROBOT]
    save(client, opened, bots=[ANA["uuid"]])
    settings = held()[0].settings
    assert (settings.bots, settings.humans) == ({ANA["uuid"]}, {ROBOT})


def test_the_trail_names_accounts_as_they_are_called_now(client, services, heron, administrator):
    with services.sessions.begin() as session:
        people.record(session, heron, [Account(uuid=ANA["uuid"], display_name="Ana Silva")], as_of=NOON)

    shown = text(save(client, client.get(configure()), bots=[ANA["uuid"]]))
    assert "Counted as bots before: — → after: Ana Silva" in shown


def test_people_whom_git_alone_knows_are_not_listed(client, services, heron, administrator):
    with services.sessions.begin() as session:
        people.record(
            session, heron, [Account(uuid="email:eve@example.com", display_name="Evelyn Unlisted")], as_of=NOON
        )

    assert "Evelyn" not in client.get(configure()).get_data(as_text=True)


def test_a_member_cannot_save_with_a_token_of_before(client, opened, held, bitbucket, clock):
    clock.advance(minutes=14)
    fresh = client.post("/pages/configure/token", headers={"Authorization": f"Bearer {form_token(opened)}"})
    make_administrator(bitbucket, permission="member")
    clock.advance(minutes=2)

    answer = save(client, opened, page_token=fresh.headers["X-Page-Token"], required_approvals="2")

    assert answer.status_code == 403
    assert held()[0].version == 0


def test_the_log_names_the_settings_and_not_their_values(client, opened, log_entries):
    save(client, opened, long_lived_branches="secret-project")

    entry = next(entry for entry in log_entries if entry["event"] == "setup.settings_saved")
    assert entry["changed"] == ["long_lived_branches"]
    assert "secret-project" not in str(log_entries)
