"""The Commit tab: the passport from our own copy; an unknown commit is asked for once."""

from datetime import timedelta

import pytest

from bitbucket.errors import RateLimited
from insights.facts.repository import EnvironmentType
from models.history import deployments
from models.history.deployments import DeploymentRow
from tests.tenants import NOON
from tests.web.fake_bitbucket import REPOSITORY
from tests.web.panels.asking import bearer, page_token, text
from tests.web.panels.places.heron import (
    ANA,
    EVE,
    TOM,
    address,
    ago,
    changed,
    commit,
    link,
    page_of,
    pull_request,
    sha,
)

REFRESH = "/pages/repository/refresh"


@pytest.fixture
def history(heron):
    """A feature that came with pull request 7, was tagged, deployed and taken back."""
    heron.commits(
        commit("base", age=90),
        commit("work", "base", age=41, by=ANA, message="Teach the heron to wait\n\nAt length."),
        commit("merge", "base", "work", age=40, by=TOM),
        commit("later", "merge", age=20, by=TOM),
        commit("undo", "later", age=10, by=EVE, message=f"Undo it\n\nThis reverts commit {sha('work')}."),
    )
    told = pull_request(7, "feature/wait", head="work", state="MERGED", merged_as="merge", opened=42, closed=40)
    told["participants"] = [
        {
            "user": TOM,
            "role": "REVIEWER",
            "approved": True,
            "state": "approved",
            "participated_on": ago(41).isoformat(),
        },
        {"user": EVE, "role": "REVIEWER", "approved": False, "state": None, "participated_on": None},
    ]
    heron.pull_requests(told)
    heron.pull_request_commits(7, commit("work", "base", age=41, by=ANA), head="work")
    heron.commit_files("work", changed("src/wait.py", added=30, removed=4), changed("src/fly.py", status="removed"))
    heron.builds("work", unit="SUCCESSFUL", deploy="FAILED")
    heron.tags(v1_0=commit("base", age=90), v2_0=commit("later", "merge", age=20), v2_1=commit("undo", "later", age=10))
    return heron


def shown(client, name="work", **query):
    return client.get(address("commit", commit=sha(name), **query))


class TestAKnownCommit:
    def test_it_says_what_brought_it(self, client, history):
        answer = shown(client)
        assert link(answer, "#7 Change 7") == "https://bitbucket.org/alice/heron/pull-requests/7"
        assert "Teach the heron to wait" in text(answer)
        assert "At length" not in text(answer)

    def test_nothing_is_asked_of_bitbucket(self, client, history, bitbucket):
        assert shown(client).status_code == 200
        assert bitbucket.requests == []

    def test_failed_builds_come_first(self, client, history):
        seen = text(shown(client))
        assert seen.index("deploy Failed") < seen.index("unit Passed")

    def test_the_first_tag_that_contains_it_is_named(self, client, history):
        assert "First tag v2.0 20 d ago" in text(shown(client))

    def test_a_commit_in_no_tag_says_so(self, client, history):
        history.commits(commit("newest", "undo", age=1))
        history.commit_files("newest")
        assert "First tag in none yet" in text(shown(client, "newest"))

    def test_that_it_was_taken_back_is_said_first(self, client, history):
        answer = shown(client)
        assert f"It was taken back by {sha('undo')[:7]}." in text(answer)
        assert f"commit={sha('undo')}" in link(answer, "Undo it")

    def test_a_revert_names_what_it_reverts(self, client, history):
        history.commit_files("undo")
        answer = shown(client, "undo")
        assert f"commit={sha('work')}" in link(answer, f"{sha('work')[:7]} Teach the heron to wait")

    def test_environments_are_those_whose_deployment_contains_it(self, client, services, history):
        rows = [
            DeploymentRow(
                repository_id=1,
                uuid=f"{{{name}}}",
                environment=name,
                environment_type=EnvironmentType.PRODUCTION,
                commit=sha(at),
                completed_at=ago(age),
                was_successful=works,
                as_of=NOON,
            )
            for name, at, age, works in [
                ("staging", "merge", 39, True),
                ("production", "later", 19, True),
                ("production 2", "base", 38, True),
                ("broken", "later", 18, False),
            ]
        ]
        with services.sessions.begin() as session:
            deployments.store(session, rows)
        seen = text(shown(client))
        assert "Deployed staging 39 d ago Deployed production 19 d ago" in seen
        assert "production 2" not in seen
        assert "broken" not in seen

    def test_its_files_are_listed_with_their_lines(self, client, history):
        answer = shown(client)
        assert "2 files changed" in text(answer)
        assert "src/wait.py +30 \N{MINUS SIGN}4" in text(answer)
        assert "src/fly.py removed" in text(answer)
        assert "tab=files&path=src%2Fwait.py" in link(answer, "src/wait.py")

    def test_the_pull_requests_review_is_told(self, client, history):
        seen = text(shown(client))
        assert "Rounds 0" in seen
        assert "First commit to merge 2\N{NO-BREAK SPACE}d" in shown(client).get_data(as_text=True).replace(
            "</dt><dd>", " "
        )

    def test_reviewers_are_counted_where_names_are_not_shown(self, client, history):
        seen = text(shown(client))
        assert "Reviewers You and 1 other" in seen
        assert "Eve Lind" not in seen

    def test_a_shortened_hash_will_do(self, client, history):
        assert "Teach the heron" in text(client.get(address("commit", commit=f" {sha('work')[:9].upper()} ")))

    def test_a_commit_without_a_pull_request_says_so(self, client, history):
        history.commit_files("later")
        assert "No pull request that we know of brought it." in text(shown(client, "later"))

    def test_one_of_an_open_pull_request_waits(self, client, history):
        history.commits(commit("open", "undo", age=1))
        history.commit_files("open")
        history.pull_requests(pull_request(8, "feature/open", head="open"))
        history.pull_request_commits(8, commit("open", "undo", age=1), head="open")
        assert "It waits in #8, which is open." in text(shown(client, "open"))

    def test_no_e_mail_address_is_shown(self, client, history):
        assert "@example.com" not in shown(client).get_data(as_text=True)


class TestAnUnknownCommit:
    @pytest.fixture
    def answers(self, bitbucket):
        at = f"{REPOSITORY}/commit/{sha('stray')}"
        bitbucket.answers(at, commit("stray", "base", age=3, message="Stray"))
        bitbucket.answers(f"{REPOSITORY}/diffstat/{sha('stray')}", page_of(changed("src/stray.py")))
        bitbucket.answers(
            f"{at}/statuses",
            page_of(
                {"key": "unit", "state": "FAILED", "created_on": ago(3).isoformat(), "updated_on": ago(3).isoformat()}
            ),
        )
        return bitbucket

    def test_it_is_asked_for_once(self, client, history, answers):
        first = text(shown(client, "stray"))
        assert "Stray" in first
        assert "unit Failed" in first
        assert "src/stray.py" in first
        assert len(answers.read_paths) == 3
        assert "src/stray.py" in text(shown(client, "stray"))
        assert len(answers.read_paths) == 3

    def test_one_whose_files_were_never_read_is_completed(self, client, history, answers):
        history.commits(commit("stray", "base", age=3, message="Stray"))
        assert "src/stray.py" in text(shown(client, "stray"))
        assert len(answers.read_paths) == 3

    def test_one_whose_files_cannot_be_listed_is_shown_without(self, client, history, answers):
        del answers.paths[f"{REPOSITORY}/diffstat/{sha('stray')}"]
        seen = text(shown(client, "stray"))
        assert "Stray" in seen
        assert "changed" not in seen

    def test_while_bitbucket_does_not_answer_what_is_known_is_shown(self, client, history, bitbucket):
        history.commits(commit("stray", "base", age=3, message="Stray"))
        error = RateLimited("no more", status=429, retry_at=NOON + timedelta(hours=1))
        for path in (f"commit/{sha('stray')}", f"diffstat/{sha('stray')}", f"commit/{sha('stray')}/statuses"):
            bitbucket.answers(f"{REPOSITORY}/{path}", error)
        seen = text(shown(client, "stray"))
        assert "Stray" in seen
        assert "could not be asked for" in seen

    def test_one_that_bitbucket_does_not_know_is_a_state_of_its_own(self, client, history):
        answer = shown(client, "nowhere")
        assert answer.status_code == 404
        assert "There is no such commit here" in text(answer)
        assert "This repository is not here any more" not in text(answer)

    def test_the_tab_says_so_to_the_pages_script_as_well(self, client, history):
        token = page_token(shown(client))
        answer = client.get(f"{REFRESH}?tab=commit&commit={sha('nowhere')}", headers=bearer(token))
        assert "There is no such commit here" in text(answer) or "no such commit" in answer.get_data(as_text=True)

    @pytest.mark.parametrize("typed", ["main", "../../etc", "abc", "g" * 40, "a" * 41])
    def test_what_is_no_hash_is_never_asked_for(self, client, history, bitbucket, typed):
        assert "This is no commit" in text(client.get(address("commit", commit=typed)))
        assert bitbucket.requests == []

    def test_an_answer_about_another_commit_is_not_taken(self, client, history, bitbucket):
        bitbucket.answers(f"{REPOSITORY}/commit/{sha('stray')}", commit("other", "base"))
        assert shown(client, "stray").status_code == 404


class TestBeforeOneIsChosen:
    def test_the_newest_commits_are_offered(self, client, history):
        answer = client.get(address("commit"))
        assert f"commit={sha('undo')}" in link(answer, sha("undo")[:7])
        assert text(answer).index("Undo it") < text(answer).index("Teach the heron to wait")

    def test_there_is_a_field_that_needs_no_script(self, client, history):
        import re

        page = client.get(address("commit")).get_data(as_text=True)
        token = re.search(r'name="link" value="([^"]+)"', page)[1]
        opened = client.get(f"/pages/repository?tab=commit&link={token}&commit={sha('work')}")
        assert "Teach the heron to wait" in text(opened)

    def test_a_repository_without_commits_has_the_field_alone(self, client, heron):
        assert "The newest commits" not in text(client.get(address("commit")))


def test_another_workspaces_commits_are_not_found(client, history, services, charlie):
    from models import repositories
    from models.repositories import RepositoryFacts
    from tests.tenants import CHARLIE_KEY, CHARLIE_REPOSITORY, CHARLIE_SECRET, CHARLIE_WORKSPACE
    from tests.web.signing import signed_url

    with services.sessions.begin() as session:
        facts = RepositoryFacts(
            CHARLIE_REPOSITORY, workspace_uuid=CHARLIE_WORKSPACE, is_private=False, main_branch="main"
        )
        repositories.record(session, charlie, facts, as_of=NOON, now=NOON)
    target = f"/pages/repository?repository={CHARLIE_REPOSITORY}&tab=commit&commit={sha('work')}"
    target = target.replace("{", "%7B").replace("}", "%7D")
    answer = client.get(signed_url(target, client_key=CHARLIE_KEY, secret=CHARLIE_SECRET))
    assert "Teach the heron" not in text(answer)
    assert answer.status_code == 404
