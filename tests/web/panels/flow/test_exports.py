"""Files of Flow: a row for each pull request and why it was left out, every figure with its definition, by a link that ends."""

import csv
import io
import json
import re
from html import unescape

import pytest

from insights.definitions import CATALOGUE
from insights.result import Exclusion
from insights.settings import WorkspaceSettings
from models import workspace_settings
from models.installations import Installation
from tests.tenants import ALICE_KEY, BOB, NOON, uninstall
from tests.web.panels.asking import page_token, text
from tests.web.panels.test_repository_page import address


def flow(client, **filters):
    wanted = "".join(f"&{name}={value}" for name, value in filters.items())
    answer = client.get(address(tab=f"flow{wanted}"))
    assert answer.status_code == 200
    return answer


def file_links(answer):
    return [
        unescape(href) for href in re.findall(r'href="([^"]+/flow\.(?:csv|json)[^"]*)"', answer.get_data(as_text=True))
    ]


def link_to(answer, extension, figure=""):
    wanted = f"figure={figure}&" if figure else f"{extension}?"
    return next(
        href
        for href in file_links(answer)
        if f"flow.{extension}" in href and wanted in href and (figure or "figure=" not in href)
    )


def rows(answer):
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    written = answer.get_data(as_text=True)
    assert written.endswith("\r\n")
    assert "\r\n" in written
    return list(csv.DictReader(io.StringIO(written, newline="")))


@pytest.fixture
def filled(fill_repository):
    return fill_repository(300)


def test_the_file_has_a_row_for_each_pull_request_of_the_year(client, services, filled):
    found = rows(client.get(link_to(flow(client), "csv")))
    ids = [int(row["id"]) for row in found]

    assert ids == sorted(set(ids))
    assert len(ids) > 100
    assert {row["state"] for row in found} >= {"OPEN", "MERGED"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["opened_at"]) for row in found)


def test_the_stages_of_a_row_add_up_to_its_cycle_on_both_clocks(client, filled):
    merged = [row for row in rows(client.get(link_to(flow(client), "csv"))) if row["state"] == "MERGED"]
    stages = ("coding", "draft", "pickup", "review", "merge_wait")

    for row in merged:
        for clock in ("wall", "work"):
            parts = sum(int(row[f"{stage}_{clock}_seconds"]) for stage in stages)
            # Each is cut to whole seconds by itself.
            assert abs(parts - int(row[f"cycle_{clock}_seconds"])) <= len(stages)


def test_an_open_pull_request_has_no_times_yet(client, filled):
    still_open = [row for row in rows(client.get(link_to(flow(client), "csv"))) if row["state"] == "OPEN"]

    assert still_open
    assert {row["cycle_work_seconds"] for row in still_open} == {""}


def test_a_filter_holds_for_the_file_too(client, filled):
    answer = flow(client, size="XL")

    assert {row["size"] for row in rows(client.get(link_to(answer, "csv")))} <= {"XL"}


def test_the_file_of_a_figure_says_of_each_whether_it_counts_and_why_not(client, filled):
    answer = flow(client)
    found = rows(client.get(link_to(answer, "csv", "distribution")))
    told = json.loads(client.get(link_to(answer, "json", "distribution")).data)["figures"][0]
    counted = [int(row["id"]) for row in found if row["is_included"] == "yes"]
    reasons = [row["reason"] for row in found if row["is_included"] == "no"]

    assert counted == told["members"]
    assert len(counted) == told["n"]
    assert {reason: reasons.count(reason) for reason in set(reasons)} == told["exclusions"]
    assert set(reasons) <= {one.value for one in Exclusion}
    assert {(row["figure"], row["definition_version"]) for row in found} == {("distribution", "1")}


def test_every_section_is_had_as_a_file(client, filled):
    answer = flow(client)
    links = [link for link in file_links(answer) if "figure=" in link]

    assert len(links) >= 20
    for link in links:
        assert client.get(link).status_code == 200


def test_every_figure_comes_with_its_definition_and_its_version(client, filled):
    body = json.loads(client.get(link_to(flow(client), "json")).data)

    assert body["repository"] == "alice/heron"
    assert body["made_at"] == "2026-11-23T12:00:00Z"
    names = {figure["name"] for figure in body["figures"]}
    assert names >= {"merged", "open_to_merge", "pickup", "review", "unreviewed_merges", "work_in_progress"}
    assert names >= {"where_time_goes", "distribution", "scatter", "arrivals", "ageing", "size_table", "review_load"}
    assert names >= {"punch_card_answers", "pass_rate", "deployment_frequency", "forecast_honesty"}
    for figure in body["figures"]:
        known = CATALOGUE[figure["name"]]
        assert (figure["definition_version"], figure["definition"]) == (known.version, known.text)
        assert (figure["value"] is None) == (figure["why_not"] is not None)


def test_the_overview_has_its_figures_as_a_file(client, filled):
    overview = client.get(address(tab="overview"))
    (link,) = file_links(overview)
    found = json.loads(client.get(link).data)["figures"]
    told = {one["name"]: one for one in found}

    assert [one["section"] for one in found] == ["pulse"] * 3
    assert told.keys() == {"waiting_for_review", "main_branch", "open_to_merge"}
    waiting = told["waiting_for_review"]
    assert waiting["value"]["waiting"] == len(waiting["members"]) > 0
    assert f"Waiting for review {waiting['value']['waiting']} " in text(overview)


def test_a_figure_that_nobody_has_is_not_found(client, filled):
    link = link_to(flow(client), "csv")

    assert client.get(f"{link}&figure=gut_feeling").status_code == 404
    assert client.get(f"{link.replace('.csv', '.json')}&figure=gut_feeling").status_code == 404


def test_names_stand_in_the_file_only_where_the_workspace_shows_them(client, services, alice, filled):
    assert "author" not in rows(client.get(link_to(flow(client), "csv")))[0]

    with services.sessions.begin() as session:
        installation = session.get_one(Installation, alice.id)
        settings = WorkspaceSettings(are_names_shown=True)
        workspace_settings.write(session, installation, settings, by_uuid=BOB, now=NOON)
    assert rows(client.get(link_to(flow(client), "csv")))[0]["author"]


def test_the_file_is_named_by_its_day_and_kept_by_nobody(client, filled):
    answer = client.get(link_to(flow(client), "csv", "scatter"))

    assert answer.headers["Content-Disposition"] == 'attachment; filename="bittern-scatter-2026-11-23.csv"'
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_link_ends_with_the_time_and_with_the_installation(client, services, clock, filled):
    link = link_to(flow(client), "csv")
    clock.advance(minutes=17)
    assert client.get(link).status_code == 401

    fresh = link_to(flow(client), "csv")
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    assert client.get(fresh).status_code == 401


def test_no_file_is_given_without_a_link_or_for_a_token_of_another_kind(client, filled):
    answer = flow(client)

    assert client.get("/pages/repository/flow.csv").status_code == 401
    assert client.get(f"/pages/repository/flow.json?link={page_token(answer)}").status_code == 401
