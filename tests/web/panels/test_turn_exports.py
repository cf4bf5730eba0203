"""Turn's files: the figures of the panel with their definitions, what collides as rows, by a link that opens nothing else."""

import csv
import io
import json
import re
from html import unescape

import pytest

from insights.definitions import CATALOGUE
from tests.tenants import ALICE_KEY, BOB, uninstall
from tests.web.fake_bitbucket import ANA, TOM, participant
from tests.web.panels.asking import bearer, page_token, text
from tests.web.panels.held import SOME, hold, hold_much, show_names
from tests.web.panels.test_turn import headed, turn, with_files

JSON, CSV = "/panels/pull-request/figures.json", "/panels/pull-request/collisions.csv"


def link(answer, path):
    """The page's link to one of its files."""
    assert answer.status_code == 200
    [href] = re.findall(rf'href="({re.escape(path)}[^"]*)"', answer.get_data(as_text=True))
    return unescape(href)


def body_of(client, number):
    answer = client.get(link(client.get(turn(number)), JSON))
    assert answer.content_type == "application/json; charset=utf-8"
    return json.loads(answer.data)


def told(body):
    return {one["name"]: one for one in body["figures"]}


@pytest.fixture
def meeting(services, alice):
    """Three open pull requests; two of them meet in one file."""
    hold(
        services,
        alice,
        headed(7, participant(ANA), author=TOM, opened=4),
        headed(8, participant(TOM), title="=Theirs"),
        headed(9, participant(TOM), title="Elsewhere"),
        record=with_files((7, ["a.py", "b.py"]), (8, ["b.py", "c.py"]), (9, ["d.py"])),
    )


def test_the_json_says_what_the_panel_says(client, meeting, bitbucket):
    body = body_of(client, 7)
    found = told(body)

    assert (body["repository"], body["made_at"]) == ("alice/heron", "2026-11-23T12:00:00Z")
    assert body["pull_request"]["id"] == 7
    assert body["pull_request"]["waited"] == "P2D"
    assert found["turn"]["value"]["waits_for"] == [ANA["uuid"]]
    assert found["turn"]["value"]["since"] == "2026-11-19T12:00:00Z"
    assert (found["size"]["value"]["lines"], found["size"]["value"]["files"]) == (84, 2)
    assert found["collisions"]["value"] == {"pull_requests": [{"id": 8, "paths": ["b.py"]}], "commits": []}
    assert found["collisions"]["n"] == 2
    assert bitbucket.requests == []


def test_a_figure_that_is_silent_says_why(client, meeting):
    found = told(body_of(client, 7))

    assert (found["pace"]["value"], found["pace"]["why_not"], found["pace"]["n"]) == (None, "too_few", 0)
    assert (found["merge_window"]["value"], found["merge_window"]["why_not"]) == (None, "too_few")


def test_every_figure_comes_with_its_definition_and_its_version(client, services, alice):
    hold_much(services, alice)
    body = body_of(client, SOME.pull_requests)

    assert told(body).keys() >= {"turn", "pace", "timeline", "size", "merge_window", "collisions", "rounds"}
    assert told(body).keys() >= {"review_depth", "knowledge", "unfinished"}
    for one in body["figures"]:
        known = CATALOGUE[one["name"]]
        assert (one["definition_version"], one["definition"]) == (known.version, known.text)
        assert (one["value"] is None) == (one["why_not"] is not None)


def test_people_stand_in_it_only_where_the_workspace_shows_names_or_something_waits_for_them(client, services, alice):
    def named(value):
        return set(re.findall(r'"(\{[0-9a-f-]{36}\})"', json.dumps(value))) - {BOB}

    def apart_from_the_awaited(body):
        return named([one["value"] for one in body["figures"] if one["name"] != "turn"])

    hold_much(services, alice)
    hidden = body_of(client, SOME.pull_requests)
    assert told(hidden)["knowledge"]["value"]["folders"][0]["people"]
    assert apart_from_the_awaited(hidden) == set()
    assert told(hidden)["turn"]["value"]["waits_for"]
    assert None not in told(hidden)["turn"]["value"]["waits_for"]

    show_names(services, alice)
    assert apart_from_the_awaited(body_of(client, SOME.pull_requests))


def test_the_csv_has_a_row_for_each_file_that_it_shares(client, meeting):
    answer = client.get(link(client.get(turn(7)), CSV))
    [row] = csv.DictReader(io.StringIO(answer.get_data(as_text=True), newline=""))

    assert answer.content_type == "text/csv; charset=utf-8"
    assert (row["kind"], row["pull_request"], row["path"]) == ("pull_request", "8", "b.py")
    assert row["title"] == "'=Theirs"
    assert row["url"] == "https://bitbucket.org/alice/heron/pull-requests/8"
    assert (row["definition"], row["definition_version"]) == ("collisions", "1")


def test_the_file_is_named_by_its_number_and_its_day_and_kept_by_nobody(client, meeting):
    answer = client.get(link(client.get(turn(7)), JSON))

    assert answer.headers["Content-Disposition"] == 'attachment; filename="bittern-pull-request-7-2026-11-23.json"'
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", [JSON, CSV])
def test_nobody_gets_it_without_a_link_or_by_a_token_of_another_kind(client, meeting, path):
    token = page_token(client.get(turn(7)))

    assert client.get(f"{path}?pull_request=7").status_code == 401
    assert client.get(f"{path}?pull_request=7", headers=bearer(token)).status_code == 401
    assert client.get(f"{path}?pull_request=7&link={token}").status_code == 401


def test_the_link_opens_nothing_else(client, meeting):
    token = link(client.get(turn(7)), JSON).partition("link=")[2]

    assert client.get(f"/pages/repository?link={token}").status_code == 401
    assert client.get(f"/pages/repository/flow.csv?link={token}").status_code == 401
    assert client.get("/panels/pull-request/refresh?pull_request=7", headers=bearer(token)).status_code == 401


def test_a_link_ends_with_the_time_and_with_the_installation(client, services, clock, meeting):
    old = link(client.get(turn(7)), JSON)
    clock.advance(minutes=17)
    assert client.get(old).status_code == 401

    fresh = link(client.get(turn(7, at=clock())), JSON)
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    assert client.get(fresh).status_code == 401


def test_a_refresh_brings_the_page_a_link_that_lives_on(client, meeting):
    opened = client.get(turn(7))
    again = client.get("/panels/pull-request/refresh?pull_request=7", headers=bearer(page_token(opened)))

    assert client.get(f"{JSON}?pull_request=7&link={again.headers['X-Page-Link']}").status_code == 200


def test_one_that_is_not_held_has_no_file_and_is_not_asked_for(client, meeting, bitbucket):
    old = link(client.get(turn(7)), JSON)

    assert client.get(old.replace("pull_request=7", "pull_request=77")).status_code == 404
    assert bitbucket.requests == []


def test_the_page_says_what_the_files_are(client, meeting):
    shown = text(client.get(turn(7)))

    assert "Figures as JSON Collisions as CSV" in shown
