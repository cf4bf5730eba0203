"""Repositories: one by UUID, those of a workspace, and one's own."""

from __future__ import annotations

import pytest

from bitbucket import repositories
from bitbucket.errors import ForeignObject
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, API, CHARLIES_REPOSITORY, REPOSITORY_PATH
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)


def test_it_is_read_by_uuid_with_the_fields_that_are_needed(client_over):
    answer = {"uuid": ALICES_REPOSITORY, "slug": "moxie", "mainbranch": {"name": "main"}, "is_private": True}
    transport = FakeTransport(json_answer(answer))
    repository = repositories.repository(client_over(transport), *WHERE)
    assert (repository.slug, repository.mainbranch.name, repository.is_private) == ("moxie", "main", True)
    assert transport.paths == [REPOSITORY_PATH]
    asked = set(transport.query()["fields"].split(","))
    assert {"uuid", "mainbranch.name", "workspace.uuid", "links.html.href"} <= asked


def test_it_is_found_without_knowing_its_workspace(client_over):
    transport = FakeTransport(json_answer({"uuid": ALICES_REPOSITORY}))
    repositories.repository(client_over(transport), "{}", ALICES_REPOSITORY.strip("{}"))
    assert transport.paths == ["/2.0/repositories/%7B%7D/%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D"]


def test_an_answer_about_another_one_is_refused(client_over):
    transport = FakeTransport(json_answer({"uuid": CHARLIES_REPOSITORY}))
    with pytest.raises(ForeignObject):
        repositories.repository(client_over(transport), *WHERE)


def test_a_slug_is_not_good_enough(client_over):
    with pytest.raises(ValueError, match="UUID"):
        repositories.repository(client_over(FakeTransport()), ALICES_WORKSPACE, "moxie")


def test_what_a_person_types_is_a_name(client_over):
    transport = FakeTransport(json_answer({"uuid": ALICES_REPOSITORY, "slug": "moxie"}))
    assert repositories.repository_named(client_over(transport), "1team", "moxie").uuid == ALICES_REPOSITORY
    assert transport.paths == ["/2.0/repositories/1team/moxie"]


def test_my_repositories_are_found_workspace_by_workspace(client_over):
    transport = FakeTransport(
        json_answer({"values": [{"workspace": {"uuid": ALICES_WORKSPACE}}, {"permission": "member"}]}),
        json_answer({"values": [{"uuid": ALICES_REPOSITORY, "slug": "moxie"}]}),
    )
    assert [one.slug for one in repositories.my_repositories(client_over(transport))] == ["moxie"]
    assert transport.paths[0] == "/2.0/user/workspaces"
    assert transport.query()["role"] == "member"


def test_a_workspace_lists_its_repositories(client_over):
    transport = FakeTransport(
        json_answer({"values": [{"slug": "one"}], "next": f"{API}/2.0/x"}),
        json_answer({"values": [{"slug": "two"}]}),
    )
    assert [one.slug for one in repositories.repositories_of(client_over(transport), "alice")] == ["one", "two"]
    assert "role" not in transport.query(0)


def test_a_page_of_a_workspace_s_repositories_is_read_alone(client_over):
    transport = FakeTransport(json_answer({"values": [{"uuid": ALICES_REPOSITORY}], "next": f"{API}/2.0/x?page=2"}))
    page = repositories.page_of_repositories(client_over(transport), ALICES_WORKSPACE)
    assert (len(page.values), page.next, len(transport.requests)) == (1, f"{API}/2.0/x?page=2", 1)
    assert (transport.query()["sort"], transport.query()["pagelen"]) == ("-updated_on", "100")
