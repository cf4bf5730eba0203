"""How many people may leave before most files have nobody left."""

from insights.files.truck_factor import truck_factor
from insights.result import WhyNot
from tests.insights.files.cast import ANA, BEN, BOT, CEM, PEOPLE, added, change


def owned(*owners, folder="src"):
    """Each of these people created one file and nobody else touched it."""
    return [change(f"Mon {number:02}:00", owner, added(f"{folder}/{number}.py")) for number, owner in enumerate(owners)]


def answer(*owners, **options):
    return truck_factor(owned(*owners), PEOPLE, **options).value


def test_without_the_author_of_most_files_more_than_half_have_none():
    # Ana has 3 of 5 files: without her 3 of 5 have nobody, more than half.
    found = answer(ANA, ANA, ANA, BEN, CEM)

    assert (found.people, found.accounts) == (1, (ANA,))


def test_exactly_half_is_not_more_than_half():
    # Ana has 2 of 4: without her 2 of 4 have nobody, not more than half. Without Ben too, 3 of 4.
    assert answer(ANA, ANA, BEN, CEM).accounts == (ANA, BEN)


def test_two_authors_of_a_file_must_both_leave():
    both = [change("Mon 09:00", ANA, "src/x"), change("Mon 10:00", BEN, "src/x")]

    assert truck_factor(both, PEOPLE).value.accounts == (ANA, BEN)


def test_of_two_with_as_many_files_the_order_of_the_accounts_decides():
    assert answer(CEM, BEN, ANA).accounts == (ANA, BEN)


def test_a_folder_counts_what_is_beneath_it_and_not_what_begins_alike():
    changes = [*owned(ANA, folder="src/deep"), *owned(BEN, BEN, BEN, folder="src2")]

    assert truck_factor(changes, PEOPLE, folder="src").n == 1
    assert truck_factor(changes, PEOPLE).n == 4


def test_files_that_are_gone_or_that_only_bots_touched_do_not_count():
    changes = [*owned(ANA, BEN), change("Tue 09:00", BOT, added("bot.txt"))]

    assert truck_factor(changes, PEOPLE).n == 2
    assert truck_factor(changes, PEOPLE, present=["src/1.py"]).value.accounts == (BEN,)


def test_a_folder_without_authors_has_no_truck_factor():
    assert truck_factor([], PEOPLE).why_not is WhyNot.NO_DATA
    assert truck_factor([change("Tue 09:00", BOT, added("bot.txt"))], PEOPLE).why_not is WhyNot.NO_DATA
