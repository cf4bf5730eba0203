"""/diff, /diffstat, /patch, /merge-base, /file-conflicts."""

from __future__ import annotations

import pytest

from tests.simulator.tidepool import SPIRAL, Client

SHELLS = "/repositories/tidepool/shells"


def paths(body: dict) -> list[str]:
    return [(one["new"] or one["old"])["path"] for one in body["values"]]


class TestSpecs:
    def test_one_commit_is_compared_with_its_first_parent(self, client: Client):
        assert paths(client.get(f"{SHELLS}/diffstat/main")) == ["src/sand.py"]

    def test_the_first_commit_with_nothing(self, client: Client):
        first = client.get(f"{SHELLS}/commits/main")["values"][-1]["hash"]
        body = client.get(f"{SHELLS}/diffstat/{first}")
        assert [(one["status"], one["old"]) for one in body["values"]] == [("added", None)] * 2

    def test_of_two_the_first_has_the_changes(self, client: Client):
        body = client.get(f"{SHELLS}/diffstat/{SPIRAL}..main")
        assert {(path, one["status"]) for path, one in zip(paths(body), body["values"], strict=True)} == {
            ("src/sand.py", "modified"),
            ("src/spiral.py", "added"),
        }

    def test_a_topic_is_compared_with_the_common_ancestor(self, client: Client):
        for query in ({"topic": "true"}, {"merge": "true"}):
            assert paths(client.get(f"{SHELLS}/diffstat/{SPIRAL}..main", **query)) == ["src/spiral.py"]

    def test_a_carriage_return_separates_too_and_the_repository_may_come_first(self, client: Client):
        one, other = (client.pool.shells.git.branches()[name][:12] for name in (SPIRAL, "main"))
        assert paths(client.get(f"{SHELLS}/diffstat/tidepool/shells:{one}%0D{other}?topic=true")) == ["src/spiral.py"]

    @pytest.mark.parametrize("spec", ["nope", "main..nope", "nope..main"])
    @pytest.mark.parametrize("name", ["diff", "diffstat", "patch", "file-conflicts"])
    def test_an_unknown_commit_is_not_found(self, client: Client, name: str, spec: str):
        client.get(f"{SHELLS}/{name}/{spec}", expect=404)


class TestDiffstats:
    def test_lines_are_counted_and_files_linked_at_their_commits(self, client: Client):
        (one,) = client.get(f"{SHELLS}/diffstat/main")["values"]
        assert (one["lines_added"], one["lines_removed"], one["type"]) == (20, 20, "diffstat")
        assert client.call("GET", one["new"]["links"]["self"]["href"]).get_data().startswith(b"grains = 3")
        assert client.call("GET", one["old"]["links"]["self"]["href"]).get_data().startswith(b"grains = 1")

    def test_a_page_has_five_hundred(self, client: Client):
        assert client.get(f"{SHELLS}/diffstat/main")["pagelen"] == 500
        assert len(client.everything(f"{SHELLS}/diffstat/{SPIRAL}..main", pagelen=1)) == 2

    def test_a_path_narrows_it(self, client: Client):
        assert client.get(f"{SHELLS}/diffstat/{SPIRAL}..main?path=src/spiral.py")["size"] == 1
        assert client.get(f"{SHELLS}/diffstat/{SPIRAL}..main?path=nope")["size"] == 0


class TestDiffs:
    def test_it_is_plain_text_that_git_could_apply(self, client: Client):
        answer = client.call("GET", f"{SHELLS}/diff/{SPIRAL}..main?topic=true")
        assert answer.content_type == "text/plain"
        text = answer.get_data(as_text=True)
        assert text.startswith("diff --git a/src/spiral.py b/src/spiral.py\nnew file mode 100644\n")
        assert "+turns = 4\n+left = True\n" in text

    def test_path_context_and_whitespace_can_be_chosen(self, client: Client):
        assert client.get(f"{SHELLS}/diff/{SPIRAL}..main?path=README.md") == b""
        assert b"@@ -1,20 +1,20 @@" in client.get(f"{SHELLS}/diff/main", context=0)
        assert client.get(f"{SHELLS}/diff/main", ignore_whitespace="true", renames="false", binary="false")
        client.get(f"{SHELLS}/diff/main", context="many", expect=400)


class TestPatches:
    def test_one_commit(self, client: Client):
        text = client.get(f"{SHELLS}/patch/{SPIRAL}").decode()
        assert text.startswith("From ")
        assert text.count("\nSubject: [PATCH] ") == 1
        assert "From: Bob Example <bob@tidepool.example>" in text

    def test_a_series(self, client: Client):
        text = client.get(f"{SHELLS}/patch/{SPIRAL}..main").decode()
        assert [f"[PATCH {number}/2]" in text for number in (1, 2)] == [True, True]


class TestMergeBases:
    def test_the_common_ancestor_is_a_commit(self, client: Client):
        assert client.get(f"{SHELLS}/merge-base/{SPIRAL}..main")["message"] == "Add the sand\n"

    def test_it_takes_two_that_exist(self, client: Client):
        client.get(f"{SHELLS}/merge-base/main", expect=400)
        client.get(f"{SHELLS}/merge-base/main..nope", expect=404)


def test_files_that_conflict(client: Client):
    (one,) = client.get(f"{SHELLS}/file-conflicts/conflict..main")["values"]
    assert (one["type"], one["path"], one["scenario"]) == ("file_conflict", "src/sand.py", "content")
    assert client.get(f"{SHELLS}/file-conflicts/{SPIRAL}..main")["values"] == []
    assert client.get(f"{SHELLS}/file-conflicts/main")["values"] == []
