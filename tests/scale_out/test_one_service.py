"""Two web processes and two workers behind nginx are one service: installed, looked at, told of events, restarted.

The signature covers the path. So each step is gone through with the path of the base URL kept by nginx and with it taken off.
"""

from __future__ import annotations

import pytest

from demo.check import open_panels
from demo.waiting import wait_until
from tests.scale_out.busy import TENANTS, busy, check_books, settle

pytestmark = [pytest.mark.postgres, pytest.mark.redis]

BASE_PATH = "/bittern"
TOLD_SECONDS = 30


def installed(site):
    """The simulator installs the app through nginx."""
    page = site.house.bitbucket.main_page()
    site.house.bitbucket.install(descriptor_url=f"{site.base_url}/atlassian-connect.json", workspace=page.workspace)
    return page


def check_every_panel(site, page):
    opened = open_panels(site.house.bitbucket.panels(workspace=page.workspace, repository=page.repository))
    assert opened
    assert [one.line for one in opened if not one.is_good] == []


def check_an_event_reaches_the_inbox(site, page):
    control = site.house.bitbucket
    repository = f"{page.workspace}/{page.repository}"
    workspace = next(one for one in control.get("/")["workspaces"] if one["slug"] == page.workspace)
    act = {"action": "push_commit", "repository": repository, "branch": "main", "message": "Mend it"}
    control.post("/act", act | {"actor": workspace["people"][0]["uuid"]})

    def is_taken_in():
        told = [one for one in control.get("/deliveries") if one["event"] == "repo:push"]
        return told and all(attempt["status"] == 202 for one in told for attempt in one["attempts"])

    wait_until(is_taken_in, what="an acknowledged push", timeout_seconds=TOLD_SECONDS)


def test_with_the_path_taken_off_it_is_one_service_that_restarts_unseen(open_site):
    """The short form: everything once, and one machine restarted under load."""
    with open_site(base_path=BASE_PATH) as site:
        settle(site, TENANTS)
        site.house.start_bitbucket("--small")
        site.start(strips=BASE_PATH)
        page = installed(site)
        check_every_panel(site, page)
        check_an_event_reaches_the_inbox(site, page)
        with busy(site, seed=1) as load:
            site.machines[0].stop()
            site.machines[0].start()
        check_books(site, load)


@pytest.mark.only_in_faults
@pytest.mark.fault("K6")
def test_with_the_path_kept_it_is_one_service(open_site):
    """The Procfile with two of each under one honcho."""
    with open_site(machines=1, base_path=BASE_PATH) as site:
        site.house.start_bitbucket("--small")
        site.start(web=2, worker=2)
        page = installed(site)
        check_every_panel(site, page)
        check_an_event_reaches_the_inbox(site, page)
