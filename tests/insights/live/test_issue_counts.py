"""Counting issues: all by state, those that are open by kind and priority."""

from insights.live.issue_counts import IssueFacts, count_issues


def test_nothing_counts_as_nothing():
    counts = count_issues([])
    assert (counts.total, counts.open_total, counts.by_state) == (0, 0, {})


def test_what_has_ended_counts_by_state_alone():
    counts = count_issues([IssueFacts("resolved", "bug", "major"), IssueFacts("on hold", "task", "minor")])
    assert counts.by_state == {"resolved": 1, "on hold": 1}
    assert (counts.total, counts.open_total) == (2, 1)
    assert (counts.by_kind, counts.by_priority) == ({"task": 1}, {"minor": 1})


def test_a_word_that_is_new_is_counted_under_its_own_name():
    counts = count_issues([IssueFacts("thinking", "bug", "major")])
    assert (counts.by_state, counts.open_total) == ({"thinking": 1}, 0)
