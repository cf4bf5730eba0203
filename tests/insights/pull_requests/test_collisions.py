"""Who else touches the same files."""

from insights.facts.pull_requests import FileChange
from insights.facts.repository import CommitFacts
from insights.files.generated import GeneratedFiles
from insights.pull_requests.collisions import Collision, CommitCollision, collisions
from insights.result import WhyNot
from tests.insights.lives import at, pull_request

GENERATED = GeneratedFiles()


def files(*paths):
    return tuple(FileChange(path=path) for path in paths)


def opened(number, *paths, **fields):
    return pull_request(opened="Mon 09:00", number=number, files=files(*paths), **fields)


def commit(name, *paths):
    return CommitFacts(
        hash=name * 40, author=None, authored_at=at("Mon 09:00"), committed_at=at("Mon 09:00"), files=files(*paths)
    )


def test_open_ones_with_shared_paths_are_listed_the_most_shared_first():
    own = opened(1, "a.py", "b.py", "c.py")
    others = [opened(2, "a.py", "x.py"), opened(3, "c.py", "b.py"), opened(4, "z.py"), opened(5, "a.py")]

    answer = collisions(own, others=others, generated=GENERATED)

    assert answer.value.pull_requests == (
        Collision(3, ("b.py", "c.py")),
        Collision(2, ("a.py",)),
        Collision(5, ("a.py",)),
    )
    assert (answer.n, answer.members) == (4, (3, 2, 5))


def test_generated_files_collide_with_nothing():
    answer = collisions(opened(1, "yarn.lock", "a.py"), others=[opened(2, "yarn.lock")], generated=GENERATED)

    assert answer.value.pull_requests == ()


def test_itself_closed_ones_and_those_whose_files_are_unknown_are_not_compared():
    own = opened(1, "a.py")
    others = [
        own,
        opened(2, "a.py", merged="Mon 12:00"),
        opened(3, "a.py", declined="Mon 12:00"),
        pull_request(opened="Mon 09:00", number=4, files=None),
    ]

    assert collisions(own, others=others, generated=GENERATED).n == 0


def test_a_renamed_file_is_touched_under_both_names():
    moved = pull_request(opened="Mon 09:00", number=1, files=(FileChange(path="new.py", old_path="old.py"),))

    answer = collisions(moved, others=[opened(2, "old.py"), opened(3, "new.py")], generated=GENERATED)
    assert [one.id for one in answer.value.pull_requests] == [2, 3]


def test_commits_on_the_target_collide_too():
    answer = collisions(
        opened(1, "a.py", "b.py"),
        others=[],
        target_commits=[commit("1", "a.py"), commit("2", "z.py"), commit("3", "b.py", "a.py")],
        generated=GENERATED,
    )

    assert answer.value.commits == (
        CommitCollision("3" * 40, ("a.py", "b.py")),
        CommitCollision("1" * 40, ("a.py",)),
    )


def test_it_is_silent_until_the_files_are_known():
    answer = collisions(pull_request(opened="Mon 09:00", files=None), others=[], generated=GENERATED)

    assert (answer.value, answer.why_not, answer.n) == (None, WhyNot.NOT_KNOWN, 0)
