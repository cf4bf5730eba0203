"""/pullrequests, read: the list, one, its log, commits and redirects."""

from __future__ import annotations

import pytest

from simulator.world import actions
from tests.simulator.tidepool import SPIRAL, Client

LIST = "/repositories/tidepool/shells/pullrequests"


@pytest.fixture
def busy(client: Client) -> Client:
    """Four of them: 1 merged, 2 declined, 3 open, 4 an open draft."""
    pool = client.pool
    for number, branch in enumerate((SPIRAL, "two", "three", "four"), 1):
        if branch != SPIRAL:
            actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch=branch, message=branch)
        pool.clock.advance(hours=1)
        pool.open(branch, title=f"Number {number}", author=pool.erin if number == 3 else pool.bob, draft=number == 4)
    actions.decline(pool.world, pool.shells.pull_requests[2], actor=pool.bob)
    actions.merge(pool.world, pool.shells.pull_requests[1], actor=pool.alice)
    return client


def ids(body: dict) -> list[int]:
    return [one["id"] for one in body["values"]]


class TestStates:
    def test_only_open_ones_are_listed_the_newest_first(self, busy: Client):
        body = busy.get(LIST)
        assert ids(body) == [4, 3]
        assert {one["state"] for one in body["values"]} == {"OPEN"}

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("state=MERGED", [1]),
            ("state=DECLINED", [2]),
            ("state=SUPERSEDED", []),
            ("state=merged", [1]),
            ("state=MERGED&state=OPEN", [4, 3, 1]),
            ("state=MERGED,DECLINED", [2, 1]),
            ("state=OPEN&state=MERGED&state=DECLINED&state=SUPERSEDED", [4, 3, 2, 1]),
        ],
    )
    def test_states_can_be_asked_for_and_repeated(self, busy: Client, query: str, expected: list[int]):
        assert ids(busy.get(f"{LIST}?{query}")) == expected

    def test_a_query_that_names_the_state_lifts_the_default(self, busy: Client):
        assert ids(busy.get(LIST, q='state = "MERGED"')) == [1]
        assert ids(busy.get(LIST, q='state != "OPEN"')) == [2, 1]

    def test_a_query_that_does_not_keeps_it(self, busy: Client):
        assert ids(busy.get(LIST, q='title ~ "number"')) == [4, 3]

    def test_an_unknown_state_is_a_400(self, busy: Client):
        busy.get(LIST, state="CLOSED", expect=400)


class TestQueries:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("id > 3", [4]),
            ("draft = true", [4]),
            ('author.nickname = "erin"', [3]),
            ('source.branch.name = "three"', [3]),
            ('destination.branch.name = "main"', [4, 3]),
            ('reviewers.nickname = "alice"', [4, 3]),
            ('source.repository.full_name != "tidepool/shells"', []),
            ('state IN ("MERGED", "DECLINED") AND closed_by.nickname = "alice"', [1]),
            ("updated_on > 2026-10-15T11:30:00Z", [4]),
            ('merge_commit != null AND state = "MERGED"', [1]),
            ('participants.role = "REVIEWER"', [4, 3]),
        ],
    )
    def test_it_finds(self, busy: Client, query: str, expected: list[int]):
        assert ids(busy.get(LIST, q=query)) == expected

    def test_it_finds_by_uuid(self, busy: Client):
        assert ids(busy.get(LIST, q=f'author.uuid = "{busy.pool.erin.uuid}"')) == [3]
        assert ids(busy.get(LIST, q=f'reviewers.uuid = "{busy.pool.alice.uuid}"')) == [4, 3]

    def test_what_a_shortcut_answers_is_what_the_whole_object_says(self, busy: Client):
        from simulator.rest.query_language import in_json
        from simulator.rest.representations.pull_requests import pull_request_details
        from simulator.rest.resources.pull_requests import SHORTCUTS

        for pull_request in busy.pool.shells.pull_requests.values():
            whole = pull_request_details(busy.pool.world, pull_request)
            for path, shortcut in SHORTCUTS.items():
                quick = shortcut(pull_request)
                assert (quick if isinstance(quick, list) else [quick]) == (
                    in_json(whole, path, lambda _: None) or [None]
                ), path

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [("id", [3, 4]), ("-id", [4, 3]), ("created_on", [3, 4]), ("-updated_on", [4, 3]), ("author.nickname", [4, 3])],
    )
    def test_it_sorts(self, busy: Client, sort: str, expected: list[int]):
        assert ids(busy.get(LIST, sort=sort)) == expected

    def test_a_bad_query_is_a_400(self, busy: Client):
        busy.get(LIST, q="state = OPEN", expect=400)


class TestPages:
    def test_fifty_is_the_most(self, busy: Client):
        assert busy.get(LIST, pagelen=50)["pagelen"] == 50
        assert busy.get(LIST, pagelen=51, expect=400)["error"]["message"] == "Invalid pagelen"

    def test_all_pages_together_are_everything(self, busy: Client):
        values = busy.everything(f"{LIST}?state=OPEN&state=MERGED&state=DECLINED&pagelen=1")
        assert [one["id"] for one in values] == [4, 3, 2, 1]

    def test_lists_leave_reviewers_and_participants_out_unless_asked(self, busy: Client):
        assert not {"reviewers", "participants", "rendered"} & set(busy.get(LIST)["values"][0])
        asked = busy.get(LIST, fields="+values.participants,+values.reviewers")["values"][0]
        assert {"reviewers", "participants", "title", "links"} <= set(asked)
        assert busy.get(LIST, fields="values.id,values.reviewers.nickname")["values"][0] == {
            "id": 4,
            "reviewers": [{"nickname": "alice"}],
        }


class TestOne:
    def test_it_has_everything(self, busy: Client):
        body = busy.get(f"{LIST}/3")
        assert [one["nickname"] for one in body["reviewers"]] == ["alice"]
        assert body["participants"][0]["role"] == "REVIEWER"
        assert (body["merge_commit"], body["closed_by"], body["draft"]) == (None, None, False)
        assert len(body["source"]["commit"]["hash"]) == len(body["destination"]["commit"]["hash"]) == 12

    def test_a_merged_one_tells_by_whom_when_and_as_what(self, busy: Client):
        body = busy.get(f"{LIST}/1")
        assert body["merge_commit"]["hash"] == busy.pool.shells.git.branches()["main"][:12]
        assert body["closed_by"]["nickname"] == "alice"
        assert body["closed_on"] == body["updated_on"]

    @pytest.mark.parametrize("number", ["9", "0", "x", "-1"])
    def test_one_that_is_not_there_is_not_found(self, busy: Client, number: str):
        assert busy.get(f"{LIST}/{number}", expect=404)["error"]["message"] == number

    def test_strangers_do_not_see_it(self, busy: Client):
        busy.get(f"{LIST}/3", who=busy.pool.charlie, expect=404)

    def test_a_deleted_fork_leaves_its_source_empty(self, busy: Client):
        busy.pool.shells.pull_requests[3].source_repository = None
        source = busy.get(f"{LIST}/3")["source"]
        assert (source["repository"], source["commit"], source["branch"]["name"]) == (None, None, "three")


class TestLog:
    def test_it_is_an_iterator_the_newest_first(self, busy: Client):
        pool = busy.pool
        pull_request = pool.shells.pull_requests[3]
        actions.comment(pool.world, pull_request, actor=pool.alice, text="Hm")
        actions.request_changes(pool.world, pull_request, actor=pool.alice)
        actions.approve(pool.world, pull_request, actor=pool.bob)
        body = busy.get(f"{LIST}/3/activity")
        assert "size" not in body
        assert [next(key for key in one if key != "pull_request") for one in body["values"]] == [
            "approval", "changes_requested", "comment", "update",
        ]  # fmt: skip
        approval, request, comment, update = body["values"]
        assert approval["approval"]["user"]["nickname"] == "bob"
        assert request["changes_requested"]["pullrequest"]["id"] == 3
        assert comment["comment"]["content"]["raw"] == "Hm"
        assert update["update"]["state"] == "OPEN"
        assert update["pull_request"]["title"] == "Number 3"

    def test_closing_is_an_update_with_the_change_of_status(self, busy: Client):
        newest = busy.get(f"{LIST}/2/activity")["values"][0]["update"]
        assert (newest["state"], newest["changes"]) == ("DECLINED", {"status": {"old": "open", "new": "rejected"}})

    def test_the_repositorys_log_is_that_of_all(self, busy: Client):
        values = busy.everything(f"{LIST}/activity", pagelen=2)
        assert len(values) == 6
        assert {one["pull_request"]["id"] for one in values} == {1, 2, 3, 4}


class TestCommits:
    def test_they_are_the_sources_own_the_newest_first(self, busy: Client):
        values = busy.get(f"{LIST}/1/commits")["values"]
        assert [one["message"].split("\n")[0] for one in values] == ["Wind further", "Wind"]

    def test_they_page_without_a_size(self, busy: Client):
        body = busy.get(f"{LIST}/1/commits", pagelen=1)
        assert "size" not in body
        assert len(busy.everything(f"{LIST}/1/commits", pagelen=1)) == 2


class TestRedirects:
    @pytest.mark.parametrize("name", ["diff", "diffstat", "patch"])
    def test_it_leads_to_the_repositorys_own_address_which_answers(self, busy: Client, name: str):
        answer = busy.call("GET", f"{LIST}/3/{name}")
        assert (answer.status_code, answer.get_data()) == (302, b"")
        location = answer.headers["Location"]
        assert "%0D" in location
        assert location.endswith("?from_pullrequest_id=3&topic=true")
        assert busy.call("GET", location).status_code == 200

    def test_the_diffstat_is_what_the_branch_changed_and_not_what_the_destination_did(self, busy: Client):
        location = busy.call("GET", f"{LIST}/1/diffstat").headers["Location"]
        assert [one["new"]["path"] for one in busy.get(location)["values"]] == ["src/spiral.py"]

    def test_links_of_the_pull_request_lead_there_too(self, busy: Client):
        links = busy.get(f"{LIST}/3")["links"]
        assert busy.call("GET", links["diffstat"]["href"]).status_code == 200
        assert busy.call("GET", links["diff"]["href"]).content_type.startswith("text/plain")

    def test_conflicts_lead_to_the_files_that_conflict(self, busy: Client):
        busy.pool.open("conflict")
        location = busy.call("GET", f"{LIST}/5/conflicts").headers["Location"]
        assert [one["path"] for one in busy.get(location)["values"]] == ["src/sand.py"]
