"""What Pulse says: the sentence, the figures, the rows, and that names are never markup."""

import re

import pytest

from tests.web.fake_bitbucket import (
    ANA,
    REPOSITORY,
    TOM,
    branch,
    days_ago,
    participant,
    pull_request,
)
from tests.web.panels.asking import panel, text


def test_the_first_answer_holds_the_figures(client, alice, bitbucket):
    bitbucket.show(
        pull_request(7, participant(TOM), opened=3, title="Teach the heron to stand still"),
        pull_request(8, participant(TOM, state="approved", on=days_ago(1)), opened=5),
        pull_request(9, participant(TOM, state="changes_requested", on=days_ago(2)), opened=6),
        pull_request(10, opened=9, draft=True),
        branches=[branch("feature/7", age=0.125), branch("main")],
    )

    answer = client.get(panel())

    shown = text(answer)
    assert answer.status_code == 200
    assert "1 pull request waits for a review, for 3 d now." in shown
    assert "Waiting for review 1 of 4 open" in shown
    assert "Longest wait 3 d #7" in shown
    assert "Ready to merge 1 1 with its author" in shown
    assert "Branches 2 newest 3 h ago" in shown
    assert "without 1 draft" in shown
    assert "Passed 1 build" in shown


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


def test_an_empty_repository_says_so(client, alice, bitbucket):
    bitbucket.show(branches=[], mainbranch=None)
    del bitbucket.paths[f"{REPOSITORY}/refs/branches/main"]

    assert "This repository has no commits yet." in text(client.get(panel()))


def test_a_main_branch_that_does_not_exist_yet_is_no_failure(client, alice, bitbucket):
    bitbucket.show(branches=[])
    del bitbucket.paths[f"{REPOSITORY}/refs/branches/main"]

    answer = client.get(panel())

    assert answer.status_code == 200
    assert 'class="tip"' not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("builds", "words"),
    [
        (("SUCCESSFUL", "FAILED"), "Failed 1 failed, 1 passed"),
        (("INPROGRESS",), "Running 1 running"),
        (("SUCCESSFUL", "SUCCESSFUL"), "Passed all 2 builds"),
        ((), "No builds"),
        (("PAUSED",), "No builds"),
    ],
)
def test_the_main_branch_says_what_its_builds_say(client, alice, bitbucket, builds, words):
    bitbucket.show(builds=builds)

    assert words in text(client.get(panel()))


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
        pull_request(1, author=ANA | {"links": {"avatar": {"href": ours}}}),
        pull_request(2, author=TOM | {"links": {"avatar": {"href": theirs}}}),
    )

    answer = client.get(panel())

    page = answer.get_data(as_text=True)
    assert ours in page
    assert "gravatar" not in page
    assert ">TO<" in page
    assert ours.rpartition("/initials")[0] in answer.headers["Content-Security-Policy"]


def test_parameters_of_the_host_appear_nowhere(client, alice):
    answer = client.get(panel(extra="&xdm_e=https%3A%2F%2Fevil.test&cp=%2F..%2F"))

    assert answer.status_code == 200
    assert "evil.test" not in answer.get_data(as_text=True) + str(answer.headers)
