"""Files and folders at a commit."""

from __future__ import annotations

import pytest

from bitbucket import source
from bitbucket.errors import ForeignRedirect
from bitbucket.messages import Headers, Response
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


def sent(transport):
    return transport.last.method, transport.paths[-1]


def test_one_is_streamed_as_it_is(client_over):
    pieces = []
    transport = FakeTransport(Response(200, Headers({"ETag": '"x"'}), b"\x00\xff raw"))
    answer = source.read_file(
        client_over(transport), *WHERE, commit="release/1.0", file_path="docs/a b#1.md", sink=pieces.append
    )
    assert (b"".join(pieces), answer.headers["ETag"]) == (b"\x00\xff raw", '"x"')
    assert sent(transport) == ("GET", f"{REPOSITORY_PATH}/src/release%2F1.0/docs/a%20b%231.md")
    assert transport.last.headers["Accept"] == "*/*"


def test_one_of_lfs_is_somewhere_else(client_over):
    transport = FakeTransport(Response(301, Headers({"Location": "https://media.example/file"})))
    with pytest.raises(ForeignRedirect) as raised:
        source.read_file(client_over(transport), *WHERE, commit="main", file_path="big.bin", sink=print)
    assert raised.value.url == "https://media.example/file"


def test_one_is_described(client_over):
    transport = FakeTransport(json_answer({"path": "a.md", "type": "commit_file", "size": 39, "attributes": ["link"]}))
    facts = source.file_facts(client_over(transport), *WHERE, commit="main", file_path="a.md")
    assert (facts.size, facts.attributes) == (39, ("link",))
    assert transport.query() == {"format": "meta"}


def test_a_folder_is_listed(client_over):
    entries = [{"path": "docs/a.md", "type": "commit_file"}, {"path": "docs/img", "type": "commit_directory"}]
    transport = FakeTransport(json_answer({"values": entries}))
    found = source.listing(client_over(transport), *WHERE, commit="main", folder="docs/", depth=3)
    assert [entry.path for entry in found] == ["docs/a.md", "docs/img"]
    assert sent(transport) == ("GET", f"{REPOSITORY_PATH}/src/main/docs")
    assert transport.query() == {"pagelen": "100", "max_depth": "3"}


@pytest.mark.parametrize("folder", ["", "/"])
def test_the_root_folder_keeps_its_slash(client_over, folder):
    transport = FakeTransport(json_answer({"values": []}))
    assert list(source.listing(client_over(transport), *WHERE, commit="main", folder=folder)) == []
    assert sent(transport) == ("GET", f"{REPOSITORY_PATH}/src/main/")


def test_no_path_leads_out_of_the_repository(client_over):
    with pytest.raises(ValueError, match="segment"):
        source.file_facts(client_over(FakeTransport()), *WHERE, commit="main", file_path="../../other/x")


def test_the_history_of_one_names_the_commits_that_changed_it(client_over):
    entry = {"path": "old/a b.md", "type": "commit_file", "commit": {"hash": "a" * 40, "message": "Begin"}}
    transport = FakeTransport(json_answer({"values": [entry], "next": "https://api.bitbucket.org/2.0/more"}))
    page = source.file_history(client_over(transport), *WHERE, commit="main", file_path="docs/a b.md")
    assert [(one.path, one.commit.hash) for one in page.values] == [("old/a b.md", "a" * 40)]
    assert page.next == "https://api.bitbucket.org/2.0/more"
    method, path = sent(transport)
    assert (method, path) == ("GET", f"{REPOSITORY_PATH}/filehistory/main/docs/a%20b.md")
    assert "pagelen=100" in transport.last.url
    assert "renames=true" in transport.last.url
    assert "values.commit.author.user.uuid" in transport.last.url.replace("%2C", ",")
