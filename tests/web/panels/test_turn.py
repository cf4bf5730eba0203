"""What Turn says of one pull request: whose turn and since when, its time, what it meets, and nothing of another tenant's."""

from urllib.parse import quote

import pytest

from bitbucket.errors import ConnectionFailed, TimedOut
from models.history import pull_requests as rows
from models.history import tasks
from models.history.tasks import TaskRow
from sync.history.activity import record_activity
from sync.history.contents import record_files
from tests.tenants import ALICE_REPOSITORY, BOB, CHARLIE_KEY, CHARLIE_SECRET, NOON
from tests.web.fake_bitbucket import ANA, REPOSITORY, TOM, answer, days_ago, page, participant, pull_request
from tests.web.panels.asking import bearer, page_token, text
from tests.web.panels.held import SOME, hold, hold_much, show_names, tell
from tests.web.signing import signed_url

HEAD = "1111111111111111111111111111111111111111"


def turn(number, user=BOB, *, repository=ALICE_REPOSITORY, **signing):
    target = f"/panels/pull-request?repository={quote(repository)}&pull_request={number}&user={quote(user)}"
    return signed_url(target, **signing)


def with_files(*names):
    """Record files of pull requests: as many lines each, so that sizes are told."""

    def record(projection):
        for number, paths in names:
            told = [changed(path) for path in paths]
            record_files(projection, number, told, head=HEAD, observed_at=projection.now)
            record_activity(projection, number, [], observed_at=projection.now)

    return record


def changed(path):
    import msgspec

    from bitbucket.diffs import FileChange

    return msgspec.convert(
        {"status": "modified", "lines_added": 30, "lines_removed": 12, "new": {"path": path}, "old": {"path": path}},
        FileChange,
    )


def headed(*about, **members):
    body = pull_request(*about, **members)
    body["source"]["commit"] = {"hash": HEAD}
    return body


def test_it_says_whose_turn_it_is_since_when_and_how_long_that_is(client, alice, services, bitbucket):
    hold(services, alice, headed(7, participant(ANA), author=TOM, opened=4), record=with_files((7, ["app.py"])))

    shown = text(client.get(turn(7)))

    # Monday noon less four days is Thursday noon; Saturday and Sunday are no wait.
    assert "Waiting for Ana Silva since Thu 19 Nov, 12:00" in shown
    assert "2 d so far" in shown
    assert "S: 42 lines in 1 file" in shown
    assert bitbucket.requests == []


def test_the_viewer_is_you(client, alice, services):
    hold(services, alice, headed(7, participant(TOM)), record=with_files((7, ["app.py"])))

    assert "Waiting for you since" in text(client.get(turn(7)))


def test_the_author_is_told_why_it_is_back(client, alice, services):
    hold(
        services,
        alice,
        headed(7, participant(TOM, state="changes_requested", on=days_ago(1))),
        record=with_files((7, ["app.py"])),
    )

    assert "Back with Ana Silva: changes requested since" in text(client.get(turn(7)))


def test_other_open_pull_requests_that_touch_the_same_files_are_listed(client, alice, services, bitbucket):
    hold(
        services,
        alice,
        headed(7, participant(TOM), title="Ours"),
        headed(8, participant(TOM), title="Theirs"),
        headed(9, participant(TOM), title="Elsewhere"),
        record=with_files((7, ["a.py", "b.py"]), (8, ["b.py", "c.py"]), (9, ["d.py"])),
    )

    shown = text(client.get(turn(7)))

    assert "#8 Theirs b.py" in shown
    assert "Elsewhere" not in shown
    assert "compared with 2 open" in shown


def test_open_threads_and_tasks_are_counted(client, alice, services):
    hold(services, alice, headed(7, participant(TOM)), record=with_files((7, ["a.py"])))

    def open_task(projection):
        row = TaskRow(repository_id=projection.repository.id, pull_request=7, task=1, created_at=NOON)
        tasks.store(projection.session, [row])
        projection.note_change(7)

    tell(services, alice, record=open_task)

    shown = text(client.get(turn(7)))

    assert "0 threads, 1 task" in shown
    assert "tasks open" in shown


def test_one_with_a_long_past_has_a_strip_a_rank_a_window_and_a_yardstick(client, alice, services, bitbucket):
    hold_much(services, alice)

    pages = [client.get(turn(SOME.pull_requests - place)) for place in range(SOME.open)]
    shown = [text(one) for one in pages]

    assert all('class="strip"' in one.get_data(as_text=True) for one in pages)
    assert all("larger than" in one for one in shown)
    assert any("usually merged within" in one for one in shown)
    assert any(", usual " in one for one in shown)
    assert any("On pace" in one or "Overdue" in one or "Slower than usual" in one for one in shown)
    assert all("Who knows the code" in one for one in shown)
    assert bitbucket.requests == []


def test_one_that_was_merged_says_when_and_how_long_it_took(client, alice, services, bitbucket):
    hold_much(services, alice)
    with services.readers() as session:
        from models import installations, repositories
        from tests.tenants import ALICE_KEY

        row = repositories.find(session, installations.by_client_key(session, ALICE_KEY), ALICE_REPOSITORY)
        held = rows.held(session, row, range(1, SOME.pull_requests))
    merged = next(number for number, one in held.items() if one.state == "MERGED")

    shown = text(client.get(turn(merged)))

    assert "Merged " in shown
    assert "from the first commit" in shown
    assert "Collisions Nothing" not in shown
    assert bitbucket.requests == []


def test_names_of_those_who_know_the_code_are_shown_only_where_the_workspace_shows_names(client, alice, services):
    hold_much(services, alice)
    hidden = text(client.get(turn(SOME.pull_requests)))
    show_names(services, alice)
    named = text(client.get(turn(SOME.pull_requests)))

    knowing = lambda shown: shown.partition("Who knows the code")[2].partition("Refresh")[0]  # noqa: E731
    assert "know it" in knowing(hidden)
    assert "know it" not in knowing(named)


def unknown(bitbucket, number=7, **members):
    body = headed(number, participant(TOM), **members)
    bitbucket.answers(f"{REPOSITORY}/pullrequests/{number}", body)
    bitbucket.answers(f"{REPOSITORY}/pullrequests/{number}/activity", page())
    bitbucket.answers(f"{REPOSITORY}/pullrequests/{number}/diffstat", page())
    bitbucket.answers(f"{REPOSITORY}/pullrequests/{number}/statuses", page())


def test_one_that_is_not_known_is_read_with_four_calls_and_then_held(client, alice, services, bitbucket, clock):
    hold(services, alice)
    unknown(bitbucket, title="Nobody told us")

    first = text(client.get(turn(7)))
    calls = len(bitbucket.read_paths)
    clock.advance(minutes=2)
    again = text(client.get(turn(7, at=clock())))

    assert "Waiting for you since" in first
    assert "Waiting for you since" in again
    assert (calls, len(bitbucket.read_paths)) == (4, 4)


@pytest.mark.parametrize(("error", "status"), [(TimedOut("slow"), 503), (ConnectionFailed("refused"), 503)])
def test_what_keeps_us_from_reading_it_is_a_designed_state(client, alice, services, bitbucket, error, status):
    hold(services, alice)
    bitbucket.fails(error)
    bitbucket.answers(f"{REPOSITORY}/pullrequests/7", error)

    page_of = client.get(turn(7))

    assert page_of.status_code == status
    assert "Request id" in text(page_of)


def test_one_that_bitbucket_does_not_have_is_a_state_of_its_own(client, alice, services, bitbucket):
    hold(services, alice)
    bitbucket.answers(f"{REPOSITORY}/pullrequests/7", answer({"type": "error", "error": {}}, status=404))

    assert client.get(turn(7)).status_code == 404


@pytest.mark.parametrize(
    "number", ["", "0", "-1", "7x", "{pullrequest.id}", "99999999999", "\N{ARABIC-INDIC DIGIT ONE}"]
)
def test_what_is_no_number_is_not_found(client, alice, services, number, bitbucket):
    hold(services, alice)

    assert client.get(turn(quote(number))).status_code == 404
    assert bitbucket.requests == []


def test_another_tenants_pull_request_is_not_found(client, alice, charlie, services, bitbucket):
    hold(services, alice, headed(7, participant(TOM), title="Alice's secret"), record=with_files((7, ["a.py"])))

    foreign = client.get(turn(7, client_key=CHARLIE_KEY, secret=CHARLIE_SECRET))

    assert foreign.status_code == 404
    assert "secret" not in foreign.get_data(as_text=True)


def test_it_follows_an_approval_without_a_reload(client, alice, services, bitbucket):
    hold(services, alice, headed(7, participant(TOM)), record=with_files((7, ["a.py"])))
    opened = client.get(turn(7))
    refresh = "/panels/pull-request/refresh?pull_request=7"
    assert refresh in opened.get_data(as_text=True)
    first = client.get(refresh, headers=bearer(page_token(opened)))
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get(refresh, headers=bearer(page_token(opened), **tag)).status_code == 304

    tell(services, alice, headed(7, participant(TOM, state="approved", on=days_ago(0))))

    again = client.get(refresh, headers=bearer(page_token(opened), **tag))
    assert again.status_code == 200
    assert "Ready to merge by Ana Silva" in again.get_data(as_text=True)
    assert bitbucket.requests == []


def test_a_token_of_this_panel_is_taken_by_no_other(client, alice, services):
    hold(services, alice, headed(7, participant(TOM)), record=with_files((7, ["a.py"])))
    token = page_token(client.get(turn(7)))

    assert client.get("/panels/repository/refresh", headers=bearer(token)).status_code == 401
