"""The Issues tab: counted here or by Bitbucket, the states of a repository without a tracker, its age and its refresh."""

from urllib.parse import parse_qs, urlsplit

import pytest

from bitbucket.errors import TimedOut
from tests.web.fake_bitbucket import ANA, REPOSITORY, days_ago, page
from tests.web.panels.asking import bearer
from tests.web.panels.live.asking import open_page, open_tab, seen

TAB = "/pages/repository/issues"
ISSUES = f"{REPOSITORY}/issues"


def issue(number, *, state="new", kind="bug", priority="major", age=1.0, title=None):
    return {
        "type": "issue",
        "id": number,
        "title": title or f"Heron {number}",
        "state": state,
        "kind": kind,
        "priority": priority,
        "reporter": ANA,
        "created_on": days_ago(age),
    }


def calls_to_issues(bitbucket):
    return [request for request in bitbucket.requests if "/issues" in request.url]


def test_it_counts_by_state_kind_and_priority(client, alice, bitbucket):
    bitbucket.answers(
        ISSUES,
        page(
            issue(4, age=1),
            issue(3, state="resolved", age=2),
            issue(2, state="open", kind="task", priority="trivial", age=3),
            issue(1, state="on hold", age=90, title="Nobody feeds the heron"),
        ),
    )

    shown = seen(open_tab(client, TAB))

    assert "3 issues are open." in shown
    assert "Open 3 of 4" in shown
    assert "Oldest open 90 d #1" in shown
    assert "Newest 1 d #4" in shown
    assert "By state, all new 1 open 1 on hold 1 resolved 1" in shown
    assert "By kind, open bug 2 task 1" in shown
    assert "By priority, open major 2 trivial 1" in shown
    assert "Nobody feeds the heron" in shown


def test_one_call_is_enough_where_the_issues_fit_a_page(client, alice, bitbucket):
    bitbucket.answers(ISSUES, page(issue(1)))

    open_tab(client, TAB)

    assert len(calls_to_issues(bitbucket)) == 1


def test_bitbucket_counts_where_they_do_not(client, alice, bitbucket):
    bitbucket.answers(ISSUES, page(issue(900), issue(899), size=900))

    shown = seen(open_tab(client, TAB))

    questions = [parse_qs(urlsplit(request.url).query).get("q", [""])[0] for request in calls_to_issues(bitbucket)]
    assert sum('state = "resolved"' in question for question in questions) == 1
    assert sum("kind" in question and "state IN" in question for question in questions) == 4
    assert sum("priority" in question for question in questions) == 5
    assert len(questions) == 20  # the newest, nine states, four kinds, five priorities, the oldest open
    assert "Oldest open" in shown


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (410, "Bitbucket has removed its issue trackers"),
        (404, "This repository has no issue tracker"),
    ],
)
def test_a_repository_without_a_tracker_is_told_so(client, alice, bitbucket, status, sentence):
    bitbucket.answers(ISSUES, {"type": "error", "error": {"message": "gone"}}, status=status)

    answer = open_tab(client, TAB)

    assert answer.status_code == 200
    assert sentence in seen(answer)


def test_an_empty_tracker_is_told_so(client, alice, bitbucket):
    bitbucket.answers(ISSUES, page())

    assert "No issue has been filed yet." in seen(open_tab(client, TAB))


def test_a_bitbucket_that_does_not_answer_is_told_so_with_the_request_id(client, alice, bitbucket):
    bitbucket.fails(TimedOut("too slow"), path=REPOSITORY + "/none")
    token = open_page(client)
    bitbucket.paths[ISSUES] = TimedOut("too slow")

    answer = open_tab(client, TAB, token=token)

    assert "Bitbucket is taking too long" in seen(answer)
    assert answer.headers["X-Request-Id"] in seen(answer)


def test_it_says_how_old_its_answer_is(client, alice, bitbucket, clock):
    bitbucket.answers(ISSUES, page(issue(1)))
    token = open_page(client)
    first = seen(open_tab(client, TAB, token=token))
    clock.advance(seconds=50)

    second = open_tab(client, TAB, token=token).get_data(as_text=True)

    assert "Read from Bitbucket just now" in first
    assert 'datetime="2026-11-23T12:00:00Z"' in second
    assert len(calls_to_issues(bitbucket)) == 1


def test_a_refresh_reads_again_but_not_at_every_click(client, alice, bitbucket, clock):
    bitbucket.answers(ISSUES, page(issue(1)))
    token = open_page(client)
    open_tab(client, TAB, token=token)
    clock.advance(seconds=5)
    client.get(f"{TAB}?refresh=1", headers=bearer(token))
    clock.advance(seconds=6)
    client.get(f"{TAB}?refresh=1", headers=bearer(token))

    assert len(calls_to_issues(bitbucket)) == 2


def test_an_answer_of_one_installation_is_never_shown_to_another(client, alice, bitbucket):
    bitbucket.answers(ISSUES, page(issue(1, title="Alice only")))
    open_tab(client, TAB)

    assert client.get(TAB).status_code == 401
    assert client.get(TAB, headers=bearer("nonsense")).status_code == 401


def test_a_title_is_never_markup(client, alice, bitbucket):
    bitbucket.answers(ISSUES, page(issue(1, title="<script>alert(1)</script>")))

    assert "<script>" not in open_tab(client, TAB).get_data(as_text=True)


def test_the_tab_hides_where_the_repository_has_no_tracker(client, alice, bitbucket):
    bitbucket.show(has_issues=False)

    from tests.web.panels.test_repository_page import address

    assert 'id="tab-issues"' not in client.get(address()).get_data(as_text=True)
