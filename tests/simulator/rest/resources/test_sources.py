"""/src and /filehistory."""

from __future__ import annotations

import io

import pytest

from simulator.world import actions
from tests.simulator.tidepool import SPIRAL, Client

SHELLS = "/repositories/tidepool/shells"


class TestFiles:
    def test_a_file_is_its_bytes(self, client: Client):
        answer = client.call("GET", f"{SHELLS}/src/main/README.md")
        assert answer.get_data() == b"# Shells\n"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="README.md"'
        assert "charset" not in answer.content_type
        assert answer.headers["ETag"]

    def test_bytes_come_as_they_are(self, client: Client):
        pool = client.pool
        actions.push_commit(
            pool.world, pool.shells, actor=pool.bob, branch="main", message="x", files={"p.png": b"\x89PNG\xff"}
        )
        answer = client.call("GET", f"{SHELLS}/src/main/p.png")
        assert (answer.get_data(), answer.content_type) == (b"\x89PNG\xff", "image/png")

    @pytest.mark.parametrize("ref", ["feature%2Fspiral", SPIRAL, "v1.0"])
    def test_branches_with_slashes_and_tags_will_do(self, client: Client, ref: str):
        assert client.get(f"{SHELLS}/src/{ref}/README.md") == b"# Shells\n"

    def test_its_description(self, client: Client):
        tip = client.pool.shells.git.branches()["main"]
        body = client.get(f"{SHELLS}/src/main/src/sand.py", format="meta")
        assert (body["type"], body["path"], body["size"], body["attributes"]) == ("commit_file", "src/sand.py", 220, [])
        assert body["commit"]["hash"] == tip
        assert set(body["links"]) == {"self", "meta", "history"}

    @pytest.mark.parametrize("path", ["main/nope", "main/README.md/x", "nope/README.md"])
    def test_what_is_not_there_is_not_found(self, client: Client, path: str):
        client.get(f"{SHELLS}/src/{path}", expect=404)

    def test_another_format_is_a_400(self, client: Client):
        client.get(f"{SHELLS}/src/main/README.md", format="rendered", expect=400)


class TestDirectories:
    def test_the_root_of_the_main_branch_is_where_src_leads(self, client: Client):
        answer = client.call("GET", f"{SHELLS}/src")
        assert answer.status_code == 302
        values = client.get(answer.headers["Location"])["values"]
        assert [(one["path"], one["type"]) for one in values] == [
            ("README.md", "commit_file"),
            ("src", "commit_directory"),
        ]

    def test_an_empty_repository_leads_nowhere(self, client: Client):
        client.pool.shells.main_branch = None
        client.get(f"{SHELLS}/src", expect=404)

    @pytest.mark.parametrize("path", ["src", "src/"])
    def test_a_directory_lists_what_is_in_it(self, client: Client, path: str):
        body = client.get(f"{SHELLS}/src/main/{path}")
        assert [one["path"] for one in body["values"]] == ["src/sand.py", "src/shell.py"]
        assert "size" not in body

    def test_deeper_levels_can_be_asked_for(self, client: Client):
        values = client.get(f"{SHELLS}/src/main/", max_depth=2)["values"]
        assert [one["path"] for one in values] == ["README.md", "src", "src/sand.py", "src/shell.py"]
        client.get(f"{SHELLS}/src/main/", max_depth=0, expect=400)

    def test_it_can_be_queried_sorted_and_paged(self, client: Client):
        assert len(client.get(f"{SHELLS}/src/main/", q='type = "commit_directory"')["values"]) == 1
        assert [one["path"] for one in client.get(f"{SHELLS}/src/main/src", sort="-size")["values"]] == [
            "src/sand.py",
            "src/shell.py",
        ]
        assert len(client.everything(f"{SHELLS}/src/main/src", pagelen=1)) == 2

    def test_its_description(self, client: Client):
        body = client.get(f"{SHELLS}/src/main/src", format="meta")
        assert (body["type"], body["path"]) == ("commit_directory", "src")
        assert body["links"]["self"]["href"].endswith("/src/")


class TestUploads:
    def test_a_form_commits_files_on_the_main_branch(self, client: Client):
        form = {"message": "Online", "author": "Ann <ann@x.example>", "/docs/x.md": "# X\n"}
        answer = client.call("POST", f"{SHELLS}/src", data=form)
        assert (answer.status_code, answer.get_data()) == (201, b"")
        made = client.get(answer.headers["Location"])
        assert (made["message"], made["author"]["raw"]) == ("Online", "Ann <ann@x.example>")
        assert client.get(f"{SHELLS}/src/main/docs/x.md") == b"# X\n"
        assert client.pool.keys == ["repo:push"]

    def test_an_upload_commits_its_bytes_on_a_branch(self, client: Client):
        form = {"branch": "new", "img/p.png": (io.BytesIO(b"\x89\xff"), "p.png")}
        client.call("POST", f"{SHELLS}/src", data=form, content_type="multipart/form-data")
        assert client.get(f"{SHELLS}/src/new/img/p.png") == b"\x89\xff"

    def test_files_without_a_content_are_deleted(self, client: Client):
        client.call("POST", f"{SHELLS}/src", data={"files": ["/src/sand.py", "README.md"], "message": "Away"})
        assert [one["path"] for one in client.get(f"{SHELLS}/src/main/", max_depth=2)["values"]] == [
            "src",
            "src/shell.py",
        ]

    @pytest.mark.parametrize("form", [{}, {"message": "x"}, {"x": "y", "author": "nobody"}])
    def test_nothing_to_commit_and_a_bad_author_are_400(self, client: Client, form: dict):
        answer = client.call("POST", f"{SHELLS}/src", data=form)
        assert answer.status_code in {400, 411}

    def test_readers_may_not(self, client: Client):
        assert client.call("POST", f"{SHELLS}/src", data={"x": "y"}, who=client.pool.erin).status_code == 403


class TestHistory:
    def test_the_commits_that_changed_a_file_the_newest_first(self, client: Client):
        values = client.get(f"{SHELLS}/filehistory/main/src/sand.py")["values"]
        assert [one["commit"]["message"] for one in values] == ["Finer sand\n", "Add the sand\n"]
        assert {one["type"] for one in values} == {"commit_file"}

    def test_they_can_be_queried_by_date(self, client: Client):
        body = client.get(f"{SHELLS}/filehistory/main/src/sand.py", q="commit.date < 2026-10-06")
        assert body["size"] == 1

    def test_a_file_that_never_was_is_not_found(self, client: Client):
        client.get(f"{SHELLS}/filehistory/main/nope", expect=404)
