"""The Files tab and the page of one file: hotspots, authors, co-change; an unknown file is asked for once a day."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from bitbucket.errors import RateLimited
from bitbucket.messages import Headers, Response
from tests.tenants import ALICE_REPOSITORY, BOB, NOON
from tests.web.fake_bitbucket import REPOSITORY
from tests.web.panels.asking import text
from tests.web.panels.held import show_names
from tests.web.panels.places.heron import (
    ANA,
    BOT,
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
from tests.web.signing import signed_url

HISTORY = f"{REPOSITORY}/filehistory/{sha('main')}/src/old.c"


def file_page(path, user=BOB, **query):
    parameters = {"repository": ALICE_REPOSITORY, "user": user, "path": path, **query}
    return signed_url(f"/pages/file?{urlencode(parameters)}")


@pytest.fixture
def history(heron):
    """Ten merged pull requests: busy.py in all but one, its twin in six, quiet.py in one; one open, one of a bot's."""
    heron.branches(main=commit("main", age=1))
    for number in range(1, 11):
        by = EVE if number == 1 else ANA if number < 9 else TOM
        head = f"h{number}"
        heron.pull_requests(
            pull_request(
                number, f"f/{number}", head=head, state="MERGED", opened=100 - number, closed=99 - number, by=by
            )
        )
        files = (
            [changed("src/busy.py", status="added" if number == 1 else "modified", added=100)] if number < 10 else []
        )
        files += [changed("src/twin.py", status="added" if number == 2 else "modified")] if 2 <= number <= 7 else []
        files += [changed("docs/quiet.md", status="added", added=3)] if number == 10 else []
        heron.files(number, *files, head=head)
    heron.pull_requests(pull_request(11, "f/11", head="h11"), pull_request(12, "f/12", head="h12", by=TOM))
    heron.files(11, changed("src/busy.py"), changed("src/new.py", status="added"), head="h11")
    heron.files(12, changed("src/busy.py"), head="h12")
    return heron


@pytest.fixture
def names_are_shown(services, alice):
    show_names(services, alice)


class TestAllFiles:
    def test_the_hottest_stand_first(self, client, history, bitbucket):
        seen = text(client.get(address("files")))
        assert seen.index("src/busy.py") < seen.index("src/twin.py") < seen.index("docs/quiet.md")
        assert "1 file is a hotspot" in seen
        assert bitbucket.requests == []

    def test_each_has_its_score_revisions_and_lines(self, client, history):
        # Three files: busy ranks above two by both, so (2.5 / 3) squared; its lines are 9 times 100 added less 2.
        assert "src/busy.py Hotspot 0.69 9 882" in text(client.get(address("files")))

    def test_folders_say_how_many_know_them(self, client, history):
        assert "src/ 2 files 2 people docs/ 1 file 1 person" in text(client.get(address("files")))

    def test_a_repository_without_merged_pull_requests_says_so(self, client, heron):
        assert "No merged pull request's files are known yet." in text(client.get(address("files"))).replace(
            "&#39;", "'"
        )

    def test_generated_files_are_no_hotspots(self, client, history):
        history.pull_requests(pull_request(20, "f/20", head="h20", state="MERGED", closed=1))
        history.files(20, changed("package-lock.json", added=9000), head="h20")
        assert "package-lock.json" not in text(client.get(address("files")))


class TestOneFile:
    def shown(self, client, path="src/busy.py"):
        return client.get(address("files", path=path))

    def test_its_figures(self, client, history, bitbucket):
        seen = text(self.shown(client))
        assert "Revisions, 52 weeks 9 more than 83 % of the changed files" in seen
        assert "Hotspot score 0.69" in seen
        assert "Truck factor 2 of src/" in seen
        assert bitbucket.requests == []

    def test_who_has_it_open_comes_first(self, client, history):
        answer = self.shown(client)
        assert "2 open pull requests change it now." in text(answer)
        assert link(answer, "#11") == "https://bitbucket.org/alice/heron/pull-requests/11"

    def test_what_changes_together_with_it(self, client, history):
        answer = self.shown(client)
        # Six in common; the mean of nine and six is 7.5.
        assert "src/twin.py 80 %, 6 times" in text(answer)
        assert "tab=files&path=src%2Ftwin.py" in link(answer, "src/twin.py")

    def test_too_few_changes_say_so(self, client, history):
        assert "It changed 1 times in 52 weeks; that needs five to say." in text(self.shown(client, "docs/quiet.md"))

    def test_people_are_not_named_but_for_the_viewer(self, client, history):
        seen = text(self.shown(client))
        assert "Ana Silva" not in seen
        assert "Eve Lind" not in seen
        assert "Somebody (1)" in seen
        assert "You" in seen

    def test_they_are_where_the_workspace_shows_names(self, client, history, names_are_shown):
        seen = text(self.shown(client))
        assert seen.index("Ana Silva") < seen.index("Eve Lind")

    def test_bots_are_no_authors(self, client, history, names_are_shown):
        history.pull_requests(pull_request(21, "f/21", head="h21", state="MERGED", closed=1, by=BOT))
        history.files(21, changed("docs/quiet.md"), head="h21")
        assert "Renovate" not in text(self.shown(client, "docs/quiet.md"))

    def test_a_renamed_file_keeps_its_authors_and_its_revisions(self, client, history):
        history.pull_requests(pull_request(22, "f/22", head="h22", state="MERGED", closed=1, by=TOM))
        history.files(22, changed("lib/busy.py", status="renamed", old="src/busy.py"), head="h22")
        assert "Revisions, 52 weeks 10" in text(self.shown(client, "lib/busy.py"))

    def test_it_links_to_the_file_in_bitbucket(self, client, history):
        assert link(self.shown(client), "src/busy.py") == "https://bitbucket.org/alice/heron/src/main/src/busy.py"

    def test_the_hundredth_look_asks_no_more_of_the_database_than_the_second(self, client, history, services):
        from sqlalchemy import event

        def statements():
            found = []

            def note(_connection, _cursor, statement, *_rest):
                found.append(statement)

            event.listen(services.engine, "before_cursor_execute", note)
            self.shown(client)
            event.remove(services.engine, "before_cursor_execute", note)
            return len(found)

        first, second = statements(), statements()
        assert second < first
        assert second <= 40


class TestAPullRequestsFiles:
    def test_they_are_listed_the_hottest_first(self, client, history, bitbucket):
        answer = client.get(address("files", pullrequest="11"))
        seen = text(answer)
        assert "#11 touches 1 hotspot." in seen
        assert seen.index("src/busy.py Hotspot") < seen.index("src/new.py")
        assert bitbucket.requests == []

    def test_other_open_ones_with_files_in_common_are_named(self, client, history):
        answer = client.get(address("files", pullrequest="11"))
        assert "#12 Change 12 1 file in common" in text(answer)

    def test_one_that_is_not_known_says_so(self, client, history):
        answer = client.get(address("files", pullrequest="99"))
        assert answer.status_code == 404
        assert "This pull request is not known here yet" in text(answer)

    def test_one_whose_files_were_not_read_says_so(self, client, history):
        history.pull_requests(pull_request(13, "f/13", head="h13"))
        assert "The files of #13 have not been read yet." in text(client.get(address("files", pullrequest="13")))

    @pytest.mark.parametrize("number", ["x", "-1", "", "1.5"])
    def test_what_is_no_number_shows_all_files(self, client, history, number):
        assert "Files by hotspot score" in text(client.get(address("files", pullrequest=number)))


class TestAFileThatNoPullRequestTouches:
    @pytest.fixture
    def answers(self, bitbucket):
        entries = [
            {"path": "src/old.c", "type": "commit_file", "commit": commit(f"o{place}", age=30 * place, by=by)}
            for place, by in enumerate([TOM, TOM, ANA], start=1)
        ]
        bitbucket.answers(HISTORY, page_of(*entries))
        return bitbucket

    def shown(self, client):
        return text(client.get(address("files", path="src/old.c")))

    def test_its_history_is_asked_for_once(self, client, history, answers, names_are_shown):
        seen = self.shown(client)
        assert "No pull request that we know touches it." in seen
        assert "Revisions, 52 weeks 3 commits" in seen
        assert seen.index("Ana Silva") < seen.index("You")
        self.shown(client)
        assert answers.read_paths == [HISTORY]

    def test_after_a_day_it_is_asked_again(self, client, clock, history, answers):
        self.shown(client)
        clock.advance(hours=25)
        client.get(signed(clock))
        assert answers.read_paths == [HISTORY, HISTORY]

    def test_while_bitbucket_does_not_answer_the_old_one_stands(self, client, clock, history, answers):
        self.shown(client)
        clock.advance(hours=25)
        answers.answers(HISTORY, RateLimited("no more", status=429, retry_at=NOON + timedelta(days=2)))
        seen = text(client.get(signed(clock)))
        assert "Bitbucket could not be asked" in seen
        assert "Revisions, 52 weeks 3 commits" in seen

    def test_one_with_more_than_a_page_has_no_known_beginning(self, client, history, answers):
        answers.answers(HISTORY, page_of(commit_entry("o1"), next_="https://api.bitbucket.org/2.0/next"))
        assert "who made it is not known" in self.shown(client)

    def test_one_that_bitbucket_does_not_know_is_a_state_of_its_own(self, client, history):
        answer = client.get(address("files", path="src/nothing.c"))
        assert answer.status_code == 404
        assert "There is no such file here" in text(answer)

    def test_the_commit_of_the_file_viewer_is_where_it_is_asked_for(self, client, history, bitbucket):
        bitbucket.answers(f"{REPOSITORY}/filehistory/{sha('branch')}/src/old.c", page_of(commit_entry("o1")))
        client.get(file_page("src/old.c", revision=sha("branch")))
        assert bitbucket.read_paths == [f"{REPOSITORY}/filehistory/{sha('branch')}/src/old.c"]


OWNERS_FILE = f"{REPOSITORY}/src/{sha('main')}/.bitbucket/CODEOWNERS"
RULES = "* @tom\nsrc/ @ana:random(1) @alice/reviewers lars@example.com  # the core\n"


def raw(text):
    return Response(200, Headers({"Content-Type": "text/plain"}), text.encode())


class TestCodeOwners:
    """Read when somebody asks, and kept; a day later it can be read again."""

    @pytest.fixture
    def asked(self, bitbucket):
        bitbucket.answers(OWNERS_FILE, raw(RULES))
        return bitbucket

    def opened(self, client, path="src/busy.py"):
        return client.get(address("files", path=path, owners="1"))

    def test_before_somebody_asks_nothing_is_read(self, client, history, asked):
        answer = client.get(address("files", path="src/busy.py"))
        assert asked.requests == []
        client.get(link(answer, "Read the CODEOWNERS file"))
        assert asked.read_paths == [OWNERS_FILE]

    def test_each_owner_is_told_with_their_last_change(self, client, history, asked):
        seen = text(self.opened(client))
        assert "@ana changed it last 91 d ago" in seen
        assert "@alice/reviewers not known here" in seen
        assert "lars@example.com not known here" in seen

    def test_an_owner_who_never_changed_it_is_absent(self, client, history, asked):
        assert "@ana has never changed it, as far as we know Absent" in text(self.opened(client, "src/new.py"))

    def test_one_who_has_not_for_a_year_is_absent(self, client, history, asked):
        history.pull_requests(
            pull_request(30, "f/30", head="h30", state="MERGED", by=TOM, opened=401, closed=400),
        )
        history.files(30, changed("old.md", status="added"), head="h30")
        assert "@tom changed it last 400 d ago Absent" in text(self.opened(client, "old.md"))

    def test_it_is_kept_for_every_file(self, client, history, asked):
        self.opened(client)
        seen = text(client.get(address("files", path="docs/quiet.md")))
        assert "@tom changed it last 89 d ago" in seen
        self.opened(client, "docs/quiet.md")
        assert asked.read_paths == [OWNERS_FILE]
        assert "Read the CODEOWNERS file" not in seen

    def test_a_file_that_it_does_not_name_says_so(self, client, history, bitbucket):
        bitbucket.answers(OWNERS_FILE, raw("src/ @ana\n"))
        assert "It names nobody for this file." in text(self.opened(client, "docs/quiet.md"))

    def test_a_repository_without_one_says_so(self, client, history):
        assert "The repository has no such file." in text(self.opened(client))

    def test_when_bitbucket_does_not_answer_the_rest_is_shown(self, client, history, bitbucket):
        bitbucket.answers(OWNERS_FILE, RateLimited("no more", status=429, retry_at=NOON + timedelta(hours=1)))
        seen = text(self.opened(client))
        assert "Bitbucket could not be asked" in seen
        assert "Hotspot score 0.69" in seen


class TestThePageOfAFile:
    """What Bitbucket shows among the viewers of a file: the same facts, without tabs."""

    def test_it_has_the_facts_and_no_tabs(self, client, history, bitbucket):
        answer = client.get(file_page("src/busy.py"))
        assert "Hotspot score 0.69" in text(answer)
        assert 'class="tabs"' not in answer.get_data(as_text=True)
        assert bitbucket.requests == []

    def test_its_links_open_the_repositorys_page(self, client, history):
        opened = client.get(link(client.get(file_page("src/busy.py")), "src/twin.py"))
        assert opened.status_code == 200
        assert 'class="tabs"' in opened.get_data(as_text=True)

    @pytest.mark.parametrize("path", ["", "/", "src/nothing.c"])
    def test_a_file_that_nobody_knows_has_its_state(self, client, history, path):
        answer = client.get(file_page(path))
        assert answer.status_code == 404
        assert "There is no such file here" in text(answer)

    def test_when_bitbucket_does_not_answer_it_says_when_to_come_back(self, client, history, bitbucket):
        error = RateLimited("no more", status=429, retry_at=NOON + timedelta(hours=1))
        bitbucket.answers(HISTORY, error)
        answer = client.get(file_page("src/old.c"))
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]

    def test_an_address_that_was_changed_opens_nothing(self, client, history):
        assert client.get(file_page("src/busy.py") + "&path=other").status_code == 401
        assert client.get("/pages/file?path=src/busy.py").status_code == 401

    def test_nobody_who_is_not_signed_in_sees_a_private_repositorys_files(self, client, history):
        assert client.get(file_page("src/busy.py", user="")).status_code == 404


def commit_entry(name):
    return {"path": "src/old.c", "type": "commit_file", "commit": commit(name, age=3)}


def signed(clock):
    parameters = {"repository": ALICE_REPOSITORY, "user": BOB, "tab": "files", "path": "src/old.c"}
    return signed_url(f"/pages/repository?{urlencode(parameters)}", at=clock())
