"""What Pulse says: the sentence, the figures, the rows, and that names are never markup."""

import re
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event

from bitbucket.errors import ConnectionFailed
from insights.settings import WorkspaceSettings
from models import reconciles, repositories, workspace_settings
from models.backfill_stages import Stage
from tests.tenants import ALICE_REPOSITORY
from tests.web.fake_bitbucket import (
    ANA,
    REPOSITORY,
    TOM,
    branch,
    days_ago,
    participant,
    pull_request,
)
from tests.web.panels.asking import REFRESH, bearer, page_token, panel, text
from tests.web.panels.held import hold, hold_much, say_read, tell

LARS = {"type": "user", "uuid": "{aaaaaaaa-0000-4000-8000-0000000000f3}", "display_name": "Lars Lind", "nickname": "l"}


def text_of(fragment):
    return " ".join(re.sub(r"<[^>]+>", " ", fragment.get_data(as_text=True)).split())


@contextmanager
def counted_statements(engine):
    """What is asked of the database meanwhile."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_the_first_answer_holds_the_figures(client, alice, services, bitbucket):
    hold(
        services,
        alice,
        pull_request(7, participant(TOM), opened=4, title="Teach the heron to stand still"),
        pull_request(8, participant(TOM, state="approved", on=days_ago(3)), opened=5),
        pull_request(9, participant(TOM, state="changes_requested", on=days_ago(3)), opened=6),
        pull_request(10, opened=9, draft=True),
    )

    shown = text(client.get(panel()))

    # Monday noon: four days back is Thursday noon, and the weekend between is no wait.
    assert "1 pull request waits for a review, for 2 d now." in shown
    assert "Waiting for review 1 of 4 open" in shown
    assert "ready to merge by Ana Silva" in shown
    assert "back with Ana Silva: changes requested" in shown
    assert "left out: 1 in draft" in shown
    assert "History" not in shown
    assert bitbucket.requests == []


def test_a_repository_never_seen_is_asked_for_once_and_then_held(client, alice, services, bitbucket, clock):
    bitbucket.show(pull_request(7, participant(TOM), title="Teach the heron to stand still"))

    first = text(client.get(panel()))
    read = list(bitbucket.read_paths)
    clock.advance(seconds=30)
    again = text(client.get(panel()))

    assert "Teach the heron to stand still" in first
    assert "Teach the heron to stand still" in again
    assert read == [REPOSITORY, f"{REPOSITORY}/pullrequests"]
    assert bitbucket.read_paths == read


def test_a_history_that_is_being_read_says_how_far_it_is(client, alice, services, bitbucket):
    hold(services, alice, pull_request(7, participant(TOM)))
    with services.sessions.begin() as session:
        row = repositories.find(session, alice, ALICE_REPOSITORY)
        say_read(session, row, now=services.now(), stage=Stage.CLOSED_PULL_REQUESTS, open_total=1, closed_total=99)

    page = client.get(panel())

    assert re.search(r"History: \d+ of 100 pull requests", text(page))
    assert '<progress class="bar" max="100"' in page.get_data(as_text=True)


def test_a_repository_that_looks_away_is_not_asked_of_bitbucket_while_it_is_held(client, alice, services, bitbucket):
    hold(services, alice, pull_request(7))
    bitbucket.fails(ConnectionFailed("refused"))

    answer = client.get(panel())

    assert (answer.status_code, bitbucket.requests) == (200, [])


def test_too_few_data_give_no_percentile_and_none_says_so(client, alice, services):
    hold(services, alice)

    shown = text(client.get(panel()))

    assert "No pull request was open here in the last 90 days." in shown
    assert "none in 52 weeks" in shown
    assert "no builds told" in shown


def test_every_figure_prints_its_n_its_window_and_its_definition(client, alice, services, bitbucket):
    hold_much(services, alice)

    page = client.get(panel())

    shown = text(page)
    assert len(re.findall(r"n = \d+, 26 Oct to 23 Nov", shown)) >= 3
    assert "definition pickup, version 1" in shown
    assert "definition open_to_merge, version 1" in shown
    assert 'class="sparkline"' in page.get_data(as_text=True)
    assert re.search(r"red \d", shown)
    assert "Behind it: #" in shown
    assert bitbucket.requests == []


def test_an_event_shows_on_the_page_that_is_open(client, alice, services, bitbucket):
    hold(services, alice, pull_request(7, participant(TOM)))
    page = client.get(panel())
    first = client.get(REFRESH, headers=bearer(page_token(page)))
    tell(services, alice, pull_request(7, participant(TOM, state="approved", on=days_ago(0))))

    again = client.get(REFRESH, headers=bearer(page_token(page), **{"If-None-Match": first.headers["ETag"]}))

    assert (first.status_code, again.status_code) == (200, 200)
    assert "waiting for you" in text_of(first)
    assert "ready to merge by Ana Silva" in text_of(again)
    assert bitbucket.requests == []


def test_nothing_is_read_twice_for_a_page_that_shows_it_already(client, alice, services):
    hold_much(services, alice)
    page = client.get(panel())
    first = client.get(REFRESH, headers=bearer(page_token(page)))

    with counted_statements(services.engine) as statements:
        again = client.get(REFRESH, headers=bearer(page_token(page), **{"If-None-Match": first.headers["ETag"]}))

    assert again.status_code == 304
    assert len(statements) <= 6


def test_the_settings_of_the_workspace_take_effect_at_once(client, alice, services):
    hold(services, alice, pull_request(8, participant(TOM, state="approved", on=days_ago(3)), opened=5))
    assert "ready to merge" in text(client.get(panel()))
    with services.sessions.begin() as session:
        workspace_settings.write(
            session, alice, WorkspaceSettings(required_approvals=2), by_uuid=None, now=services.now()
        )

    shown = text(client.get(panel()))

    assert "no reviewer is asked" in shown
    assert "The settings have changed: the figures of the past are being worked out again." in shown


def test_a_copy_that_hears_nothing_says_since_when_and_is_compared_at_a_wish_now_and_then(
    client, alice, services, clock
):
    hold(services, alice, pull_request(7))
    with services.sessions.begin() as session:
        row = repositories.find(session, alice, ALICE_REPOSITORY)
        reconciles.plan(session, row, at=services.now() + timedelta(days=1))
        session.flush()
        reconciles.of(session, row).finished_at = services.now()
    clock.advance(hours=9)

    page = client.get(panel(at=clock()))
    answer = client.post("/panels/repository/check", headers=bearer(page_token(page)))

    assert "Last event 9 h ago." in text(page)
    assert answer.status_code == 200
    with services.readers() as session:
        assert reconciles.of(session, row).next_attempt_at == clock()


def test_what_waits_longest_comes_first_and_at_most_five_rows_are_shown(client, alice, bitbucket):
    bitbucket.show(*(pull_request(number, opened=number) for number in range(1, 8)))

    answer = client.get(panel())

    numbers = re.findall(r'<p class="about">#(\d+)', answer.get_data(as_text=True))
    assert numbers == ["7", "6", "5", "4", "3"]
    assert "5 of 7" in text(answer)


def test_the_viewer_is_told_what_is_theirs(client, alice, bitbucket):
    bitbucket.show(
        pull_request(1, participant(TOM)), pull_request(2, author=TOM), pull_request(3, participant(ANA), author=TOM)
    )

    answer = client.get(panel())

    assert "1 waits for you. 2 of yours wait for others." in text(answer)
    assert answer.get_data(as_text=True).count("is-yours") == 1
    assert "waiting for you" in text(answer)


def test_another_viewer_of_the_same_repository_is_told_something_else(client, alice, bitbucket):
    bitbucket.show(pull_request(1, participant(TOM)))
    client.get(panel())

    assert "waits for you" not in text(client.get(panel(user=ANA["uuid"])))
    assert "waiting for Tom Okafor" in text(client.get(panel(user=ANA["uuid"])))


def test_links_lead_to_bitbucket_and_leave_the_frame(client, alice, bitbucket):
    bitbucket.show(pull_request(7))

    page = client.get(panel()).get_data(as_text=True)

    links = re.findall(r'<a [^>]*href="([^"]+)"([^>]*)>', page)
    assert links
    assert all(address.startswith("https://bitbucket.org/alice/heron") for address, _ in links)
    assert all('target="_top"' in rest for _, rest in links)
    assert ("https://bitbucket.org/alice/heron/pull-requests/7", ' target="_top"') in links


NASTY = '"><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}${7*7}</script><!--'


def test_names_and_titles_are_never_markup(client, alice, bitbucket):
    somebody = ANA | {"display_name": NASTY}
    bitbucket.show(
        pull_request(
            1, participant(somebody | {"uuid": "{aaaaaaaa-0000-4000-8000-0000000000f9}"}), author=somebody, title=NASTY
        ),
        branches=[branch(NASTY, message=NASTY)],
        name=NASTY,
        full_name=f"alice/{NASTY}",
    )

    page = client.get(panel()).get_data(as_text=True)

    assert "<img src=x" not in page
    assert "<script>" not in page
    assert page.count("<script") == page.count("</script>") == 3
    assert "{{7*7}}${7*7}" in page


def test_a_picture_is_shown_from_where_the_policy_allows_and_nowhere_else(client, alice, bitbucket):
    ours = "https://avatar-management--avatars.us-west-2.prod.public.atl-paas.net/initials/AS-1.png"
    theirs = "https://secure.gravatar.com/avatar/0123"
    bitbucket.show(
        pull_request(1, participant(ANA | {"links": {"avatar": {"href": ours}}}), author=TOM),
        pull_request(2, participant(LARS | {"links": {"avatar": {"href": theirs}}}), author=TOM),
    )

    answer = client.get(panel())

    page = answer.get_data(as_text=True)
    assert ours in page
    assert "gravatar" not in page
    assert ">LL<" in page
    assert ours.rpartition("/initials")[0] in answer.headers["Content-Security-Policy"]


def test_parameters_of_the_host_appear_nowhere(client, alice):
    answer = client.get(panel(extra="&xdm_e=https%3A%2F%2Fevil.test&cp=%2F..%2F"))

    assert answer.status_code == 200
    assert "evil.test" not in answer.get_data(as_text=True) + str(answer.headers)
