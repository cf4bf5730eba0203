"""What contains what."""

from hypothesis import given
from hypothesis import strategies as st

from insights.commits.ancestry import ancestors_of, first_containing

# a - b - c - e - f   with d beside c, merged by e
PARENTS = {"a": (), "b": ("a",), "c": ("b",), "d": ("b",), "e": ("c", "d"), "f": ("e",)}


def test_a_commit_contains_itself_and_all_before_it_on_every_side():
    assert ancestors_of(["e"], PARENTS) == {"a", "b", "c", "d", "e"}
    assert ancestors_of(["d"], PARENTS) == {"a", "b", "d"}
    assert ancestors_of([], PARENTS) == frozenset()


def test_what_is_not_known_ends_the_walk():
    assert ancestors_of(["x"], {"x": ("gone",)}) == {"x", "gone"}


def test_the_first_point_in_their_order_that_contains_a_commit():
    found = first_containing([("c", "v1"), ("f", "v2"), ("b", "late")], PARENTS)

    assert found == {"a": "v1", "b": "v1", "c": "v1", "d": "v2", "e": "v2", "f": "v2"}


@st.composite
def graphs(draw):
    size = draw(st.integers(1, 12))
    parents = {
        str(number): tuple(
            str(one) for one in draw(st.sets(st.integers(0, max(number - 1, 0)), max_size=3)) if one < number
        )
        for number in range(size)
    }
    return parents, draw(st.lists(st.sampled_from(sorted(parents)), max_size=5))


@given(graph=graphs())
def test_it_agrees_with_asking_each_point_by_itself(graph):
    parents, points = graph

    def contains(commit, other):
        return commit == other or any(contains(parent, other) for parent in parents[commit])

    numbered = list(enumerate(points))
    expected = {
        commit: next(number for number, point in numbered if contains(point, commit))
        for commit in parents
        if any(contains(point, commit) for point in points)
    }
    assert first_containing(((point, number) for number, point in numbered), parents) == expected


def test_a_long_history_does_not_exhaust_the_stack():
    line = {str(number): (str(number - 1),) for number in range(1, 50_000)}

    assert len(ancestors_of(["49999"], line)) == 50_000
