"""Which modules a page shows, and their signed addresses."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from simulator.connect.descriptor import Descriptor
from simulator.connect.installations import Installation, Installations
from simulator.connect.modules import Modules, Page, with_query
from simulator.connect.signing import query_string_hash, relative_target
from tests.simulator.stand_in import descriptor

NOW = 1_795_000_000
SECRET = "a secret of the tests that is long enough"
OVERVIEW = "org.bitbucket.repository.overview.informationPanel"


@pytest.fixture
def installations():
    return Installations()


@pytest.fixture
def modules(cast, installations):
    return Modules(cast.world, installations, clock=lambda: NOW)


def install(installations, cast, *, principal=None, client_key="connection:1", installed_by=None, **changes):
    document = {**descriptor("bittern", "https://app.example/ctx"), **changes}
    made = Installation(
        client_key=client_key,
        app_key=document["key"],
        principal_uuid=(principal or cast.acme).uuid,
        secret=SECRET,
        descriptor=Descriptor.from_document(document),
        installed_by=installed_by,
    )
    installations.put(made)
    return made


def panel(key="overview", url="/panel", **more):
    return {"key": key, "name": {"value": key}, "url": url, "location": OVERVIEW, **more}


def page(cast, **changes):
    return Page(**{"workspace": cast.acme, "viewer": cast.alice, "repository": cast.paint, **changes})


def addresses(modules, shown, **more):
    return [one.url for one in modules.on(shown, "webPanels", **more)]


def test_the_address_is_whole_filled_and_signed_over_all_of_it(cast, installations, modules):
    url = "/panel?r={repository.uuid}&u={user.uuid}&w={workspace.slug}&p={principal.uuid}&x=a+b"
    install(installations, cast, modules={"webPanels": [panel(url=url)]})
    (address,) = addresses(modules, page(cast))
    parts = urlsplit(address)
    query = parse_qs(parts.query)
    assert address.startswith("https://app.example/ctx/panel?")
    assert (query["r"], query["u"]) == ([cast.paint.uuid], [cast.alice.uuid])
    assert (query["w"], query["p"], query["x"]) == (["acme"], [cast.acme.uuid], ["a b"])
    claims = jwt.decode(query["jwt"][0], options={"verify_signature": False})
    target = relative_target(address, base_url="https://app.example/ctx")
    assert claims["qsh"] == query_string_hash("GET", target)
    assert query_string_hash("GET", target) != query_string_hash("GET", target.replace("x=a+b", "x=c"))
    assert (claims["iat"], claims["exp"]) == (NOW, NOW + 3600)


def test_braces_travel_encoded(cast, installations, modules):
    install(installations, cast, modules={"webPanels": [panel(url="/panel?r={repository.uuid}")]})
    (address,) = addresses(modules, page(cast))
    assert "%7B" in address
    assert "{" not in address


def test_an_address_without_a_query_gets_one(cast, installations, modules):
    install(installations, cast, modules={"webPanels": [panel()]})
    assert addresses(modules, page(cast))[0].startswith("https://app.example/ctx/panel?jwt=")
    assert with_query("https://x.example/p", "a=1") == "https://x.example/p?a=1"
    assert with_query("https://x.example/p?b=2", "a=1") == "https://x.example/p?b=2&a=1"


def test_an_app_without_authentication_gets_a_plain_address(cast, installations, modules):
    install(installations, cast, authentication={"type": "none"}, modules={"webPanels": [panel()]})
    assert addresses(modules, page(cast)) == ["https://app.example/ctx/panel"]


def test_every_object_of_the_page_can_be_named(cast, installations, modules):
    url = (
        "/p?pr={pullrequest.id}&s={pullrequest.state}&sb={pullrequest.source.branch.name}"
        "&b={branch.name}&c={commit.hash}&f={file.path}&n={file.name}&fh={file.commit.hash}&t={target_user.uuid}"
    )
    install(installations, cast, modules={"webPanels": [panel(url=url)]})
    tip = cast.pull_request.source_hash
    shown = page(
        cast,
        pull_request=cast.pull_request,
        branch="feature/doors",
        commit=tip,
        file="src/doors.py",
        target_user=cast.bob,
    )
    query = {name: values[0] for name, values in parse_qs(urlsplit(addresses(modules, shown)[0]).query).items()}
    del query["jwt"]
    assert query == {
        "pr": "1",
        "s": "OPEN",
        "sb": "feature/doors",
        "b": "feature/doors",
        "c": tip,
        "f": "src/doors.py",
        "n": "doors.py",
        "fh": tip,
        "t": cast.bob.uuid,
    }


def test_objects_that_the_page_has_not_leave_nothing(cast, installations, modules):
    url = "/p?pr={pullrequest.id}&b={branch.name}&c={commit.hash}&f={file.path}&t={target_user.uuid}&u={user.uuid}"
    install(installations, cast, modules={"webPanels": [panel(url=url)]})
    (address,) = addresses(modules, page(cast, viewer=None))
    assert address.startswith("https://app.example/ctx/p?pr=&b=&c=&f=&t=&u=&jwt=")


def test_a_persons_installation_has_a_person_as_principal(cast, installations, modules):
    home = cast.world.workspace("dana")
    install(installations, cast, principal=home, modules={"webPanels": [panel(url="/p?p={principal.uuid}")]})
    (address,) = addresses(modules, Page(workspace=home, viewer=cast.dana))
    assert parse_qs(urlsplit(address).query)["p"] == [cast.dana.uuid]


def test_only_the_location_that_is_asked_for(cast, installations, modules):
    install(installations, cast)
    assert [one.module.key for one in modules.on(page(cast), "webPanels", location=OVERVIEW)] == ["overview"]
    assert len(modules.on(page(cast), "webPanels")) == 2


def test_the_lightest_comes_first_across_apps(cast, installations, modules):
    install(installations, cast, modules={"webPanels": [panel("heavy", weight=300), panel("middle")]})
    install(
        installations, cast, key="other", client_key="connection:2", modules={"webPanels": [panel("light", weight=1)]}
    )
    assert [one.module.key for one in modules.on(page(cast), "webPanels")] == ["light", "middle", "heavy"]


def test_conditions_hide_a_module(cast, installations, modules):
    writers = [{"condition": "has_permission", "params": {"permission": "write"}}]
    install(installations, cast, modules={"webPanels": [panel(conditions=writers)]})
    assert len(addresses(modules, page(cast, viewer=cast.alice))) == 1
    assert len(addresses(modules, page(cast, viewer=cast.bob))) == 1
    assert addresses(modules, page(cast, viewer=cast.charlie)) == []
    assert addresses(modules, page(cast, viewer=None)) == []


@pytest.mark.parametrize(
    ("condition", "is_shown"),
    [
        ({"condition": "is_repo_private"}, True),
        ({"condition": "user_is_logged_in"}, True),
        ({"condition": "has_workspace_permission", "params": {"permission": "owner"}}, True),
        ({"condition": "has_file", "params": {"path": "README.md"}}, True),
        ({"condition": "has_file", "params": {"path": "nothing"}}, False),
        ({"condition": "has_addon", "params": {"addon_key": "bittern"}}, True),
        ({"condition": "has_addon", "params": {"addon_key": "nobody"}}, False),
        ({"condition": "equals", "target": "repository.slug", "params": {"value": "paint"}}, True),
        ({"condition": "has_feature", "params": {"feature": "beta"}}, False),
    ],
)
def test_conditions_ask_the_page(cast, installations, modules, condition, is_shown):
    install(installations, cast, modules={"webPanels": [panel(conditions=[condition])]})
    assert bool(addresses(modules, page(cast))) is is_shown


def test_features_can_be_switched_on(cast, installations):
    modules = Modules(cast.world, installations, clock=lambda: NOW, features=frozenset({"beta"}))
    condition = {"condition": "has_feature", "params": {"feature": "beta"}}
    install(installations, cast, modules={"webPanels": [panel(conditions=[condition])]})
    assert len(addresses(modules, page(cast))) == 1


def test_a_file_is_looked_for_nowhere_without_a_repository(cast, installations, modules):
    condition = {"condition": "has_file", "params": {"path": "README.md"}}
    install(installations, cast, modules={"webPanels": [panel(conditions=[condition])]})
    assert addresses(modules, page(cast, repository=None)) == []


def test_an_app_shows_only_in_its_workspace_and_while_it_is_installed(cast, installations, modules):
    made = install(installations, cast)
    assert modules.on(page(cast, workspace=cast.other, repository=cast.secret), "webPanels") == []
    installations.deactivate(made.client_key)
    assert modules.on(page(cast), "webPanels") == []


def test_a_personal_app_shows_to_its_person_alone_and_everywhere(cast, installations, modules):
    install(
        installations, cast, principal=cast.world.workspace("dana"), installed_by=cast.dana.uuid, contexts=["personal"]
    )
    assert modules.on(page(cast, viewer=cast.dana), "webPanels")
    assert modules.on(page(cast, viewer=cast.alice), "webPanels") == []
    assert modules.on(page(cast, viewer=None), "webPanels") == []


def test_one_module_is_found_by_its_key(cast, installations, modules):
    install(installations, cast)
    found = modules.find(page(cast), app_key="bittern", module_key="whole", kinds=("repoPages",))
    assert (found.module.key, found.app_name) == ("whole", "Stand-in")
    assert modules.find(page(cast), app_key="bittern", module_key="whole", kinds=("webPanels",)) is None
    assert modules.find(page(cast), app_key="other", module_key="whole", kinds=("repoPages",)) is None


def test_an_installation_without_a_descriptor_shows_nothing_and_has_no_address(cast, installations, modules):
    bare = Installation(client_key="connection:9", app_key="x", principal_uuid=cast.acme.uuid, secret=SECRET)
    installations.put(bare)
    assert modules.on(page(cast), "webPanels") == []
    with pytest.raises(ValueError, match="has no descriptor"):
        modules.address(page(cast), bare, url="/x")


def test_a_person_without_a_workspace_is_a_principal_too(cast, installations, modules):
    made = install(installations, cast, principal=cast.bob, modules={"webPanels": [panel(url="/p?p={principal.uuid}")]})
    address = modules.address(page(cast), made, url="/p?p={principal.uuid}")
    assert parse_qs(urlsplit(address).query)["p"] == [cast.bob.uuid]


def test_a_principal_that_is_gone_leaves_nothing(cast, installations, modules):
    made = install(installations, cast)
    del cast.world.workspaces[cast.acme.uuid]
    assert modules.address(page(cast), made, url="/p?p={principal.uuid}").startswith(
        "https://app.example/ctx/p?p=&jwt="
    )


@pytest.mark.parametrize("is_signed", [True, False])
def test_an_address_can_go_without_a_token(cast, installations, modules, is_signed):
    made = install(installations, cast)
    address = modules.address(page(cast), made, url="/welcome", extra="client_key=x", is_signed=is_signed)
    assert address.startswith("https://app.example/ctx/welcome?client_key=x")
    assert ("jwt=" in address) is is_signed


def test_two_viewers_never_share_an_address(cast, installations, modules):
    install(installations, cast, modules={"webPanels": [panel(url="/p?u={user.uuid}")]})
    one, other = (addresses(modules, page(cast, viewer=viewer))[0] for viewer in (cast.alice, cast.bob))
    tokens = [parse_qs(urlsplit(address).query)["jwt"][0] for address in (one, other)]
    hashes = {jwt.decode(token, options={"verify_signature": False})["qsh"] for token in tokens}
    assert len(hashes) == 2
