"""Branching models, default reviewers, permissions, deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.world.model import Deployment, Environment

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client

SHELLS = "/repositories/tidepool/shells"


class TestBranchingModels:
    def test_everybody_who_reads_sees_the_model(self, client: Client):
        body = client.get(f"{SHELLS}/branching-model", who=client.pool.erin)
        assert [one["kind"] for one in body["branch_types"]] == ["bugfix", "feature", "hotfix", "release"]
        assert (body["development"]["name"], body["development"]["use_mainbranch"]) == ("main", True)
        assert body["development"]["branch"]["target"]["hash"] == client.pool.shells.git.branches()["main"]
        assert "production" not in body
        assert client.get(f"{SHELLS}/effective-branching-model")["type"] == "effective_repo_branching_model"

    def test_administrators_change_it(self, client: Client):
        wish = {
            "development": {"name": "conflict"},
            "production": {"use_mainbranch": True, "enabled": True},
            "branch_types": [{"kind": "hotfix", "enabled": False}, {"kind": "feature", "prefix": "f-"}],
        }
        changed = client.send("PUT", f"{SHELLS}/branching-model/settings", wish)
        assert changed == client.get(f"{SHELLS}/branching-model/settings")
        assert changed["development"] == {"name": "conflict", "use_mainbranch": False, "is_valid": True}
        body = client.get(f"{SHELLS}/branching-model")
        assert {one["kind"]: one["prefix"] for one in body["branch_types"]} == {
            "bugfix": "bugfix/",
            "feature": "f-",
            "release": "release/",
        }
        assert body["production"]["name"] == "main"

    def test_a_branch_that_went_makes_the_setting_invalid(self, client: Client):
        client.pool.shells.branching_model.development = "gone"
        assert client.get(f"{SHELLS}/branching-model/settings")["development"]["is_valid"] is False
        assert "branch" not in client.get(f"{SHELLS}/branching-model")["development"]

    @pytest.mark.parametrize(
        "wish", [{"development": {}}, {"production": {"name": "nope"}}, {"branch_types": [{"kind": "x"}]}]
    )
    def test_a_bad_wish_is_a_400(self, client: Client, wish: dict):
        client.send("PUT", f"{SHELLS}/branching-model/settings", wish, expect=400)

    def test_writers_may_not(self, client: Client):
        client.send("PUT", f"{SHELLS}/branching-model/settings", {}, who=client.pool.bob, expect=403)


class TestDefaultReviewers:
    LIST = f"{SHELLS}/default-reviewers"

    def test_one_is_added_listed_asked_and_removed(self, client: Client):
        one = f"{self.LIST}/{client.pool.bob.uuid}"
        client.get(one, expect=404)
        for _ in range(2):
            assert client.send("PUT", one)["nickname"] == "bob"
        assert [each["nickname"] for each in client.get(self.LIST)["values"]] == ["bob"]
        assert client.get(one)["uuid"] == client.pool.bob.uuid
        (effective,) = client.get(f"{SHELLS}/effective-default-reviewers")["values"]
        assert (effective["reviewer_type"], effective["user"]["nickname"]) == ("repository", "bob")
        client.send("DELETE", one, expect=204)
        client.send("DELETE", one, expect=404)

    def test_an_unknown_user_is_not_found_and_a_writer_may_not(self, client: Client):
        client.send("PUT", f"{self.LIST}/nobody", expect=404)
        client.send("PUT", f"{self.LIST}/{client.pool.erin.uuid}", who=client.pool.bob, expect=403)


class TestPermissions:
    LIST = f"{SHELLS}/permissions-config/users"

    def test_they_are_listed_given_and_taken(self, client: Client):
        assert {one["user"]["nickname"]: one["permission"] for one in client.get(self.LIST)["values"]} == {
            "bob": "write",
            "erin": "read",
        }
        one = f"{self.LIST}/{client.pool.charlie.uuid}"
        assert client.get(one)["permission"] == "none"
        assert client.send("PUT", one, {"permission": "read"})["permission"] == "read"
        client.get(SHELLS, who=client.pool.charlie)
        client.send("DELETE", one, expect=204)
        client.send("DELETE", one, expect=404)
        client.get(SHELLS, who=client.pool.charlie, expect=404)

    def test_an_unknown_level_is_a_400_and_writers_may_not(self, client: Client):
        client.send("PUT", f"{self.LIST}/{client.pool.bob.uuid}", {"permission": "owner"}, expect=400)
        client.get(self.LIST, who=client.pool.bob, expect=403)

    def test_there_are_no_groups(self, client: Client):
        assert client.get(f"{SHELLS}/permissions-config/groups")["values"] == []


class TestDeployments:
    @pytest.fixture
    def deployed(self, client: Client) -> Client:
        pool = client.pool
        environment = Environment("{0a0a0a0a-0000-4000-8000-000000000001}", "Production", "production", "Production", 2)
        pool.shells.environments[environment.uuid] = environment
        tip = pool.shells.git.branches()["main"]
        for number, state in enumerate(("SUCCESSFUL", "IN_PROGRESS"), 1):
            completed = pool.clock.at if state == "SUCCESSFUL" else None
            uuid = f"{{0a0a0a0a-0000-4000-8000-00000000001{number}}}"
            pool.shells.deployments.append(
                Deployment(uuid, number, environment, tip, state, pool.clock.at, completed, f"v{number}")
            )
        return client

    def test_they_tell_state_environment_and_release(self, deployed: Client):
        done, running = deployed.get(f"{SHELLS}/deployments")["values"]
        assert (done["state"]["name"], done["state"]["status"]["name"]) == ("COMPLETED", "SUCCESSFUL")
        assert running["state"] == {
            "type": "deployment_state_in_progress",
            "name": "IN_PROGRESS",
            "start_date": "2026-10-15T08:00:00.000000+00:00",
        }
        assert done["environment"]["environment_type"]["name"] == "Production"
        assert done["release"]["commit"]["hash"] == deployed.pool.shells.git.branches()["main"]

    def test_one_is_found(self, deployed: Client):
        uuid = deployed.pool.shells.deployments[0].uuid
        assert deployed.get(f"{SHELLS}/deployments/{uuid.strip('{}')}")["number"] == 1
        deployed.get(f"{SHELLS}/deployments/nope", expect=404)

    def test_environments_are_listed_made_and_removed(self, client: Client):
        assert client.get(f"{SHELLS}/environments")["values"] == []
        wish = {"name": "Blue sky", "environment_type": {"name": "Staging"}}
        made = client.send("POST", f"{SHELLS}/environments", wish, expect=201)
        assert (made["slug"], made["environment_type"]["name"]) == ("blue-sky", "Staging")
        client.send("POST", f"{SHELLS}/environments", wish, expect=409)
        path = f"{SHELLS}/environments/{made['uuid']}"
        assert client.get(path)["name"] == "Blue sky"
        client.send("DELETE", path, expect=204)
        client.get(path, expect=404)
