"""REST against Atlassian's own description: every operation served is in it, needs its scopes, answers in its schemas.

How much of it is served and validated, and what differs on purpose, is printed by `python -m
tests.simulator.rest.description_figures`.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from simulator.rest.resources import ROUTES
from tests.simulator.rest.description import (
    DESCRIPTION,
    DIFFERENCES,
    GONE,
    STATUSES,
    UNDESCRIBED,
    VALIDATED,
    Judge,
    description,
    scopes,
    skeleton,
)
from tests.simulator.rest.walk import Stand, Walk

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    if not DESCRIPTION.is_file():
        pytest.skip("the description is not at hand")
    return description()


@pytest.fixture
def judge(described: dict[str, Any]) -> Judge:
    return Judge(described)


@pytest.fixture
def stand(client: Client) -> Stand:
    return Stand(client)


class TestAddresses:
    def test_all_that_is_served_is_described(self, judge: Judge):
        served = {(route.method, skeleton(route.address)) for route in ROUTES}
        assert served - set(judge.operations) == set(UNDESCRIBED)

    def test_no_operation_is_served_twice(self):
        counted = Counter((route.method, skeleton(route.address)) for route in ROUTES)
        assert [key for key, count in counted.items() if count > 1] == []

    def test_so_much_of_it_is_served(self):
        """A floor: what was once served stays served."""
        assert len({(route.method, skeleton(route.address)) for route in ROUTES}) >= 173

    def test_each_needs_the_described_scopes(self, judge: Judge):
        wrong = {}
        for route in ROUTES:
            key = (route.method, skeleton(route.address))
            wanted = {route.scope} if isinstance(route.scope, str) else set(route.scope or ())
            if key in judge.operations and key[1] not in GONE and wanted != scopes(judge.operations[key]):
                wrong[key] = (wanted, scopes(judge.operations[key]))
        assert wrong == {}


def test_every_read_answers_as_described(stand: Stand, judge: Judge):
    walk = Walk(judge)
    walk.read(stand)
    assert sorted(address.rpartition("/")[2] for address in walk.empty) == ["<path:spec>", "pullrequests"]
    assert Counter(walk.outcomes.values())[VALIDATED] >= 75


def test_every_write_answers_as_described(stand: Stand, judge: Judge):
    walk = Walk(judge)
    walk.write(stand)
    assert Counter(walk.outcomes.values())[VALIDATED] >= 35


@pytest.fixture
def whole_walk(client: Client, judge: Judge) -> Walk:
    return Walk.through_everything(client, judge)


def test_nothing_that_is_served_is_passed_by(whole_walk: Walk):
    served = {(route.method, skeleton(route.address)) for route in ROUTES} - set(UNDESCRIBED)
    assert served - set(whole_walk.outcomes) == set()


def test_every_difference_still_is_one(whole_walk: Walk):
    """What differs no longer must not stay excused."""
    assert set(DIFFERENCES) - set(whole_walk.judge.excused) == set()
    assert set(STATUSES) <= set(whole_walk.outcomes)


def test_the_figures_are_printed_with_every_source(capsys):
    """What `python -m tests.simulator.rest.description_figures` says."""
    from tests.simulator.rest import description_figures

    if not DESCRIPTION.is_file():
        pytest.skip("the description is not at hand")
    description_figures.main()
    printed = capsys.readouterr().out
    found = re.search(r"operations served +(\d+) of (\d+)\nvalidated +(\d+)", printed)
    assert found is not None, printed
    assert (int(found[1]) >= 174, int(found[2]), int(found[3]) >= 110) == (True, 331, True)
    assert all(source in printed for source in DIFFERENCES.values())


def test_the_checker_has_teeth(stand: Stand, judge: Judge):
    operation = judge.operations["GET", "/repositories/{}/{}/pullrequests/{}"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    body = stand.client.get("/repositories/tidepool/shells/pullrequests/1")
    assert judge.complaints(schema, body) == []
    for damage in ({"id": "1"}, {"state": "OPENED"}, {"created_on": 5}, {"author": "bob"}):
        assert judge.complaints(schema, body | damage) != [], damage


def test_errors_have_the_described_shape(client: Client, judge: Judge):
    schema = {"$ref": "#/components/schemas/error"}
    for path in (
        "/nope",
        "/repositories/x/y",
        "/repositories",
        "/repositories/tidepool/shells/pullrequests?pagelen=99",
    ):
        body = client.call("GET", path).get_json()
        assert [one for one in judge.complaints(schema, body) if "data" not in one] == []
