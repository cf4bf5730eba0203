"""Comparing one repository with Bitbucket: what events had told wrong, or not at all, is right afterwards, and counted."""

from __future__ import annotations

from datetime import timedelta

from insights.facts.pull_requests import EventKind, PullRequestState, ReviewState
from models.history import pull_requests, repository_facts
from models.reconciles import Drift
from simulator.world import actions
from sync.reconcile import repository as comparing
from tests.sync.reconcile.comparing import LOST, act, facts_of, open_one, row_of


class TestItself:
    def test_it_is_called_as_bitbucket_calls_it_though_no_event_and_no_census_told(self, simulated, heron):
        act(simulated, actions.rename_repository, simulated.story.repository, name="Grey Heron")
        simulated.deliver(**LOST)
        simulated.reconcile()
        with simulated.services.readers() as session:
            row = simulated.held(session)
            assert (row.name, row.slug) == ("Grey Heron", "grey-heron")


class TestPullRequests:
    def test_one_that_no_event_told_of_is_there_with_all_that_belongs_to_it(self, simulated, heron):
        made = open_one(simulated, "feature/second", draft=True)
        act(simulated, actions.comment, made, text="Why?")
        act(simulated, actions.mark_ready, made, by=0)
        act(simulated, actions.add_task, made, text="Mend it")
        simulated.deliver(**LOST)
        simulated.reconcile()
        told = facts_of(simulated, made.id)
        assert (told.title, told.state, told.is_draft) == ("feature/second", PullRequestState.OPEN, False)
        kinds = {event.kind for event in told.events}
        assert {EventKind.OPENED, EventKind.COMMENTED, EventKind.READIED} <= kinds
        assert [change.path for change in told.files] == ["feature/second"]
        assert len(told.commits) == 1
        assert len(told.tasks) == 1
        assert row_of(simulated).found()[Drift.PULL_REQUEST] == 1

    def test_one_that_was_merged_unseen_is_merged(self, simulated, heron):
        (known,) = heron.pull_requests.values()
        act(simulated, actions.approve, known)
        act(simulated, actions.merge, known)
        simulated.deliver(**LOST)
        simulated.reconcile()
        told = facts_of(simulated)
        assert (told.state, told.closed_at, told.merge_commit) == (
            PullRequestState.MERGED,
            known.closed_on,
            known.merge_commit,
        )
        assert EventKind.APPROVED in {event.kind for event in told.events}

    def test_what_an_event_has_claimed_wrongly_is_put_right(self, simulated, heron):
        """Closed beats open among events; what Bitbucket says when it is asked beats both."""
        with simulated.services.sessions.begin() as session:
            row = pull_requests.held(session, simulated.held(session), {1})[1]
            wrong = {"state": PullRequestState.DECLINED, "title": "Forged"}
            pull_requests.store(
                session, [type(row)(**{**{n: getattr(row, n) for n in row.__struct_fields__}, **wrong})]
            )
        simulated.reconcile()
        assert (facts_of(simulated).state, facts_of(simulated).title) == (PullRequestState.OPEN, "feature/first")

    def test_one_that_we_hold_for_open_and_no_list_shows_is_asked_for(self, simulated, heron, monkeypatch):
        (known,) = heron.pull_requests.values()
        act(simulated, actions.decline, known)
        simulated.deliver(**LOST)
        # As if its last change were older than what is looked at: a clock over there that was set back.
        known.updated_on -= timedelta(days=3)
        simulated.reconcile()
        assert facts_of(simulated).state is PullRequestState.DECLINED

    def test_a_thread_that_was_resolved_before_the_last_event_is_found(self, simulated, heron):
        """The row is as new as Bitbucket's, so the list alone shows nothing."""
        (known,) = heron.pull_requests.values()
        said = act(simulated, actions.comment, known, text="Why?")
        simulated.deliver()
        act(simulated, actions.resolve_comment, known, said.id)
        simulated.deliver(**LOST)
        act(simulated, actions.approve, known, by=2)
        simulated.deliver()
        simulated.answer_all()
        assert facts_of(simulated).threads[0].resolved_at is None
        simulated.wait(minutes=30)
        simulated.reconcile()
        assert facts_of(simulated).threads[0].resolved_at == said.resolved_on
        assert row_of(simulated).found()[Drift.ACTIVITY] == 1

    def test_a_verdict_that_was_withdrawn_unseen_stands_no_more(self, simulated, heron):
        (known,) = heron.pull_requests.values()
        act(simulated, actions.approve, known)
        simulated.deliver()
        act(simulated, actions.unapprove, known)
        simulated.deliver(**LOST)
        simulated.reconcile()
        states = {one.account: one.state for one in facts_of(simulated).participants}
        assert ReviewState.APPROVED not in states.values()

    def test_another_destination_brings_other_files(self, simulated, heron):
        story = simulated.story
        (known,) = heron.pull_requests.values()
        main = heron.git.branches()["main"]
        act(simulated, actions.create_branch, heron, name="next", target=main)
        files = {"feature/first": "x\n"}
        act(simulated, actions.push_commit, heron, branch="next", message="The same", files=files)
        actions.push_commit(
            story.world, heron, actor=story.people[0], branch="feature/first", message="More", files={"more": "1\n"}
        )
        simulated.deliver()
        simulated.answer_all()
        act(simulated, actions.update_pull_request, known, by=0, destination="next")
        simulated.deliver()
        simulated.answer_all()
        assert facts_of(simulated).destination_branch == "next"
        assert facts_of(simulated).commits == tuple(heron.git.pull_request_commits(known))

    def test_what_reached_the_destination_on_another_way_is_no_longer_brought(self, simulated, heron):
        story = simulated.story
        (known,) = heron.pull_requests.values()
        act(simulated, actions.create_branch, heron, name="stacked", target="feature/first")
        actions.push_commit(
            story.world, heron, actor=story.people[0], branch="stacked", message="On top", files={"top": "1\n"}
        )
        upper = actions.open_pull_request(
            story.world, heron, author=story.people[0], title="Upper", source="stacked", reviewers=[]
        )
        simulated.deliver()
        simulated.answer_all()
        assert len(facts_of(simulated, upper.id).commits) == 2
        act(simulated, actions.merge, known)
        simulated.deliver()
        simulated.answer_all()
        simulated.reconcile()
        assert len(facts_of(simulated, upper.id).commits) == 1
        assert [change.path for change in facts_of(simulated, upper.id).files] == ["top"]


class TestRefs:
    def test_branches_and_tags_that_moved_unseen_point_where_they_do(self, simulated, heron):
        story = simulated.story
        act(simulated, actions.push_commit, heron, branch="main", message="Unseen", files={"a": "1"})
        act(simulated, actions.create_branch, heron, name="new", target="main")
        act(simulated, actions.create_tag, heron, name="v1", target="main", message="One")
        act(simulated, actions.delete_branch, heron, name="feature/first")
        simulated.deliver(**LOST)
        simulated.reconcile()
        with simulated.services.readers() as session:
            held = simulated.held(session)
            told = {one.name: one.tip for one in repository_facts.branches(session, held)}
            tags = {one.name: one.commit for one in repository_facts.tags(session, held)}
        assert told == story.repository.git.branches()
        assert tags == {"v1": heron.git.branches()["main"]}
        assert row_of(simulated).found()[Drift.REF] == 4

    def test_one_whose_making_is_told_after_a_comparison_that_found_it_gone_is_not_believed(self, simulated, heron):
        simulated.deliver()
        told = len(simulated.story.deliveries())
        act(simulated, actions.create_branch, heron, name="brief", target="main")
        act(simulated, actions.create_tag, heron, name="v0", target="main", message="Brief")
        late = simulated.story.deliveries()[told:]
        act(simulated, actions.delete_branch, heron, name="brief")
        act(simulated, actions.delete_tag, heron, name="v0")
        simulated.deliver(**LOST)
        simulated.reconcile()
        for delivery in late:
            simulated.apply(delivery)
        simulated.answer_all()
        with simulated.services.readers() as session:
            held = simulated.held(session)
            assert {one.name for one in repository_facts.branches(session, held)} == set(heron.git.branches())
            assert repository_facts.tags(session, held) == ()

    def test_one_that_is_made_is_believed_and_costs_no_call(self, simulated, heron):
        simulated.reconcile()
        act(simulated, actions.create_branch, heron, name="kept", target="main")
        simulated.deliver()
        before = len(simulated.transport.sent)
        simulated.answer_all()
        assert [one for one in simulated.transport.sent[before:] if "/refs/" in one] == []

    def test_one_that_a_long_list_does_not_show_is_asked_for_before_it_is_let_go(self, simulated, heron, monkeypatch):
        """While pages are read something is deleted, and another ref slips from one page to the one that was read."""
        for number in range(3):
            act(simulated, actions.create_branch, heron, name=f"b{number}", target="main")
        simulated.deliver()
        simulated.answer_all()
        act(simulated, actions.delete_branch, heron, name="b0")
        simulated.deliver(**LOST)
        two_a_page(monkeypatch)
        skip_on_second_page(simulated, monkeypatch, "b2")
        before = len(simulated.transport.sent)
        simulated.reconcile()
        asked = [sent for sent in simulated.transport.sent[before:] if "/refs/branches/" in sent]
        assert sorted(one.rpartition("/")[2] for one in asked) == ["b0", "b2"]
        with simulated.services.readers() as session:
            told = {one.name for one in repository_facts.branches(session, simulated.held(session))}
        assert told == set(heron.git.branches())

    def test_commits_between_those_that_we_hold_are_filled_in(self, simulated, heron):
        for number in range(8):
            act(simulated, actions.push_commit, heron, branch="main", message=f"{number}", files={"a": str(number)})
        simulated.deliver(**LOST)
        simulated.reconcile()
        with simulated.services.readers() as session:
            start = simulated.story.began - timedelta(days=1)
            known = {one.hash for one in repository_facts.commits_since(session, simulated.held(session), start)}
        assert set(heron.git.history.listing([heron.git.branches()["main"]], [])) <= known
        assert row_of(simulated).found()[Drift.COMMIT] == 7


def two_a_page(monkeypatch):
    monkeypatch.setattr("bitbucket.refs.MOST_PER_PAGE", 2)


def skip_on_second_page(simulated, monkeypatch, name):
    """Leave a ref out of the answers of the list, as paging by number does when the list has changed."""
    real = comparing._record_refs

    def without(projection, page, *, observed_at):
        kept = tuple(one for one in page.values if one.name != name)
        return real(projection, type(page)(values=kept, next=page.next), observed_at=observed_at)

    monkeypatch.setattr(comparing, "_record_refs", without)


class TestBuilds:
    def test_a_word_of_a_build_that_no_event_told_is_found(self, simulated, heron):
        tip = heron.git.branches()["main"]
        act(simulated, actions.set_build_status, heron, commit=tip, key="unit", state="FAILED")
        simulated.deliver(**LOST)
        simulated.wait(minutes=30)
        simulated.reconcile()
        with simulated.services.readers() as session:
            (told,) = repository_facts.builds_of(session, simulated.held(session), {tip})
        assert (told.key, told.state) == ("unit", "FAILED")
        assert row_of(simulated).found()[Drift.BUILD] == 1

    def test_builds_are_left_alone_once_they_have_settled(self, simulated, heron):
        simulated.wait(days=4)
        assert simulated.reconcile()["GET commit/#/statuses"] > 0
        simulated.wait(days=1)
        assert simulated.reconcile()["GET commit/#/statuses"] == 0

    def test_deployments_are_asked_for_where_something_was_pushed(self, simulated, heron):
        simulated.wait(days=4)
        simulated.reconcile()
        simulated.wait(days=1)
        assert simulated.reconcile()["GET deployments"] == 0
        act(simulated, actions.push_commit, heron, branch="main", message="Ship", files={"a": "1"})
        simulated.deliver()
        simulated.wait(hours=12)
        assert simulated.reconcile()["GET deployments"] == 1


class TestCost:
    def test_a_night_of_a_quiet_repository_costs_two_calls(self, simulated, heron):
        simulated.wait(days=4)
        simulated.reconcile()
        simulated.wait(days=1)
        assert simulated.reconcile() == {"GET pullrequests": 1, "GET refs": 1}
        assert row_of(simulated).calls == 2
        assert row_of(simulated).found() == {}

    def test_what_events_have_told_in_time_is_no_drift(self, simulated, heron):
        simulated.story.tell(40)
        simulated.deliver()
        simulated.answer_all()
        simulated.wait(hours=1)
        simulated.reconcile()
        assert row_of(simulated).found() == {}

    def test_the_calls_of_the_questions_count_too(self, simulated, heron):
        (known,) = heron.pull_requests.values()
        act(simulated, actions.comment, known, text="Why?")
        simulated.deliver(**LOST)
        calls = simulated.reconcile()
        assert row_of(simulated).calls == sum(calls.values())

    def test_everything_is_looked_at_where_that_is_wished(self, simulated, heron):
        (known,) = heron.pull_requests.values()
        act(simulated, actions.merge, known)
        simulated.deliver()
        simulated.answer_all()
        simulated.wait(days=4)
        simulated.reconcile()
        simulated.wait(days=1)
        known.title = "Renamed in the dark"
        simulated.reconcile()
        assert facts_of(simulated).title == "feature/first"
        simulated.reconcile(is_whole=True)
        assert facts_of(simulated).title == "Renamed in the dark"
