"""The files of the Files and Commit tabs: what is shown, with its definitions; rows that no spreadsheet runs; by the page's link."""

import json
import re

import pytest

from tests.tenants import ALICE_KEY, BOB, NOON, uninstall
from tests.web.panels.asking import bearer, page_token
from tests.web.panels.held import show_names
from tests.web.panels.places.heron import (
    ANA,
    EVE,
    TOM,
    address,
    changed,
    commit,
    figures_of,
    link,
    pull_request,
    rows_of,
    sha,
)
from tests.web.panels.places.test_files import file_page

PATHS = tuple(f"/pages/repository/{name}.{extension}" for name in ("files", "commit") for extension in ("json", "csv"))


@pytest.fixture
def history(heron):
    """Six merged pull requests that change two files together, one that is open; the last brought a commit that is held."""
    heron.branches(main=commit("main", age=1))
    heron.commits(commit("main", age=1), commit("h6", "main", age=0.9, by=ANA, message="=Sixth\n\nAt length."))
    for number in range(1, 7):
        status, head = ("added" if number == 1 else "modified"), f"h{number}"
        by = EVE if number == 1 else ANA
        heron.pull_requests(
            pull_request(number, f"f/{number}", head=head, state="MERGED", opened=9, closed=9 - number, by=by)
        )
        heron.files(number, changed("src/a.py", status=status, added=90), changed("=b.py", status=status), head=head)
    heron.commit_files("h6", changed("src/a.py", added=90), changed("=b.py"))
    heron.pull_requests(pull_request(7, "f/7", head="h7"), pull_request(8, "f/8", head="h8", by=TOM))
    heron.files(7, changed("src/a.py"), changed("src/new.py", status="added"), head="h7")
    heron.files(8, changed("src/a.py"), head="h8")
    return heron


def accounts_in(figures):
    return set(re.findall(r'"(\{[0-9a-f-]{36}\})"', json.dumps([one["value"] for one in figures.values()]))) - {BOB}


class TestAllFiles:
    def test_the_json_has_the_hotspots_and_the_folders(self, client, history, bitbucket):
        body, figures = figures_of(client, client.get(address("files")))
        assert [one["path"] for one in figures["hotspots"]["value"]] == ["src/a.py", "=b.py"]
        assert (figures["hotspots"]["n"], figures["hotspots"]["window"]["end"]) == (2, NOON.isoformat()[:19] + "Z")
        # Degrees of authorship of its one file: 3.293 + 1.098 + 0.164 - 0.321 ln 6 = 3.98 for who created it, and
        # 3.293 + 5 x 0.164 - 0.321 ln 2 = 3.89 for who changed it five times. Both are authors, so both would have to leave.
        assert (figures["folders"]["about"], figures["folders"]["value"]["people"]) == ("src/", 2)
        assert (body["folders"], body["is_cut"]) == ({"src/": 1}, False)
        assert bitbucket.requests == []

    def test_without_merged_pull_requests_the_figure_says_why_it_is_silent(self, client, heron):
        _, figures = figures_of(client, client.get(address("files")))
        assert (figures["hotspots"]["value"], figures["hotspots"]["why_not"]) == (None, "no_data")

    def test_the_csv_has_every_hotspot(self, client, history):
        first, second = rows_of(client, client.get(address("files")), "All hotspots as CSV")
        assert (first["path"], first["revisions"], first["definition"]) == ("src/a.py", "6", "hotspot")
        assert int(first["lines"]) == 6 * 90 - 5 * 2 - 2
        assert second["path"] == "'=b.py"


class TestThoseOfAPullRequest:
    def test_the_json_has_who_else_changes_them(self, client, history):
        body, figures = figures_of(client, client.get(address("files", pullrequest="7")))
        assert [one["path"] for one in figures["hotspots"]["value"]] == ["src/a.py"]
        assert body["sharing"] == [{"id": 8, "title": "Change 8", "paths": ["src/a.py"]}]

    def test_the_csv_has_each_file(self, client, history):
        found = rows_of(client, client.get(address("files", pullrequest="7")), "Files as CSV")
        assert [(row["path"], row["status"], row["lines_added"]) for row in found] == [
            ("src/a.py", "modified", "10"),
            ("src/new.py", "added", "10"),
        ]
        assert found[0]["hotspot_score"]
        assert found[1]["hotspot_score"] == ""

    @pytest.mark.parametrize("number", ["70", "0", "9" * 25, "9" * 599])
    def test_one_that_is_not_held_has_neither_file_nor_page(self, client, history, number):
        url = link(client.get(address("files", pullrequest="7")), "Files as CSV")
        assert client.get(url.replace("pullrequest=7", f"pullrequest={number}")).status_code == 404
        assert client.get(address("files", pullrequest=number)).status_code == 404


class TestOneFile:
    def test_the_json_has_what_is_known_of_it(self, client, history):
        body, figures = figures_of(client, client.get(address("files", path="src/a.py")))
        assert (body["file"], figures["revisions"]["value"]["count"]) == (
            {"path": "src/a.py", "read_at": None, "is_cut": False},
            6,
        )
        assert [one["path"] for one in figures["together"]["value"]] == ["=b.py"]
        assert {row["id"] for row in figures["pull_requests"]["value"]["open"]} == {7, 8}

    def test_people_stand_in_it_only_where_the_workspace_shows_names(self, client, history, services, alice):
        _, hidden = figures_of(client, client.get(address("files", path="src/a.py")))
        assert len(hidden["authors"]["value"]) == 2
        assert accounts_in(hidden) == set()
        show_names(services, alice)
        _, told = figures_of(client, client.get(address("files", path="src/a.py")))
        assert accounts_in(told) == {ANA["uuid"], EVE["uuid"]}

    def test_the_csv_has_what_changes_together_with_it(self, client, history):
        [row] = rows_of(client, client.get(address("files", path="src/a.py")), "What changes together with it as CSV")
        assert (row["path"], row["degree"], row["shared"], row["definition"]) == ("'=b.py", "1.0000", "6", "co_change")

    def test_bitbuckets_viewer_of_the_file_offers_the_same(self, client, history):
        body, _ = figures_of(client, client.get(file_page("src/a.py")))
        assert body["file"]["path"] == "src/a.py"

    def test_one_of_which_nothing_is_known_has_none_and_is_not_asked_for(self, client, history, bitbucket):
        url = link(client.get(address("files", path="src/a.py")), "Figures as JSON")
        assert client.get(url.replace("src%2Fa.py", "src%2Fnever.py")).status_code == 404
        assert bitbucket.requests == []


class TestACommit:
    def shown(self, client):
        return client.get(address("commit", commit=sha("h6")))

    def test_the_json_has_its_passport(self, client, history, bitbucket):
        body, _ = figures_of(client, self.shown(client))
        by_name = {one["name"]: one for one in body["figures"]}
        assert (body["commit"]["hash"], body["commit"]["subject"]) == (sha("h6"), "=Sixth")
        assert by_name["passport"]["value"]["pull_request"] == 6
        assert by_name["passport"]["members"] == [6]
        assert [one["path"] for one in by_name["hotspot"]["value"]] == ["src/a.py", "=b.py"]
        assert bitbucket.requests == []

    def test_its_author_stands_in_it_and_its_reviewers_where_names_are_shown(self, client, history, services, alice):
        told = pull_request(6, "f/6", head="h6", state="MERGED", opened=9, closed=3)
        told["participants"] = [{"user": EVE, "role": "REVIEWER", "approved": False, "state": None}]
        told["reviewers"] = [EVE]
        history.pull_requests(told)
        hidden, _ = figures_of(client, self.shown(client))
        assert (hidden["commit"]["author"], hidden["commit"]["reviewers"]) == (ANA["uuid"], [None])
        show_names(services, alice)
        named, _ = figures_of(client, self.shown(client))
        assert named["commit"]["reviewers"] == [EVE["uuid"]]

    def test_the_csv_has_the_files_that_it_changes(self, client, history):
        found = rows_of(client, self.shown(client), "Files as CSV")
        assert [(row["path"], row["lines_added"], row["lines_removed"]) for row in found] == [
            ("'=b.py", "10", "2"),
            ("src/a.py", "90", "2"),
        ]

    @pytest.mark.parametrize("other", [sha("never"), "no hash", ""])
    def test_one_that_is_not_held_has_none_and_is_not_asked_for(self, client, history, bitbucket, other):
        url = link(self.shown(client), "Figures as JSON")
        assert client.get(url.replace(sha("h6"), other)).status_code == 404
        assert bitbucket.requests == []


@pytest.mark.parametrize("path", PATHS)
def test_nobody_gets_a_file_without_the_pages_link(client, history, path):
    token = page_token(client.get(address("files")))
    assert client.get(path).status_code == 401
    assert client.get(path, headers=bearer(token)).status_code == 401
    assert client.get(f"{path}?link={token}").status_code == 401


@pytest.mark.parametrize("tab", ["files", "commit"])
def test_a_link_ends_with_the_time(client, clock, history, tab):
    url = link(client.get(address(tab, commit=sha("h6"))), "Figures as JSON")
    clock.advance(minutes=17)
    assert client.get(url).status_code == 401


def test_a_link_ends_with_the_installation(client, services, history):
    url = link(client.get(address("files")), "Figures as JSON")
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    assert client.get(url).status_code == 401
