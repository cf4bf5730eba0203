"""The Branches tab: classes, owners and a script from our own copy; ahead and behind on demand, asked once."""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bitbucket.errors import RateLimited
from insights.definitions import CATALOGUE
from models import repositories
from models.history import branch_comparisons
from tests.tenants import ALICE_REPOSITORY, NOON
from tests.web.fake_bitbucket import REPOSITORY, branch, page
from tests.web.panels.asking import bearer, page_token, text
from tests.web.panels.held import show_names
from tests.web.panels.places.heron import (
    BOT,
    COMMITS,
    EVE,
    TOM,
    address,
    changed,
    commit,
    link,
    page_of,
    pull_request,
    sha,
)

BASE = commit("base", age=200)
MAIN = commit("main", "merge", age=2, by=TOM)
MERGE = commit("merge", "base", "done", age=40)


@pytest.fixture
def history(heron):
    """A main branch, one merged, one squashed, one at work, one in review, one forgotten, one of a bot's."""
    heron.commits(BASE, MERGE, MAIN, commit("done", "base", age=50))
    heron.branches(
        main=MAIN,
        done=commit("done", "base", age=50),
        squashed=commit("squashed", "base", age=45, by=EVE),
        feature__work=commit("work", "main", age=1, by=TOM),
        feature__review=commit("review", "merge", age=120, by=EVE),
        old__idea=commit("idea", "base", age=150),
        renovate__deps=commit("deps", "base", age=12, by=BOT),
    )
    heron.pull_requests(
        pull_request(1, "squashed", head="squashed", state="MERGED", merged_as="elsewhere", opened=46, closed=44),
        pull_request(2, "feature/review", head="review", opened=119),
        pull_request(3, "renovate/deps", head="deps", by=TOM, opened=12),
    )
    return heron


@pytest.fixture
def shown(client, history):
    return client.get(address("branches"))


def row_of(answer, name):
    """What the table says of one branch."""
    rows = re.findall(r'<tr role="row">(.*?)</tr>', answer.get_data(as_text=True), re.DOTALL)
    [row] = [row for row in rows if f">{name}</a>" in row]
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


class TestWhatIsShown:
    @pytest.mark.parametrize(
        ("name", "word"),
        [
            ("main", "Long-lived"),
            ("done", "Merged"),
            ("squashed", "Merged"),
            ("feature/work", "Active"),
            ("feature/review", "Idle"),
            ("old/idea", "Stale"),
            ("renovate/deps", "Quiet"),
        ],
    )
    def test_each_branch_has_its_class(self, shown, name, word):
        assert row_of(shown, name).startswith(f"{name} {word}")

    def test_nothing_is_asked_of_bitbucket(self, shown, bitbucket):
        assert shown.status_code == 200
        assert bitbucket.requests == []

    def test_the_headline_counts_what_may_go(self, shown):
        assert "3 branches may go" in text(shown)

    def test_what_may_go_stands_first_the_longest_untouched_at_the_top(self, shown):
        seen = text(shown)
        assert seen.index("old/idea Stale") < seen.index("done Merged") < seen.index("squashed Merged")
        assert seen.index("squashed Merged") < seen.index("feature/work Active")

    def test_an_open_pull_request_is_named(self, shown):
        assert row_of(shown, "feature/review").endswith("#2")
        assert link(shown, "#2") == "https://bitbucket.org/alice/heron/pull-requests/2"

    def test_a_branch_links_to_bitbucket_and_its_commit_to_the_passport(self, shown):
        assert link(shown, "feature/work") == "https://bitbucket.org/alice/heron/branch/feature/work"
        passport = parse_qs(urlsplit(link(shown, sha("work")[:7])).query)
        assert (passport["tab"], passport["commit"]) == (["commit"], [sha("work")])

    def test_no_e_mail_address_is_shown(self, shown):
        assert "@example.com" not in shown.get_data(as_text=True)

    def test_it_is_a_table_for_those_who_do_not_see_it(self, shown):
        page_text = shown.get_data(as_text=True)
        assert page_text.count('role="row"') == 1 + 7
        assert page_text.count('scope="row"') == 7
        assert page_text.count('role="cell"') == 5 * 7


class TestWhomToAsk:
    """Whoever is waited for is named; the others only where the workspace shows names."""

    def test_the_owner_of_a_leftover_is_named(self, shown):
        assert "Eve Lind" in row_of(shown, "squashed")
        assert "Ana Silva" in row_of(shown, "old/idea")

    def test_somebody_at_work_is_not(self, client, history):
        history.branches(main=MAIN, feature__work=commit("work", "main", age=1, by=EVE))
        assert "Eve Lind" not in text(client.get(address("branches")))

    def test_the_viewer_is_you(self, shown):
        assert "You" in row_of(shown, "feature/work")

    def test_a_bots_branch_is_its_pull_requests_authors(self, shown):
        assert "You" in row_of(shown, "renovate/deps")
        assert "Renovate" not in text(shown)


class TestChoosingAClass:
    def test_only_that_class_is_listed(self, client, history):
        seen = client.get(address("branches", **{"class": "stale"})).get_data(as_text=True)
        assert "old/idea" in seen
        assert "feature/work" not in seen

    def test_what_may_go_can_be_chosen(self, client, history):
        seen = client.get(address("branches", **{"class": "clean_up"})).get_data(as_text=True)
        assert seen.count('scope="row"') == 3

    def test_each_class_that_there_is_has_a_link_with_its_number(self, client, shown):
        assert "7 All" in text(shown)
        opened = client.get(link(shown, "1 Stale"))
        assert opened.get_data(as_text=True).count('scope="row"') == 1

    def test_a_class_that_nobody_has_says_so(self, client, history):
        assert "No branch is of this kind." in text(client.get(address("branches", **{"class": "purple"})))


class TestBesideItsBase:
    @pytest.fixture
    def answers(self, bitbucket):
        """Bitbucket lists the same commits for both ways round: what only the branch has is filtered by the test's client."""
        bitbucket.answers(COMMITS, page_of(commit("review", "merge", age=120, by=EVE)))
        return bitbucket

    def opened(self, client, name="feature/review"):
        return client.get(address("branches", branch=name))

    def test_two_calls_are_made_once(self, client, history, answers):
        first = self.opened(client)
        assert "1 ahead, 1 behind main." in text(first)
        assert answers.read_paths == [COMMITS, COMMITS]
        assert "1 ahead, 1 behind" in row_of(self.opened(client), "feature/review")
        assert len(answers.read_paths) == 2

    def test_each_call_names_one_side_and_leaves_the_other_out(self, client, history, answers):
        self.opened(client)
        asked = [parse_qs(urlsplit(one.url).query) for one in answers.requests if "/commits" in one.url]
        sides = sorted((one["include"], one["exclude"]) for one in asked)
        assert sides == sorted([([sha("review")], [sha("main")]), ([sha("main")], [sha("review")])])

    def test_a_branch_that_moves_is_compared_again(self, client, history, answers):
        self.opened(client)
        history.branches(main=MAIN, feature__review=commit("review 2", "review", age=0.5, by=EVE))
        assert "1 ahead" not in row_of(client.get(address("branches")), "feature/review")
        self.opened(client)
        assert len(answers.read_paths) == 4

    def test_a_page_that_refreshes_itself_compares_nothing(self, client, history, answers):
        token = page_token(self.opened(client))
        history.branches(main=MAIN, feature__review=commit("review 2", "review", age=0.5, by=EVE))
        polling = bearer(token, **{"HX-Trigger": "refresh", "X-Refresh": "poll"})
        answer = client.get("/pages/repository/refresh?tab=branches&branch=feature/review", headers=polling)
        assert "has moved since they were compared" in answer.get_data(as_text=True)
        assert len(answers.read_paths) == 2

    def test_files_that_both_sides_changed_are_listed(self, client, history, answers):
        history.files(2, changed("src/shared.py"), changed("src/own.py"), head="review")
        answers.answers(COMMITS, page_of(commit("review", "merge", age=120, by=EVE)))
        assert "src/shared.py" in text(self.opened(client))

    def test_what_is_not_known_of_the_files_is_said(self, client, history, answers):
        assert "Which files both have changed is not known" in text(self.opened(client))

    def test_more_than_a_hundred_is_said_so(self, client, history, bitbucket):
        bitbucket.answers(COMMITS, page_of(*(commit(f"c{number}", age=number) for number in range(100))))
        assert "100+ ahead, 100+ behind main." in text(self.opened(client))

    def test_a_branch_that_may_go_has_the_command(self, client, history, bitbucket):
        bitbucket.answers(COMMITS, page_of())
        opened = self.opened(client, "old/idea")
        assert "Everything on it is in main." in text(opened)
        assert f"--force-with-lease=refs/heads/old/idea:{sha('idea')}" in opened.get_data(as_text=True)

    def test_the_main_branch_is_compared_with_nothing(self, client, history, bitbucket):
        assert "This is the branch that the others lead to." in text(self.opened(client, "main"))
        assert bitbucket.requests == []

    def test_a_branch_that_is_gone_says_so(self, client, history, bitbucket):
        assert "There is no branch of this name any more" in text(self.opened(client, "never/was"))
        assert bitbucket.requests == []

    def test_the_json_of_a_branch_that_is_compared_says_how_far_it_is(self, client, history, answers):
        body = json.loads(client.get(link(self.opened(client), "Figures as JSON")).data)
        _classes, beside = body["figures"]
        assert (beside["about"], beside["name"]) == ("feature/review", "divergence")
        assert beside["value"]["ahead"] == {"number": 1, "is_at_least": False}
        assert beside["value"]["shared_paths"] is None
        assert body["compared"] == {"base": "main", "at": "2026-11-23T12:00:00Z"}

    def test_when_bitbucket_does_not_answer_the_list_stays(self, client, history, bitbucket):
        bitbucket.answers(COMMITS, RateLimited("no more", status=429, retry_at=NOON + timedelta(hours=1)))
        seen = text(self.opened(client))
        assert "It could not be compared: Bitbucket's hourly limit is used up." in seen.replace("&#39;", "'")
        assert "old/idea Stale" in seen

    def test_what_was_asked_is_kept_for_this_repository(self, client, services, alice, history, answers):
        self.opened(client)
        with services.readers() as session:
            row = repositories.find(session, alice, ALICE_REPOSITORY)
            [kept] = branch_comparisons.every(session, row).values()
        assert (kept.branch, kept.base, kept.compared_at) == ("feature/review", "main", NOON)


class TestTakingAway:
    def test_the_csv_has_every_branch(self, client, shown):
        answer = client.get(link(shown, "All branches as CSV"))
        lines = answer.get_data(as_text=True).split("\r\n")
        assert answer.content_type == "text/csv; charset=utf-8"
        assert lines[0].startswith("branch,class,tip,last_sign_of_life,age_days,whom_to_ask")
        assert len(lines) == 1 + 7 + 1
        assert (
            f"old/idea,stale,{sha('idea')},2026-06-26T12:00:00Z,150,Ana Silva,,main,,,,true,branch_classes,1" in lines
        )

    def test_a_branch_that_looks_like_a_formula_is_a_text(self, client, history):
        history.branches(**{"main": MAIN, "=1+1": commit("formula", "base", age=1)})
        answer = client.get(link(client.get(address("branches")), "All branches as CSV"))
        assert "\r\n'=1+1,active," in answer.get_data(as_text=True)

    def test_the_script_deletes_what_may_go_and_nothing_else(self, client, shown):
        script = client.get(link(shown, "Download the script")).get_data(as_text=True)
        assert script.startswith("#!/bin/sh\n")
        assert script.count("git push origin --delete") == 3
        assert "feature/" not in script

    def test_the_json_has_every_branch_with_its_definition_and_what_may_go(self, client, shown, bitbucket):
        body = json.loads(client.get(link(shown, "Figures as JSON")).data)
        [figure] = body["figures"]
        known = CATALOGUE["branch_classes"]
        assert (body["repository"], body["made_at"]) == ("alice/heron", "2026-11-23T12:00:00Z")
        assert (figure["name"], figure["definition_version"]) == (known.name, known.version)
        assert (figure["n"], figure["why_not"], figure["exclusions"]) == (7, None, {})
        by_name = {one["name"]: one for one in figure["value"]}
        assert (by_name["old/idea"]["branch_class"], by_name["old/idea"]["tip"]) == ("stale", sha("idea"))
        assert by_name["old/idea"]["age"] == "P150D"
        assert body["may_go"] == ["old/idea", "done", "squashed"]
        assert body["bases"]["feature/review"] == "main"
        assert body["compared"] is None
        assert bitbucket.requests == []

    def test_the_json_names_the_owners_whom_the_page_names(self, client, history, services, alice):
        work, squashed = (commit(name, "base", age=age, by=EVE) for name, age in (("work", 1), ("squashed", 45)))
        history.branches(main=MAIN, squashed=squashed, feature__work=work)

        def owners():
            body = json.loads(client.get(link(client.get(address("branches")), "Figures as JSON")).data)
            return {one["name"]: one["owner"] for one in body["figures"][0]["value"]}

        hidden = owners()
        assert (hidden["squashed"], hidden["feature/work"]) == (EVE["uuid"], None)
        show_names(services, alice)
        assert owners()["feature/work"] == EVE["uuid"]

    def test_the_json_has_no_address_that_git_knows_somebody_by(self, client, history):
        stranger = commit("by-mail", "base", age=45)
        stranger["author"] = {"raw": "Mail Only <mail-only@example.com>"}
        history.branches(main=MAIN, by__mail=stranger)
        answer = client.get(link(client.get(address("branches")), "Figures as JSON"))
        assert b"by/mail" in answer.data
        assert b"example.com" not in answer.data

    @pytest.mark.parametrize(
        "path",
        ["/pages/repository/branches.csv", "/pages/repository/branches.json", "/pages/repository/clean-up.sh"],
    )
    def test_nobody_gets_it_without_the_pages_link(self, client, history, path):
        assert client.get(path).status_code == 401
        token = page_token(client.get(address("branches")))
        assert client.get(path, headers=bearer(token)).status_code == 401


class TestARepositoryThatIsNew:
    def test_its_newest_branches_are_asked_for_once_and_kept(self, client, heron, bitbucket):
        bitbucket.answers(f"{REPOSITORY}/refs/branches", page(branch("main"), branch("feature/1")))
        assert "feature/1" in text(client.get(address("branches")))
        client.get(address("branches"))
        assert bitbucket.read_paths == [f"{REPOSITORY}/refs/branches"]

    def test_one_without_branches_says_so(self, client, heron, bitbucket):
        bitbucket.answers(f"{REPOSITORY}/refs/branches", page())
        assert "This repository has no branches yet." in text(client.get(address("branches")))

    def test_when_bitbucket_does_not_answer_the_tab_says_why(self, client, heron, bitbucket):
        bitbucket.answers(f"{REPOSITORY}/refs/branches", RateLimited("no more", status=429, retry_at=NOON))
        assert "hourly limit is used up" in text(client.get(address("branches")))
