"""Fragments are found by what they show, and only so many are kept."""

from web.panels.fragments import Fragment, Fragments


def test_what_was_kept_is_found_and_nothing_else():
    kept = Fragments()
    kept.keep("one", Fragment("<p>one</p>"))

    assert kept.find("one") == Fragment("<p>one</p>")
    assert kept.find("another viewer's") is None


def test_the_oldest_goes_first():
    kept = Fragments(most=2)
    for name in ("one", "two", "three"):
        kept.keep(name, Fragment(name))

    assert [kept.find(name) is not None for name in ("one", "two", "three")] == [False, True, True]
