"""The degree of authorship, worked out on paper."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.files.authorship import authors_of, degree_of_authorship, file_authors, folder_of, folder_touches
from insights.files.changes import Touch, with_present_names
from insights.result import WhyNot
from tests.insights.files.cast import ANA, BEN, BOT, CEM, PEOPLE, added, change, renamed
from tests.insights.lives import HOUR, at

MONDAY = at("Mon 00:00")


def touches(*authors, created_by_first=True):
    return [
        Touch(author, MONDAY + number * HOUR, is_creation=created_by_first and number == 0)
        for number, author in enumerate(authors)
    ]


@pytest.mark.parametrize(
    ("created", "deliveries", "acceptances", "score"),
    [
        (False, 0, 0, 3.293),
        (True, 0, 0, 4.391),  # 3.293 + 1.098
        (True, 5, 0, 5.211),  # + 5 * 0.164 = 0.82
        (False, 2, 7, 3.293 + 0.328 - 0.321 * 2.0794415416798357),  # ln 8
    ],
)
def test_the_formula(created, deliveries, acceptances, score):
    found = degree_of_authorship(has_created=created, deliveries=deliveries, acceptances=acceptances)

    assert found == pytest.approx(score)


def test_who_created_a_file_and_changed_it_most_leads_it():
    # Ana created it and changed it twice more; Ben changed it twice, Cem once. Six changes in all.
    # Ana: FA 1, DL 2, AC 3: 3.293 + 1.098 + 0.328 - 0.321 ln 4 = 4.27400. Ben: DL 2, AC 4: 3.621 - 0.321 ln 5 = 3.10437.
    # Cem: DL 1, AC 5: 3.457 - 0.321 ln 6 = 2.88184. Shares: 1, 0.72634, 0.67427: only Ana is above 0.75.
    found = authors_of(touches(ANA, BEN, ANA, CEM, ANA, BEN), PEOPLE)

    assert [author.account for author in found] == [ANA, BEN, CEM]
    assert [author.score for author in found] == pytest.approx([4.27400, 3.10437, 2.88184], abs=1e-5)
    assert [author.share for author in found] == pytest.approx([1, 0.72634, 0.67427], abs=1e-5)
    assert [author.is_author for author in found] == [True, False, False]


def test_a_file_has_several_authors_where_they_are_close():
    # Nobody is known to have created it; both changed it twice: equal scores, shares of 1.
    found = authors_of(touches(BEN, ANA, BEN, ANA, created_by_first=False), PEOPLE)

    assert [(author.account, author.is_author) for author in found] == [(ANA, True), (BEN, True)]
    assert found[0].score == pytest.approx(3.293 + 2 * 0.164 - 0.321 * log(3))


def test_bots_and_unknown_authors_count_for_nobody_and_against_nobody():
    with_them = authors_of(touches(ANA, BOT, None, BEN, BOT), PEOPLE)

    # Ana: FA 1, DL 0, AC 1 (Ben alone). Ben: DL 1, AC 1.
    assert [author.account for author in with_them] == [ANA, BEN]
    assert with_them[0].score == pytest.approx(3.293 + 1.098 - 0.321 * log(2))
    assert with_them[1].score == pytest.approx(3.293 + 0.164 - 0.321 * log(2))


def test_the_last_touch_of_each_is_known():
    found = {author.account: author.last_touch for author in authors_of(touches(ANA, BEN, ANA), PEOPLE)}

    assert found == {ANA: MONDAY + 2 * HOUR, BEN: MONDAY + HOUR}


@given(order=st.permutations(touches(ANA, BEN, ANA, CEM, ANA, BEN)))
def test_the_order_of_the_touches_changes_nothing(order):
    assert authors_of(order, PEOPLE) == authors_of(touches(ANA, BEN, ANA, CEM, ANA, BEN), PEOPLE)


def test_nobody_is_an_author_of_a_file_that_only_others_changed():
    # Fifty thousand changes by others outweigh a single one: 3.457 - 0.321 ln 50,001 is below zero for everyone.
    crowd = [Touch(f"{{{number}}}", MONDAY, is_creation=False) for number in range(50_001)]

    assert not any(author.is_author for author in authors_of(crowd, PEOPLE))


def test_the_authors_of_a_file_follow_its_renames():
    changes = [
        change("Mon 09:00", ANA, added("old")),
        change("Tue 09:00", BEN, renamed("old", "new")),
    ]
    answer = file_authors("new", changes, PEOPLE)

    assert [author.account for author in answer.value] == [ANA, BEN]
    assert answer.n == 2
    assert file_authors("missing", changes, PEOPLE).why_not is WhyNot.NO_DATA


def test_a_folder_is_created_by_whoever_first_changed_it_and_counts_each_change_once():
    changes = with_present_names(
        [
            change("Mon 09:00", BEN, "src/a.py", "src/b.py", "top.py"),
            change("Tue 09:00", ANA, "src/a.py", "src/deep/c.py"),
        ]
    )
    found = folder_touches(changes)

    assert {folder: [(one.author, one.is_creation) for one in some] for folder, some in found.items()} == {
        "src": [(BEN, True), (ANA, False)],
        "": [(BEN, True)],
        "src/deep": [(ANA, True)],
    }


@pytest.mark.parametrize(("path", "folder"), [("a.py", ""), ("src/a.py", "src"), ("src/deep/a.py", "src/deep")])
def test_a_file_at_the_root_lies_in_the_root(path, folder):
    assert folder_of(path) == folder
