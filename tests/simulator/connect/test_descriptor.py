"""Descriptors: what is read from them, and what is refused with which words."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from simulator.connect.descriptor import Descriptor, base_url_problems, is_loopback, problems_of
from simulator.connect.errors import DescriptorRefused
from simulator.connect.scopes import SCOPE_TEXT, SCOPES
from simulator.rest.scopes import ALL
from tests.simulator.stand_in import descriptor

SHARED = Path(__file__).resolve().parents[4] / "shared" / "bitbucket" / "descriptors"
recorded_descriptors = pytest.mark.parametrize(
    "name", ["asciidoctor", "jfrog-bintray", "landkid", "pr-release-panel", "toolchain"]
)


def good(**changes):
    return {**descriptor("bittern", "https://app.example"), **changes}


def without(name):
    document = good()
    del document[name]
    return document


def sentences(document):
    return list(problems_of(document))


def test_it_finds_nothing_wrong_with_a_good_one():
    assert sentences(good()) == []


def test_it_reads_what_bitbucket_needs_to_know():
    read = Descriptor.from_document(good())
    assert (read.key, read.name, read.description, read.vendor) == ("bittern", "Stand-in", "An app for tests.", "Tests")
    assert read.base_url == "https://app.example"
    assert read.lifecycle == {"installed": "/installed", "uninstalled": "/uninstalled"}
    assert read.asked_scopes == ("account", "repository", "pullrequest")
    assert read.contexts == ("account",)
    assert [one.event for one in read.webhooks] == ["*"]
    assert [one.key for one in read.of_kind("webPanels")] == ["overview", "turn"]


def test_it_keeps_a_module_as_the_descriptor_has_it():
    document = good()
    document["modules"]["webPanels"][0] |= {
        "tooltip": {"value": "A tip"},
        "weight": 7,
        "icon": {"url": "/icon.svg", "width": 16, "height": 16},
        "params": {"auiIcon": "aui-iconfont-graph-line"},
        "conditions": [{"condition": "user_is_logged_in"}],
    }
    module = Descriptor.from_document(document).of_kind("webPanels")[0]
    assert (module.kind, module.key, module.name, module.tooltip) == ("webPanels", "overview", "Stand-in", "A tip")
    assert (module.weight, module.icon_url, module.icon_class) == (7, "/icon.svg", "aui-iconfont-graph-line")
    assert module.conditions == ({"condition": "user_is_logged_in"},)
    assert module.options is document["modules"]["webPanels"][0]


def test_the_lighter_module_comes_first_and_equal_ones_keep_their_order():
    document = good()
    first, second = document["modules"]["webPanels"]
    document["modules"]["webPanels"] = [first | {"weight": 300}, second, second | {"key": "third", "weight": 1}]
    read = Descriptor.from_document(document)
    assert [one.key for one in read.of_kind("webPanels")] == ["third", "turn", "overview"]


def test_no_scopes_at_all_ask_for_every_scope():
    read = Descriptor.from_document(without("scopes"))
    assert read.scopes == SCOPES
    assert set(read.asked_scopes) == SCOPES


def test_an_empty_list_of_scopes_asks_for_none():
    assert Descriptor.from_document(good(scopes=[])).scopes == frozenset()


def test_a_scope_brings_what_it_implies():
    read = Descriptor.from_document(good(scopes=["pullrequest:write"]))
    assert {"pullrequest", "repository", "repository:write"} <= read.scopes
    assert "account" not in read.scopes


def test_the_scopes_of_the_consent_page_are_those_of_the_api():
    assert SCOPES == ALL
    assert all(text.strip() for text in SCOPE_TEXT.values())


def test_no_contexts_mean_the_whole_account():
    assert Descriptor.from_document(without("contexts")).contexts == ("account",)


def test_relative_addresses_are_appended_to_the_base_url_path_and_all():
    read = Descriptor.from_document(good(baseUrl="https://app.example/ctx"))
    assert read.absolute("/panel?a=1") == "https://app.example/ctx/panel?a=1"
    assert read.absolute("https://other.example/x") == "https://other.example/x"


@pytest.mark.parametrize(("kind", "is_signed"), [("jwt", True), ("JWT", True), ("none", False)])
def test_the_kind_of_authentication_may_be_written_in_capitals(kind, is_signed):
    assert Descriptor.from_document(good(authentication={"type": kind})).is_signed is is_signed


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "The descriptor must be a JSON object."),
        ("{}", "The descriptor must be a JSON object."),
        (good(key=""), "key must be 1 to 80 letters, digits, dots, hyphens or underscores."),
        (good(key="a b"), "key must be 1 to 80 letters, digits, dots, hyphens or underscores."),
        (good(key="k" * 81), "key must be 1 to 80 letters, digits, dots, hyphens or underscores."),
        (without("key"), "key must be 1 to 80 letters, digits, dots, hyphens or underscores."),
        (without("name"), "name must be a text that says something."),
        (good(name=" "), "name must be a text that says something."),
        (without("description"), "description must be a text that says something."),
        (good(vendor="Acme"), "vendor must be an object with a name and a url."),
        (without("baseUrl"), "baseUrl is missing."),
        (without("authentication"), 'authentication must be {"type": "jwt"} or {"type": "none"}.'),
        (good(authentication={"type": "oauth"}), 'authentication must be {"type": "jwt"} or {"type": "none"}.'),
        (good(authentication={"type": 1}), 'authentication must be {"type": "jwt"} or {"type": "none"}.'),
        (
            without("lifecycle"),
            'lifecycle must be an object such as {"installed": "/installed", "uninstalled": "/uninstalled"}.',
        ),
        (good(lifecycle={"upgraded": "/x"}), "lifecycle.upgraded is not a lifecycle call of Bitbucket."),
        (
            good(lifecycle={"installed": "installed"}),
            'lifecycle.installed must begin with "/" (it is appended to baseUrl) or be a whole address.',
        ),
        (
            good(lifecycle={"installed": 7}),
            'lifecycle.installed must begin with "/" (it is appended to baseUrl) or be a whole address.',
        ),
        (good(scopes=["account", "repo"]), 'scopes[1] "repo" is not a scope of Bitbucket.'),
        (good(scopes=[["account"]]), "scopes[0] \"['account']\" is not a scope of Bitbucket."),
        (good(scopes="account"), "scopes must be a list."),
        (good(contexts=["workspace"]), 'contexts[0] "workspace" is not a context of Bitbucket.'),
        (without("modules"), "modules is missing."),
        (good(modules=[]), "modules must be an object."),
    ],
)
def test_it_says_what_to_change(document, sentence):
    assert sentences(document) == [sentence]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("https://app.example/", 'baseUrl "https://app.example/" must not end with a slash.'),
        (
            "http://app.example",
            'baseUrl "http://app.example" must use https; http is accepted only for this machine itself.',
        ),
        ("ftp://app.example", 'baseUrl "ftp://app.example" must be an https address.'),
        ("app.example", 'baseUrl "app.example" must be an https address.'),
        ("{{localBaseUrl}}", 'baseUrl "{{localBaseUrl}}" must be an https address.'),
        ("https://app.example?a=1", 'baseUrl "https://app.example?a=1" must have no query and no fragment.'),
        ("https://app.example#x", 'baseUrl "https://app.example#x" must have no query and no fragment.'),
        (None, "baseUrl is missing."),
        (12, "baseUrl is missing."),
    ],
)
def test_it_refuses_base_urls_that_failed_in_production(address, sentence):
    assert list(base_url_problems(address)) == [sentence]


@pytest.mark.parametrize(
    "address", ["https://app.example", "https://app.example/ctx", "http://127.0.0.1:7991", "http://localhost:80"]
)
def test_it_accepts_https_and_http_on_this_machine(address):
    assert list(base_url_problems(address)) == []


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
    ],
)
def test_this_machine_is_known_by_its_address(host, expected):
    assert is_loopback(host) is expected


def test_every_problem_is_said_at_once():
    with pytest.raises(DescriptorRefused) as refused:
        Descriptor.from_document({"baseUrl": "https://x.example/"})
    assert len(refused.value.problems) == 7
    assert refused.value.message == " ".join(refused.value.problems)


def test_a_webhook_without_its_scope_is_silent_by_default_and_an_error_where_asked():
    document = good(scopes=["account"])
    document["modules"]["webhooks"] = [{"event": "repo:push", "url": "/hook"}, {"event": "*", "url": "/hook"}]
    assert len(Descriptor.from_document(document).webhooks) == 2
    with pytest.raises(DescriptorRefused) as refused:
        Descriptor.from_document(document, refuses_webhooks_without_scope=True)
    assert refused.value.problems == ('The webhook "repo:push" needs the scope "repository".',)


@pytest.mark.shared
@recorded_descriptors
def test_recorded_descriptors_are_accepted_once_their_holes_are_filled(name):
    if not SHARED.is_dir():
        pytest.skip("the recorded descriptors are not beside this project")
    document = fill_holes(json.loads((SHARED / f"{name}.json").read_text(encoding="utf-8")))
    assert sentences(document) == []
    read = Descriptor.from_document(document)
    assert read.modules or read.webhooks


def fill_holes(document):
    """What the apps' own servers would fill in before they serve the file."""
    found = copy.deepcopy(document)
    found["baseUrl"] = "https://app.example"
    for name in ("key", "name", "description"):
        found[name] = found[name] or "filled"
    for name, url in found["lifecycle"].items():
        found["lifecycle"][name] = url or f"/{name}"
    for webhook in found["modules"].get("webhooks", []):
        webhook["url"] = webhook["url"] or "/hook"
    return found


@pytest.mark.shared
@pytest.mark.parametrize("name", ["asciidoctor", "jfrog-bintray"])
def test_singular_names_of_old_become_plural_ones(name):
    if not SHARED.is_dir():
        pytest.skip("the recorded descriptors are not beside this project")
    read = Descriptor.from_document(fill_holes(json.loads((SHARED / f"{name}.json").read_text(encoding="utf-8"))))
    assert all(one.kind.endswith("s") or one.kind == "postInstallRedirect" for one in read.modules)


@pytest.mark.parametrize("value", [None, "x", 7, True, [], [1], [None], {}, {"a": []}])
@pytest.mark.parametrize("name", sorted(good()))
def test_no_value_of_a_descriptor_makes_the_check_stumble(name, value):
    found = sentences({**good(), name: value})
    assert all(isinstance(one, str) and one.endswith((".", "}")) for one in found)
    assert found == [] or any(name in one for one in found)
