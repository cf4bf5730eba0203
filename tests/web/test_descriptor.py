"""The descriptor: what it says, that it fits the code, and that a wrong one stops the start."""

import copy
import json

import pytest

from bitbucket.installation_calls import scopes_used
from connect.errors import DescriptorInvalid
from connect.scopes import implied_by
from sync.events import ROUTER
from web.descriptor import TEMPLATE, build, current_version
from web.panels.tabs.registry import BY_NAME


@pytest.fixture
def descriptor(client):
    return client.get("/atlassian-connect.json").json


@pytest.fixture
def template():
    return json.loads(TEMPLATE.read_text(encoding="utf-8"))


def problems_of(app, settings, template):
    with pytest.raises(DescriptorInvalid) as caught:
        build(app, settings, template=template)
    return " ".join(caught.value.problems)


def test_it_says_who_we_are_and_where(descriptor):
    assert (descriptor["key"], descriptor["name"]) == ("bittern", "Bittern")
    assert descriptor["baseUrl"] == "https://bittern.example.com"
    assert descriptor["authentication"] == {"type": "jwt"}
    assert descriptor["contexts"] == ["account"]
    assert descriptor["lifecycle"] == {"installed": "/connect/installed", "uninstalled": "/connect/uninstalled"}


def test_every_address_in_it_is_a_route_of_this_application(app, descriptor):
    modules = descriptor["modules"]
    kinds = ("webPanels", "repoPages", "webItems", "fileViews", "adminPages")
    pages = [page for kind in kinds for page in modules[kind]]
    pages += [modules["configurePage"], modules["postInstallRedirect"]]
    adapter = app.url_map.bind("")

    for address in descriptor["lifecycle"].values():
        assert adapter.match(address, method="POST")
    for webhook in modules["webhooks"]:
        assert adapter.match(webhook["url"], method="POST")
    for page in pages:
        assert adapter.match(page["url"].partition("?")[0], method="GET")


def test_it_asks_for_what_the_code_calls_and_for_the_account_that_looks_and_for_nothing_else(descriptor):
    assert set(descriptor["scopes"]) == {
        "account",
        "repository",
        "repository:admin",
        "pullrequest",
        "issue",
        "pipeline",
    }
    assert scopes_used() <= implied_by(descriptor["scopes"])
    # Reading who can reach a repository is an administrator's affair in REST 1.0; nothing else asks for more than reading.
    more_than_reading = {scope for scope in descriptor["scopes"] if scope.endswith((":write", ":admin", ":delete"))}
    assert more_than_reading == {"repository:admin"}


def test_the_panel_is_on_the_repository_overview_and_tells_the_viewer_and_the_repository(descriptor):
    panels = {panel["location"]: panel for panel in descriptor["modules"]["webPanels"]}
    panel = panels["org.bitbucket.repository.overview.informationPanel"]

    assert panel["url"] == "/panels/repository?repository={repository.uuid}&user={user.uuid}"


@pytest.mark.parametrize(
    ("about", "tab", "parameter"),
    [
        ("pullrequest", "files", "pullrequest={pullrequest.id}"),
        ("branch", "branches", "branch={branch.name}"),
        ("commit", "commit", "commit={commit.hash}"),
    ],
)
def test_links_on_bitbuckets_pages_lead_to_the_tab_about_the_same(descriptor, about, tab, parameter):
    location = f"org.bitbucket.{about}.summary.actions"
    [item] = [item for item in descriptor["modules"]["webItems"] if item["location"] == location]
    whole = "/pages/repository?repository={repository.uuid}&user={user.uuid}"

    assert item["target"] == {"type": "page"}
    assert item["url"] == f"{whole}&tab={tab}&{parameter}"
    assert parameter.partition("=")[0] in BY_NAME[tab].parameters


def test_files_of_many_kinds_have_their_facts(descriptor):
    [view] = descriptor["modules"]["fileViews"]
    extensions = view["file_matches"]["extensions"]

    assert view["url"].startswith("/pages/file?repository={repository.uuid}&user={user.uuid}&path={file.path}")
    assert {"py", "ts", "java", "go", "md", "yml"} <= set(extensions)
    assert extensions == sorted(set(extensions))


def test_it_subscribes_to_what_is_handled(descriptor):
    subscribed = [webhook["event"] for webhook in descriptor["modules"]["webhooks"]]

    assert len(subscribed) == len(set(subscribed))
    assert all(ROUTER.route(event).handler is not None for event in subscribed)
    assert "repo:push" in subscribed
    assert "*" not in subscribed


def test_it_is_json_for_whoever_asks(client):
    answer = client.get("/atlassian-connect.json", headers={"Host": "evil.test", "Accept": "text/html"})

    assert answer.mimetype == "application/json"
    assert "evil.test" not in answer.get_data(as_text=True)


def test_its_version_is_what_installations_are_compared_with(app, client):
    with app.app_context():
        version = current_version()

    assert len(version) == 12


def test_another_address_is_another_version(make_app):
    versions = set()
    for base_url in ("https://one.example.com", "https://two.example.com"):
        with make_app(base_url=base_url).app_context():
            versions.add(current_version())

    assert len(versions) == 2


def test_a_scope_too_many_stops_the_start(app, make_settings, template):
    template["scopes"].append("webhook")

    assert "Remove the scope `webhook`" in problems_of(app, make_settings(), template)


def test_a_scope_too_few_stops_the_start(app, make_settings, template):
    template["scopes"].remove("pullrequest")

    assert "Add the scope `pullrequest`" in problems_of(app, make_settings(), template)


def test_a_webhook_that_nobody_handles_stops_the_start(app, make_settings, template):
    template["modules"]["webhooks"].append({"event": "issue:created", "url": None})

    assert "Remove the webhook issue:created" in problems_of(app, make_settings(), template)


def test_an_event_that_would_never_come_stops_the_start(app, make_settings, template):
    template["modules"]["webhooks"] = [
        hook for hook in template["modules"]["webhooks"] if hook["event"] != "repo:deleted"
    ]

    assert "Add a webhook for repo:deleted" in problems_of(app, make_settings(), template)


def test_a_module_without_a_route_stops_the_start(app, make_settings, template):
    extra = copy.deepcopy(template["modules"]["repoPages"][0]) | {"key": "charts"}
    template["modules"]["repoPages"].append(extra)

    assert "charts" in problems_of(app, make_settings(), template)


def test_plain_http_is_accepted_on_this_machine_in_the_demo_only(make_app):
    demo = make_app(
        demo=True, base_url="http://127.0.0.1:8080", site_url="http://127.0.0.1:7990", api_url="http://127.0.0.1:7990"
    )

    assert demo.test_client().get("/atlassian-connect.json").json["baseUrl"] == "http://127.0.0.1:8080"


def test_without_the_access_tab_it_asks_for_no_more_than_reading(app, make_settings):
    scopes = build(app, make_settings(access_page=False))["scopes"]

    assert set(scopes) == {"account", "repository", "pullrequest", "issue", "pipeline"}
