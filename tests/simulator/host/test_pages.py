"""What the pages show."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest

from simulator.host.pull_request_pages import activity_of
from simulator.world.model import Activity, Update
from tests.simulator.small_world import BEGAN


class TestTheFirstPage:
    def test_it_lists_what_the_viewer_may_see(self, site):
        site.view_as(site.cast.alice)
        words = site.words("/")
        assert "Paint" in words
        assert "Secret" not in words
        assert "no app installed" in words

    def test_somebody_else_sees_something_else(self, site):
        site.view_as(site.cast.charlie)
        words = site.words("/")
        assert "Secret" in words
        assert "The paint of Acme." not in words

    def test_where_nobody_was_chosen_each_workspace_shows_as_to_its_owner(self, site):
        words = site.words("/")
        assert "Paint" in words
        assert "Secret" in words

    def test_nobody_sees_nothing(self, site):
        site.view_as(None)
        assert "There is nothing here that somebody who is logged out can see." in site.words("/")

    def test_installed_apps_are_named(self, site):
        site.install()
        assert "Stand-in installed" in site.words("/")

    def test_a_workspace_has_a_page_of_its_own(self, site):
        assert "Paint" in site.words("/acme/")
        assert "No workspace with identifier" in site.words("/nobody/", 404)


class TestTheOverview:
    def test_it_shows_files_readme_and_facts(self, site):
        words = site.words("/acme/paint/")
        for text in ("src", "logo.bin", "README.md", "Begin with the walls", "Colours for the whole house.", "walls"):
            assert text in words
        assert "Main branch main Branches 2 Tags 0 Open pull requests 1 Merged pull requests 0 Access Private" in words

    def test_directories_come_first(self, site):
        text = site.get("/acme/paint/")
        assert text.index("</svg>src") < text.index("</svg>logo.bin")

    def test_a_repository_without_commits_says_so(self, site):
        site.cast.paint.main_branch = None
        assert "Nothing is here yet." in site.words("/acme/paint/")

    @pytest.mark.parametrize("path", ["/acme/paint/overview", "/acme/paint/src/"])
    def test_other_addresses_lead_to_it(self, site, path):
        answer = site.client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/acme/paint/")

    def test_panels_are_embedded_with_all_that_the_bridge_needs(self, site):
        site.install()
        text = html.unescape(site.get("/acme/paint/"))
        assert '"addon_key": "stand-in", "key": "overview", "url": "http://127.0.0.1:9/panel?repository=%7B' in text
        assert '"moduleType": "webPanel"' in text
        assert "/!api/internal/connect/frame?app_key=stand-in" in text
        assert '"key": "turn"' not in text

    def test_the_navigation_counts_and_marks_where_one_is(self, site):
        text = site.get("/acme/paint/branches/")
        assert '<a href="/acme/paint/branches/" aria-current="page">' in text
        assert '<a href="/acme/paint/" aria-current="page">' not in text

    def test_pages_of_apps_stand_in_the_navigation(self, site):
        site.install()
        assert "/acme/paint/addon/stand-in/whole" in site.get("/acme/paint/commits/")


class TestFiles:
    def test_a_directory_lists_its_files_and_the_way_up(self, site):
        text = site.get("/acme/paint/src/main/src")
        assert "/acme/paint/src/main/src/walls.py" in text
        assert "</svg>..</a>" in text

    def test_a_text_is_shown_line_by_line(self, site):
        text = site.get("/acme/paint/src/main/src/walls.py")
        assert '<li id="lines-1"><code>COLOUR = &#39;white&#39;</code></li>' in text

    def test_a_branch_with_a_slash_can_be_looked_at_by_its_hash(self, site):
        tip = site.cast.pull_request.source_hash
        assert "COLOUR = &#39;blue&#39;" in site.get(f"/acme/paint/src/{tip}/src/doors.py")

    def test_what_is_binary_is_not_shown(self, site):
        assert "This file is binary or too long to show." in site.words("/acme/paint/src/main/logo.bin")

    @pytest.mark.parametrize("path", ["src/nothing/", "src/main/nothing", "commits/ffffffffff"])
    def test_what_is_not_there_is_a_404(self, site, path):
        site.get(f"/acme/paint/{path}", 404)


class TestCommitsAndBranches:
    def test_the_history_of_the_main_branch_is_shown_at_first(self, site):
        words = site.words("/acme/paint/commits/")
        assert "Begin with the walls" in words
        assert "Paint the doors" not in words

    @pytest.mark.parametrize("path", ["commits/?branch=feature/doors", "branch/feature/doors"])
    def test_another_branch_can_be_chosen(self, site, path):
        assert "Paint the doors" in site.words(f"/acme/paint/{path}")

    def test_an_unknown_branch_has_no_commits(self, site):
        assert "No commits." in site.words("/acme/paint/commits/?branch=nothing")

    def test_there_is_a_next_page_only_where_there_is_more(self, site):
        for number in range(31):
            site.cast.paint.git.commit_files(
                "main",
                files={"n.txt": str(number).encode()},
                message=f"Number {number}",
                author=site.cast.paint.git.commit("main").author,
            )
        first, second = site.get("/acme/paint/commits/"), site.get("/acme/paint/commits/?page=2")
        assert 'rel="next"' in first
        assert 'rel="prev"' not in first
        assert 'rel="next"' not in second
        assert 'rel="prev"' in second
        assert "Begin with the walls" in second

    def test_a_commit_shows_its_message_files_and_builds(self, site):
        words = site.words(f"/acme/paint/commits/{site.cast.pull_request.source_hash}")
        for text in ("Paint the doors", "Bob Example", "src/doors.py", "+1", "Builds passed", "Pipeline"):
            assert text in words

    def test_the_first_commit_has_no_parent(self, site):
        first = site.cast.pull_request.destination_hash
        words = site.words(f"/acme/paint/commits/{first}")
        assert "None: the first commit." in words
        assert "They are white." in words

    def test_branches_are_listed_the_main_one_first_with_their_pull_requests(self, site):
        text = site.get("/acme/paint/branches/")
        assert text.index("<span>main</span>") < text.index("<span>feature/doors</span>")
        assert '<a href="/acme/paint/pull-requests/1">#1</a>' in text

    def test_only_writers_are_offered_to_change_something(self, site):
        site.cast.paint.is_private = False
        assert "Create a branch" in site.words("/acme/paint/branches/")
        site.view_as(site.cast.charlie)
        for path in ("branches/", "commits/", f"commits/{site.cast.pull_request.source_hash}"):
            words = site.words(f"/acme/paint/{path}")
            assert "Create a branch" not in words
            assert "Push a commit" not in words
            assert "Report a build" not in words


class TestPullRequests:
    @pytest.mark.parametrize(
        ("query", "is_there"),
        [("", True), ("?state=open", True), ("?state=all", True), ("?state=merged", False), ("?state=x", True)],
    )
    def test_the_list_is_filtered_by_state(self, site, query, is_there):
        assert ("Paint the doors blue" in site.words(f"/acme/paint/pull-requests/{query}")) is is_there

    def test_the_list_shows_who_was_asked_what_was_said_and_how_it_builds(self, site):
        text = site.get("/acme/paint/pull-requests/")
        assert 'alt="Alice Example"' in text
        assert "Builds passed" in text
        assert 'href="#icon-comment"/></svg>1' in text

    def test_a_list_has_pages(self, site):
        for number in range(2, 30):
            site.cast.paint.pull_requests[number] = site.cast.pull_request
        assert 'rel="next"' in site.get("/acme/paint/pull-requests/")
        assert 'rel="prev"' in site.get("/acme/paint/pull-requests/?page=2")

    def test_one_shows_all_there_is_to_know(self, site):
        words = site.words("/acme/paint/pull-requests/1")
        for text in (
            "Paint the doors blue #1",
            "Open",
            "Bob Example",
            "feature/doors",
            "They were grey before.",
            "Which blue?",
        ):
            assert text in words
        assert "src/doors.py" in words
        assert "Bob Example opened the pull request" in words

    def test_what_can_be_done_depends_on_who_looks(self, site):
        site.cast.paint.is_private = False
        assert 'value="merge"' in site.get("/acme/paint/pull-requests/1")
        site.view_as(site.cast.charlie)
        text = site.get("/acme/paint/pull-requests/1")
        assert 'value="merge"' not in text
        assert 'value="decline"' not in text
        assert 'value="approve"' in text
        site.view_as(None)
        assert '<button class="button" name' not in site.get("/acme/paint/pull-requests/1")

    def test_a_draft_can_be_made_ready_and_not_merged(self, site):
        site.cast.pull_request.draft = True
        text = site.get("/acme/paint/pull-requests/1")
        assert 'value="mark_ready"' in text
        assert 'value="merge"' not in text
        assert "Draft" in site.words("/acme/paint/pull-requests/")

    def test_a_closed_one_offers_nothing(self, site):
        site.cast.pull_request.state = "MERGED"
        text = site.get("/acme/paint/pull-requests/1")
        assert 'class="actions"' not in text
        assert "Merged" in site.words("/acme/paint/pull-requests/1")

    def test_panels_of_pull_requests_are_beside_it(self, site):
        site.install()
        text = html.unescape(site.get("/acme/paint/pull-requests/1"))
        assert '"url": "http://127.0.0.1:9/panel?pr=1&state=OPEN' in text
        assert '"key": "overview"' not in text

    def test_one_that_is_not_there_is_a_404(self, site):
        assert "There is no pull request #9 in acme/paint." in site.words("/acme/paint/pull-requests/9", 404)

    def test_the_form_offers_branches_and_people(self, site):
        text = site.get("/acme/paint/pull-requests/new?source=feature/doors")
        assert "<option selected>feature/doors</option>" in text
        assert "Bob Example</label>" in text
        assert "Alice Example</label>" not in text

    def test_the_form_needs_somebody_and_a_branch(self, site):
        site.cast.paint.git.set_branch("feature/doors", None)
        assert "There is no branch to merge yet." in site.words("/acme/paint/pull-requests/new")
        site.cast.paint.is_private = False
        site.view_as(None)
        assert "Log in to open a pull request." in site.words("/acme/paint/pull-requests/new")


class TestTheActivity:
    def update(self, cast, number, **changes):
        values = {"state": "OPEN", "title": "t", "description": "", "draft": False, "source_branch": "feature/doors"}
        values |= {"source_hash": "a" * 40, "destination_branch": "main", "destination_hash": "b" * 40, **changes}
        return Activity("update", BEGAN + timedelta(hours=number), cast.bob, update=Update(**values))

    def test_each_entry_says_what_happened_newest_first(self, cast):
        cast.pull_request.activity = [
            self.update(cast, 1),
            self.update(cast, 2, source_hash="c" * 40),
            self.update(cast, 3, source_hash="c" * 40, draft=True),
            self.update(cast, 4, source_hash="c" * 40),
            self.update(cast, 5, source_hash="c" * 40, changes={"title": {}, "description": {}}),
            self.update(cast, 6, source_hash="c" * 40),
            Activity("approval", BEGAN, cast.alice),
            Activity("changes_requested", BEGAN, cast.alice),
            Activity("comment", BEGAN, cast.alice, comment_id=1),
            self.update(cast, 7, source_hash="c" * 40, state="MERGED"),
            Activity("update", BEGAN, cast.alice),
        ]
        assert [entry.text for entry in activity_of(cast.pull_request)][::-1] == [
            "opened the pull request",
            "pushed to feature/doors",
            "made the pull request a draft",
            "marked the pull request as ready",
            "changed description, title",
            "updated the pull request",
            "approved",
            "requested changes",
            "commented",
            "merged the pull request",
            "updated the pull request",
        ]

    @pytest.mark.parametrize(("state", "word"), [("DECLINED", "declined"), ("SUPERSEDED", "superseded")])
    def test_an_end_has_its_word(self, cast, state, word):
        cast.pull_request.activity = [self.update(cast, 1, state=state)]
        assert activity_of(cast.pull_request)[0].text == f"{word} the pull request"

    def test_a_deleted_comment_is_left_out(self, cast):
        cast.pull_request.comments[1].deleted = True
        assert [entry.kind for entry in activity_of(cast.pull_request)] == ["update"]


def test_what_was_written_stays_text_on_every_page(site):
    attack = "<script>alert(1)</script>"
    it = site.cast.pull_request
    it.title = it.description = it.comments[1].raw = attack
    site.cast.paint.description = site.cast.paint.name = attack
    site.cast.alice.display_name = attack
    for path in ("/", "/acme/", "/acme/paint/", "/acme/paint/pull-requests/", "/acme/paint/pull-requests/1"):
        assert attack not in site.get(path)


@pytest.mark.parametrize(
    "name", ["colours.css", "base.css", "parts.css", "pages.css", "page.js", "bridge.js", "mark.svg"]
)
def test_what_pages_are_made_of_is_served(site, name):
    assert site.client.get(f"/_simulator/static/site/{name}", buffered=True).status_code == 200


def test_an_address_that_nothing_has_is_a_page_too(site):
    assert "That is not here" in site.words("/acme/paint/settings/nothing/at/all", 404)
    plain = site.client.get("/acme/paint/settings/nothing", headers={"Accept": "application/json"})
    assert (plain.status_code, plain.mimetype) == (404, "text/plain")


class TestWhatGitNoLongerHas:
    def test_a_pull_request_whose_commits_went_with_their_fork_is_still_shown(self, site):
        site.cast.pull_request.source_hash = "d" * 40
        site.cast.pull_request.source_repository = None
        words = site.words("/acme/paint/pull-requests/1")
        assert "Paint the doors blue" in words
        assert "No files changed." in words
        assert "No commits." in words

    def test_a_closed_pull_requests_branch_may_be_gone(self, site):
        site.cast.paint.git.set_branch("feature/doors", None)
        site.cast.pull_request.state = "MERGED"
        assert "feature/doors" in site.words("/acme/paint/pull-requests/1")


@pytest.mark.parametrize("length", [1, 40, 400])
def test_long_names_do_not_break_a_page(site, length):
    it = site.cast.pull_request
    it.title = "W" * length
    site.cast.paint.git.set_branch("b" * min(length, 200), site.cast.paint.git.commit("main").hash)
    for path in ("/acme/paint/branches/", "/acme/paint/pull-requests/", "/acme/paint/pull-requests/1"):
        site.get(path)


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999"])
def test_a_page_number_that_makes_no_sense_is_no_fault(site, number):
    for path in ("/acme/paint/commits/", "/acme/paint/pull-requests/"):
        site.get(f"{path}?page={number}")
