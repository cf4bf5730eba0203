"""The descriptor's root: filled from a template, checked member by member, and asking for exactly the right scopes."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect.descriptor import check, descriptor_version, fill
from connect.errors import DescriptorInvalid
from tests.connect.descriptors import DESCRIPTOR, SCOPES, descriptor, only_problem, problems, with_modules

TEMPLATE = {
    "key": None,
    "name": None,
    "description": "{app_name} at {base_url}",
    "baseUrl": None,
    "authentication": {"type": "jwt"},
    "lifecycle": {"installed": None, "uninstalled": None},
    "contexts": ["account"],
    "scopes": SCOPES,
    "modules": {
        "webPanels": [
            {
                "key": "pulse",
                "name": {"value": "{app_name}"},
                "location": "org.bitbucket.repository.overview.informationPanel",
                "url": "?repository={repository.uuid}&user={user.uuid}",
            }
        ],
        "postInstallRedirect": {"key": "welcome", "url": None},
        "webhooks": [{"event": "repo:push", "url": None}, {"event": "pullrequest:created", "url": None}],
        "adminPages": [{"key": "fixed", "url": "/fixed"}],
    },
}
PATHS = {
    "installed": "/connect/installed",
    "uninstalled": "/connect/uninstalled",
    "pulse": "/panels/repository",
    "welcome": "/connect/welcome",
    "webhook": "/connect/webhook",
}


def filled(template=TEMPLATE, paths=PATHS, **arguments) -> dict:
    arguments = {"base_url": "https://bittern.example.com", "app_key": "bittern", "name": "Bittern"} | arguments
    return fill(template, paths=paths, **arguments)


def test_it_fills_every_hole_of_a_template():
    result = filled()
    assert (result["key"], result["name"], result["baseUrl"]) == ("bittern", "Bittern", "https://bittern.example.com")
    assert result["description"] == "Bittern at https://bittern.example.com"
    assert result["lifecycle"] == {"installed": "/connect/installed", "uninstalled": "/connect/uninstalled"}
    modules = result["modules"]
    assert modules["webPanels"][0]["url"] == "/panels/repository?repository={repository.uuid}&user={user.uuid}"
    assert modules["webPanels"][0]["name"] == {"value": "Bittern"}
    assert modules["postInstallRedirect"]["url"] == "/connect/welcome"
    assert [webhook["url"] for webhook in modules["webhooks"]] == ["/connect/webhook", "/connect/webhook"]
    assert modules["adminPages"][0]["url"] == "/fixed"


def test_what_a_template_says_stays():
    template = TEMPLATE | {"key": "other-key", "name": "Other", "baseUrl": "{base_url}/sub"}
    result = filled(template)
    assert (result["key"], result["name"]) == ("other-key", "Other")
    assert result["baseUrl"] == "https://bittern.example.com/sub"


def test_it_leaves_the_template_as_it_is():
    before = copy.deepcopy(TEMPLATE)
    filled()
    assert before == TEMPLATE


def test_a_hole_without_a_path_is_named():
    with pytest.raises(DescriptorInvalid) as caught:
        filled(paths={"installed": "/connect/installed", "pulse": "/panels/repository"})
    assert [problem.split("`")[1] for problem in caught.value.problems] == [
        "uninstalled",
        "welcome",
        "webhook",
        "webhook",
    ]


@pytest.mark.parametrize("template", [{}, {"modules": None}, {"modules": {"webhooks": ["x"]}}, {"lifecycle": []}])
def test_an_odd_template_is_left_to_the_check(template):
    with pytest.raises(DescriptorInvalid):
        check(filled(template), scopes_used=[])


def test_a_filled_template_passes_the_check():
    template = copy.deepcopy(TEMPLATE)
    del template["modules"]["adminPages"]
    assert problems(filled(template)) == []


def test_the_right_descriptor_has_no_problem():
    assert problems(DESCRIPTOR) == []


def test_a_version_names_the_content_and_not_its_order():
    turned = json.loads(json.dumps(DESCRIPTOR), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert descriptor_version(DESCRIPTOR) == descriptor_version(turned)
    assert len(descriptor_version(DESCRIPTOR)) == 12
    assert descriptor_version(DESCRIPTOR) != descriptor_version(descriptor(name="Bittern 2"))


@pytest.mark.parametrize(
    "member", ["key", "name", "description", "baseUrl", "authentication", "lifecycle", "contexts", "scopes", "modules"]
)
@pytest.mark.parametrize("absent", [..., None])
def test_a_required_member_is_missed(member, absent):
    assert only_problem(descriptor(**{member: absent})).startswith(f"Add `{member}`")


@pytest.mark.parametrize("member", ["vendor", "definitions", "links", "forgeAppLink", "forgeAppId"])
def test_an_optional_member_may_be_absent(member):
    assert problems(descriptor(**{member: ...})) == []


@pytest.mark.parametrize("member", ["scope", "module", "apiMigrations", "base_url", "Key"])
def test_a_member_that_bitbucket_does_not_know_is_named(member):
    assert f"`{member}`" in only_problem(descriptor(**{member: "x"}))


@pytest.mark.parametrize("key", ["a", "bittern", "com.example.bittern-2", "x" * 80])
def test_an_app_key_is_plain(key):
    assert problems(descriptor(key=key)) == []


@pytest.mark.parametrize("key", ["", "Bittern", "bit tern", "bit_tern", "x" * 81, 1, "{{key}}", "bittern\n"])
def test_another_app_key_is_refused(key):
    assert only_problem(descriptor(key=key)).startswith("Write `key`")


@pytest.mark.parametrize("member", ["name", "description"])
@pytest.mark.parametrize("value", ["", " ", 1, ["x"], {"value": "x"}])
def test_name_and_description_are_text(member, value):
    assert only_problem(descriptor(**{member: value})).startswith(f"Write `{member}`")


@pytest.mark.parametrize("vendor", ["Bittern", [], {}, {"url": "https://x.example"}, {"name": 1}])
def test_a_vendor_has_a_name(vendor):
    assert only_problem(descriptor(vendor=vendor)).startswith("Write `vendor`")


@pytest.mark.parametrize(
    "base_url",
    ["https://bittern.example.com", "https://example.com/bittern", "https://example.com:8443", "https://[2001:db8::1]"],
)
def test_a_base_url_is_an_https_address(base_url):
    assert problems(descriptor(baseUrl=base_url)) == []


@pytest.mark.parametrize(
    ("base_url", "begins"),
    [
        ("", "Set `baseUrl` to the public"),
        ("bittern.example.com", "Set `baseUrl` to the public"),
        ("//bittern.example.com", "Set `baseUrl` to the public"),
        ("https://", "Set `baseUrl` to the public"),
        ("https://[", "Set `baseUrl` to the public"),
        ("ftp://bittern.example.com", "Set `baseUrl` to the public"),
        ("https://user@bittern.example.com", "Set `baseUrl` to the public"),
        ("{{localBaseUrl}}", "Set `baseUrl` to the public"),
        (1, "Set `baseUrl` to the public"),
        ("http://bittern.example.com", "Set `baseUrl` to an https address"),
        ("http://127.0.0.1:8000", "Set `baseUrl` to an https address"),
        ("https://bittern.example.com/", "Remove the closing slash"),
        ("https://bittern.example.com/bittern/", "Remove the closing slash"),
        ("https://bittern.example.com?a=1", "Remove the query"),
        ("https://bittern.example.com#a", "Remove the query"),
    ],
)
def test_another_base_url_is_refused(base_url, begins):
    assert only_problem(descriptor(baseUrl=base_url)).startswith(begins)


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_the_demo_may_do_without_tls_on_loopback(base_url):
    assert problems(descriptor(baseUrl=base_url), allow_http=True) == []


@pytest.mark.parametrize("base_url", ["http://bittern.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1"])
def test_the_demo_does_not_do_without_tls_elsewhere(base_url):
    assert only_problem(descriptor(baseUrl=base_url), allow_http=True).startswith("Set `baseUrl` to an https address")


@pytest.mark.parametrize("authentication", [{"type": "jwt"}, {"type": "JWT"}])
def test_authentication_is_by_jwt(authentication):
    assert problems(descriptor(authentication=authentication)) == []


@pytest.mark.parametrize(
    "authentication", [{"type": "none"}, {"type": None}, {"kind": "jwt"}, "jwt", ["jwt"], {"type": 1}]
)
def test_other_authentication_is_refused(authentication):
    assert only_problem(descriptor(authentication=authentication)).startswith("Set `authentication`")


LIFECYCLE = DESCRIPTOR["lifecycle"]


@pytest.mark.parametrize(
    ("lifecycle", "begins"),
    [
        ("/installed", "Write `lifecycle`"),
        ({"installed": "/i"}, "Add `lifecycle.uninstalled`"),
        ({"uninstalled": "/u"}, "Add `lifecycle.installed`"),
        (LIFECYCLE | {"updated": "/x"}, "Remove `lifecycle.updated`"),
        (LIFECYCLE | {"installed": None}, "Set `lifecycle.installed`"),
        (LIFECYCLE | {"installed": "installed"}, "Begin `lifecycle.installed` with a slash"),
        (LIFECYCLE | {"installed": "/connect/installed/"}, "Remove the closing or doubled slash"),
        (
            LIFECYCLE | {"installed": "/connect/installed?u={user.uuid}"},
            "Remove {user.uuid} from `lifecycle.installed`",
        ),
    ],
)
def test_the_lifecycle_has_two_addresses(lifecycle, begins):
    assert only_problem(descriptor(lifecycle=lifecycle)).startswith(begins)


def test_the_lifecycle_may_have_two_more():
    assert problems(descriptor(lifecycle=LIFECYCLE | {"enabled": "/e", "disabled": "/d"})) == []


@pytest.mark.parametrize("contexts", [["account"], ["personal"]])
def test_a_context_is_a_workspace_or_a_person(contexts):
    assert problems(descriptor(contexts=contexts)) == []


@pytest.mark.parametrize("contexts", [[], ["repository"], ["account", "repository"], "account", [["account"]], {}])
def test_another_context_is_refused(contexts):
    assert only_problem(descriptor(contexts=contexts)).startswith("Set `contexts`")


class TestScopes:
    def test_a_missing_one_is_named_with_what_needs_it(self):
        sentence = only_problem(descriptor(), scopes_used=[*SCOPES, "pipeline"])
        assert sentence.startswith("Add the scope `pipeline`: the API calls of the code need it")

    def test_a_superfluous_one_is_named(self):
        sentence = only_problem(descriptor(scopes=[*SCOPES, "email"]))
        assert sentence.startswith("Remove the scope `email`")

    def test_one_wider_than_what_is_called_is_superfluous(self):
        assert problems(descriptor(scopes=["account", "pullrequest:write"])) == [
            "Remove the scope `pullrequest:write`: nothing needs it, and users are asked for it."
        ]

    def test_one_that_another_implies_need_not_be_named(self):
        assert problems(descriptor(scopes=["account", "pullrequest"])) == []
        assert problems(descriptor(scopes=["account", "pullrequest:write"]), scopes_used=["pullrequest:write"]) == []

    def test_the_administration_of_repositories_implies_nothing(self):
        found = problems(descriptor(scopes=["account", "repository:admin"]), scopes_used=["repository:admin"])
        assert [problem.split("`")[1] for problem in found] == ["repository"]

    def test_an_unknown_one_spoils_the_descriptor(self):
        assert only_problem(descriptor(scopes=[*SCOPES, "pullrequests"])).startswith("Correct the scope `pullrequests`")

    def test_one_is_named_once(self):
        assert only_problem(descriptor(scopes=[*SCOPES, "account"])).startswith("Name the scope `account` once")

    @pytest.mark.parametrize("scopes", ["account", {"account": 1}, [1], [["account"]]])
    def test_they_are_a_list_of_names(self, scopes):
        assert only_problem(descriptor(scopes=scopes)).startswith("Write `scopes`")

    def test_modules_need_scopes_though_no_call_does(self):
        assert problems(descriptor(scopes=["account", "repository"]), scopes_used=[]) == []
        found = problems(descriptor(scopes=[]), scopes_used=[])
        assert [problem.split("`")[1] for problem in found] == ["account", "repository"]

    @pytest.mark.parametrize(
        ("event", "scope"),
        [
            ("repo:push", "repository"),
            ("pullrequest:created", "pullrequest"),
            ("issue:created", "issue"),
            ("project:updated", "project"),
            ("pipeline:span_created", "pipeline"),
        ],
    )
    def test_a_webhook_needs_the_scope_of_its_event(self, event, scope):
        modules = {"webhooks": [{"event": event, "url": "/connect/webhook"}]}
        sentence = only_problem(descriptor(modules=modules, scopes=[]), scopes_used=[])
        assert sentence.startswith(f"Add the scope `{scope}`: webhooks such as {event} need it")
        assert problems(descriptor(modules=modules, scopes=[scope]), scopes_used=[]) == []


def test_every_problem_is_said_at_once():
    found = problems(descriptor(key="K", name="", baseUrl="http://x.example", contexts=[], scopes=["x"]))
    assert len(found) == 8
    assert all(sentence.endswith(".") for sentence in found)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["/x", "*", "and", "equals"]),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["key", "url", "event", "conditions", "condition", "type", "target", "methods", "icon", "/x"]
            ),
            children,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(list(DESCRIPTOR)), json_values, max_size=3),
    st.dictionaries(
        st.sampled_from(
            ["webPanels", "webItems", "proxy", "configurePage", "linkers", "webhooks", "oauthConsumer", "x"]
        ),
        json_values,
        max_size=3,
    ),
)
def test_no_descriptor_raises_anything_but_its_problems(changes, modules):
    changed = with_modules(**modules) | changes
    try:
        check(changed, scopes_used=SCOPES)
    except DescriptorInvalid as invalid:
        assert invalid.problems  # noqa: PT017 - either outcome is right
