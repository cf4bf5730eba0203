"""What merge messages say."""

from __future__ import annotations

import pytest

from simulator.world.reading.messages import approvers, read_merge, title_of_branch


def merge(message: str, *, is_merge: bool = True):
    return read_merge(message, main_branch="main", is_merge=is_merge)


class TestMerges:
    def test_githubs(self):
        found = merge(
            "Merge pull request #42 from octo/fix-the-lid\n\nFix the lid\n\nIt was open.\n\nReviewed-by: A <a@x>"
        )
        assert (found.number, found.branch, found.title) == (42, "fix-the-lid", "Fix the lid")
        assert found.description == "It was open."
        assert found.approvers == (("A", "a@x"),)

    def test_githubs_with_slashes_in_the_branch(self):
        assert merge("Merge pull request #1 from octo/feature/x/y").branch == "feature/x/y"

    def test_githubs_without_a_title_is_named_after_the_branch(self):
        assert merge("Merge pull request #7 from octo/feature/add-a-lid").title == "Add a lid"

    def test_bitbuckets(self):
        found = merge("Merged in feature/lid (pull request #8)\n\nAdd the lid\n\n* one\n* two\n\nApproved-by: Ann Lee")
        assert (found.number, found.branch, found.title) == (8, "feature/lid", "Add the lid")
        assert found.description == "* one\n* two"
        assert found.approvers == (("Ann Lee", None),)

    def test_a_trailer_in_the_titles_place_is_no_title(self):
        assert merge("Merged in lid (pull request #8)\n\nApproved-by: Ann").title == "Lid"

    @pytest.mark.parametrize(
        "subject",
        [
            "Merge branch 'feature/lid'",
            "Merge branch 'feature/lid' into main",
            "Merge remote-tracking branch 'origin/feature/lid'",
            "Merge remote-tracking branch 'origin/feature/lid' into main",
        ],
    )
    def test_plain_ones_have_no_number(self, subject: str):
        found = merge(subject)
        assert (found.number, found.branch, found.title) == (None, "feature/lid", "Lid")

    @pytest.mark.parametrize(
        "subject",
        [
            "Merge branch 'main' of git.example:x",
            "Merge branch 'main' into feature/lid",
            "Merge branch 'lid' into develop",
            "Merge remote-tracking branch 'origin/main'",
            "Merge branch 'lid' of git.example:x",
            "Merge tag 'v1'",
            "Merge commit 'abc'",
            "Fix the merge of branch 'x'",
            "",
        ],
    )
    def test_catching_up_is_no_pull_request(self, subject: str):
        assert merge(subject) is None


class TestSquashes:
    @pytest.mark.parametrize("subject", ["Add the lid (#12)", "Add the lid (pull request #12)"])
    def test_a_number_at_the_end_makes_one(self, subject: str):
        found = merge(f"{subject}\n\nText\n\nSigned-off-by: A <a@x>", is_merge=False)
        assert (found.number, found.title, found.description, found.is_squashed) == (12, "Add the lid", "Text", True)

    def test_bitbuckets_squash_keeps_its_branch(self):
        found = merge("Merged in feature/lid (pull request #9)\n\nAdd the lid", is_merge=False)
        assert (found.number, found.branch, found.title, found.is_squashed) == (9, "feature/lid", "Add the lid", True)

    @pytest.mark.parametrize("subject", ["Add the lid", "Add (#12) the lid", "Revert #12", "(#12)"])
    def test_anything_else_is_just_a_commit(self, subject: str):
        assert merge(subject, is_merge=False) is None


@pytest.mark.parametrize(
    ("branch", "title"),
    [
        ("feature/add-a-lid", "Add a lid"),
        ("fix_lid", "Lid"),
        ("PROJ-1-x", "PROJ 1 x"),
        ("lid", "Lid"),
        ("-", "-"),
        ("releases/2.0", "2.0"),
    ],
)
def test_a_branch_makes_a_title(branch: str, title: str):
    assert title_of_branch(branch) == title


def test_every_trailer_of_approval_counts_wherever_it_stands():
    message = "x\n\nReviewed-by: Ann Lee <ann@x.example>\nAcked-by: Bo\nSigned-off-by: Cy <cy@x>\nApproved-by:  D <d@x>"
    assert approvers(message) == (("Ann Lee", "ann@x.example"), ("Bo", None), ("D", "d@x"))
