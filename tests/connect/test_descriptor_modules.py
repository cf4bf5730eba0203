"""The modules of a descriptor: every rule of every kind, each told by the one sentence that says what to change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.connect.descriptors import DESCRIPTOR, SCOPES, descriptor, only_problem, panel, problems, with_modules

PANEL = DESCRIPTOR["modules"]["webPanels"][0]
PLURALS = {
    "webPanel": "webPanels",
    "webItem": "webItems",
    "webCard": "webCards",
    "repoPage": "repoPages",
    "adminPage": "adminPages",
    "generalPage": "generalPages",
    "profileTab": "profileTabs",
    "fileView": "fileViews",
    "fileEditor": "fileEditors",
    "linker": "linkers",
    "webhook": "webhooks",
    "customEvent": "customEvents",
    "configurePages": "configurePage",
    "oauthConsumers": "oauthConsumer",
    "postInstallRedirects": "postInstallRedirect",
}


@pytest.mark.parametrize("modules", [{}, [], "webPanels", 1])
def test_there_is_at_least_one_module(modules):
    assert any(problem.startswith("Write `modules`") for problem in problems(descriptor(modules=modules)))


@pytest.mark.parametrize(("wrong", "right"), PLURALS.items())
def test_a_module_in_the_wrong_number_is_told_the_right_one(wrong, right):
    assert only_problem(with_modules(**{wrong: []})) == f"Rename the module `{wrong}` to `{right}`."


@pytest.mark.parametrize("kind", ["helpPanel", "jiraIssueContents", "webpanels", ""])
def test_an_unknown_module_is_refused(kind):
    assert only_problem(with_modules(**{kind: []})).startswith(f"Remove the module `{kind}`")


@pytest.mark.parametrize("kind", ["configurePage", "postInstallRedirect", "oauthConsumer", "proxy"])
@pytest.mark.parametrize("declared", [[], [{"key": "x", "url": "/x"}], "x"])
def test_some_modules_are_one_object(kind, declared):
    assert only_problem(with_modules(**{kind: declared})) == f"Write `{kind}` as one object, not as a list."


@pytest.mark.parametrize("kind", ["webItems", "adminPages", "fileViews", "linkers", "webhooks", "customEvents"])
@pytest.mark.parametrize("declared", [{}, {"key": "x", "url": "/x"}, "x", 1])
def test_other_modules_are_lists(kind, declared):
    assert only_problem(with_modules(**{kind: declared})).startswith(f"Write `{kind}` as a list")


@pytest.mark.parametrize("entry", ["x", 1, None, []])
def test_an_entry_is_an_object(entry):
    assert only_problem(with_modules(generalPages=[entry])) == "Write `generalPages[0]` as an object."


@pytest.mark.parametrize("key", ["a", "A-1", "x" * 128])
def test_a_module_key_is_plain(key):
    assert problems(panel(key=key)) == []


@pytest.mark.parametrize("key", [..., None, "", "a b", "a_b", "a.b", "\u00e9", "x" * 129, 1, "a\n"])
def test_another_module_key_is_refused(key):
    assert only_problem(panel(key=key)).startswith("Write `webPanels[0].key`")


def test_a_module_key_is_used_once():
    assert only_problem(panel(key="repository-page")).startswith("Give `repoPages[0]` another key")
    assert only_problem(panel(key="welcome")).startswith("Give `postInstallRedirect` another key")


@pytest.mark.parametrize("name", [..., None, "Pulse", {}, {"value": ""}, {"value": " "}, {"value": 1}, ["Pulse"]])
def test_a_name_is_an_object_with_a_value(name):
    assert only_problem(panel(name=name)).startswith("Write `webPanels[0].name`")


@pytest.mark.parametrize("tooltip", [None, "x", {}, {"value": ""}])
def test_a_tooltip_is_an_object_with_a_value(tooltip):
    assert only_problem(panel(tooltip=tooltip)).startswith("Write `webPanels[0].tooltip`")
    assert problems(panel(tooltip=...)) == []


@pytest.mark.parametrize("weight", ["100", 1.5, None, True, []])
def test_a_weight_is_a_whole_number(weight):
    assert only_problem(panel(weight=weight)).startswith("Write `webPanels[0].weight`")
    assert problems(panel(weight=...)) == []


@pytest.mark.parametrize(
    "url", ["/", "/x", "/x?a=", "https://other.example.com/x", "/x?a={repository.owner.uuid}", "/x" * 1024]
)
def test_an_address_is_a_path_or_https(url):
    assert problems(panel(url=url)) == []


@pytest.mark.parametrize(
    ("url", "begins"),
    [
        (..., "Set `webPanels[0].url` to the path"),
        (None, "Set `webPanels[0].url` to the path"),
        ("", "Set `webPanels[0].url` to the path"),
        (1, "Set `webPanels[0].url` to the path"),
        ("x", "Begin `webPanels[0].url` with a slash"),
        ("?a=1", "Begin `webPanels[0].url` with a slash"),
        ("//x.example/x", "Begin `webPanels[0].url` with a slash"),
        ("http://x.example/x", "Begin `webPanels[0].url` with a slash"),
        ("javascript:alert(1)", "Begin `webPanels[0].url` with a slash"),
        ("{{localBaseUrl}}/x", "Begin `webPanels[0].url` with a slash"),
        ("/x" * 1024 + "x", "Shorten `webPanels[0].url` to 2048"),
        ("/a b", "Percent-encode `webPanels[0].url`"),
        ("/\u00e9", "Percent-encode `webPanels[0].url`"),
        ("/a\nb", "Percent-encode `webPanels[0].url`"),
        ("/x/", "Remove the closing or doubled slash"),
        ("/x//y", "Remove the closing or doubled slash"),
        ("https://x.example/x/?a=1", "Remove the closing or doubled slash"),
        ("/x?a=1#b", "Remove the fragment"),
        ("/x?jwt=1", "Rename the parameter jwt"),
        ("/x?a=1&a=2", "Give the parameter a"),
        ("/x/{repository.uuid}", "Move the context parameter"),
        ("/x?a={repository.uuid", "Correct the braces"),
        ("/x?a=repository.uuid}", "Correct the braces"),
        ("/x?a={{repository.uuid}}", "Correct the braces"),
        ("/x?a={repo_path}", "Correct {repo_path} in `webPanels[0].url`"),
        ("/x?a={user_uuid}", "Correct {user_uuid}"),
        ("/x?a={repository}", "Correct {repository}"),
        ("/x?a={repository.}", "Correct {repository.}"),
        ("/x?a={project.key}", "Correct {project.key}"),
        ("/x?a={}", "Correct {}"),
    ],
)
def test_another_address_is_refused(url, begins):
    assert only_problem(panel(url=url)).startswith(begins)


@pytest.mark.parametrize(
    ("placeholder", "scope"),
    [
        ("user.uuid", "account"),
        ("target_user.uuid", "account"),
        ("workspace.slug", "account"),
        ("principal.uuid", "account"),
        ("repository.links.html.href", "repository"),
        ("branch.name", "repository"),
        ("commit.hash", "repository"),
        ("file.path", "repository"),
        ("directory.links.self.href", "repository"),
        ("pullrequest.source.commit.hash", "pullrequest"),
        ("snippet.name", "snippet"),
        ("issue.id", "issue"),
    ],
)
def test_a_context_parameter_needs_the_scope_of_its_object(placeholder, scope):
    modules = {"generalPages": [{"key": "x", "name": {"value": "X"}, "url": f"/x?a={{{placeholder}}}"}]}
    sentence = only_problem(descriptor(modules=modules, scopes=[]), scopes_used=[])
    assert sentence.startswith(f"Add the scope `{scope}`: context parameters such as {{{placeholder}}} need it")
    assert problems(descriptor(modules=modules, scopes=[scope]), scopes_used=[]) == []


LOCATIONS = {
    "webPanels": "org.bitbucket.pullrequest.overview.informationPanel",
    "webCards": "org.bitbucket.source",
    "repoPages": "org.bitbucket.repository.actions",
    "adminPages": "org.bitbucket.repository.admin",
    "webItems": "org.bitbucket.repository.some.place",
}


@pytest.mark.parametrize(("kind", "location"), LOCATIONS.items())
def test_a_module_stands_in_a_place_of_its_kind(kind, location):
    module = PANEL | {"key": "other", "location": location}
    assert problems(with_modules(**{kind: [module]})) == []


@pytest.mark.parametrize("kind", LOCATIONS)
@pytest.mark.parametrize("location", [None, "", 1, "x" * 129, "com.atlassian.jira.view", "org.bitbucket." + "x" * 128])
def test_another_place_is_refused(kind, location):
    module = PANEL | {"key": "other", "location": location}
    assert only_problem(with_modules(**{kind: [module]})).startswith(f"Set `{kind}[0].location`")


@pytest.mark.parametrize("kind", sorted(LOCATIONS.keys() - {"webItems"}))
def test_the_place_of_another_kind_shows_nothing(kind):
    module = PANEL | {"key": "other", "location": "org.bitbucket.branch.list.actions"}
    assert "shows nothing" in only_problem(with_modules(**{kind: [module]}))


@pytest.mark.parametrize("kind", ["generalPages", "profileTabs", "fileViews", "fileEditors"])
def test_some_kinds_have_no_place(kind):
    module = {"key": "x", "name": {"value": "X"}, "url": "/x", "file_matches": {"extensions": ["py"]}}
    assert problems(with_modules(**{kind: [module]})) == []


class TestFilesThatAModuleIsOfferedFor:
    def module(self, **changes):
        module = {"key": "x", "name": {"value": "X"}, "url": "/x?path={file.path}&commit={file.commit.hash}"}
        return {**module, **changes}

    @pytest.mark.parametrize("kind", ["fileViews", "fileEditors"])
    @pytest.mark.parametrize("matches", [..., None, {}, [], "py", {"extensions": []}, {"extensions": "py"}])
    def test_there_is_at_least_one(self, kind, matches):
        changes = {} if matches is ... else {"file_matches": matches}
        sentence = only_problem(with_modules(**{kind: [self.module(**changes)]}))
        assert sentence.startswith(f"Set `{kind}[0].file_matches` to")

    @pytest.mark.parametrize("extensions", [[""], [".py"], ["py", 1], ["a/b"], ["a b"], [None]])
    def test_an_extension_has_no_dot(self, extensions):
        module = self.module(file_matches={"extensions": extensions})
        assert only_problem(with_modules(fileViews=[module])).endswith("without its dot, as py.")

    def test_the_scope_of_a_file_is_needed(self):
        modules = {"fileViews": [self.module(file_matches={"extensions": ["py", "c++"]})]}
        assert "the scope `repository`" in only_problem(descriptor(modules=modules, scopes=[]), scopes_used=[])


@pytest.mark.parametrize("icon", [{}, {"url": None}, {"url": "x"}, {"url": "/x?a={user.uuid}"}, "x", []])
def test_an_icon_has_an_address(icon):
    assert "`webPanels[0].icon.url`" in only_problem(panel(icon=icon))
    assert problems(panel(icon={"url": "/static/icon.svg", "width": 16, "height": 16})) == []


@pytest.mark.parametrize("target", ["dialog", {}, {"type": "popup"}, {"type": None}, {"type": {}}, []])
def test_a_target_is_one_of_three(target):
    assert only_problem(panel(target=target)).startswith("Set `webPanels[0].target`")
    assert problems(panel(target={"type": "dialog", "options": {}})) == []


class TestConditions:
    def test_they_are_a_list(self):
        assert only_problem(panel(conditions={"condition": "scm"})) == "Write `webPanels[0].conditions` as a list."

    @pytest.mark.parametrize(
        "condition", ["scm", {}, {"condition": "collaborator"}, {"condition": 1}, {"type": "xor"}, []]
    )
    def test_an_unknown_one_is_refused(self, condition):
        sentence = only_problem(panel(conditions=[condition]))
        assert sentence.startswith("Set `webPanels[0].conditions[0].condition`")

    def test_they_may_be_nested(self):
        inner = {"type": "or", "conditions": [{"condition": "scm"}, {"condition": "nothing"}]}
        sentence = only_problem(panel(conditions=[{"type": "and", "conditions": [inner]}]))
        assert sentence.startswith("Set `webPanels[0].conditions[0].conditions[0].conditions[1].condition`")

    def test_a_composition_has_a_list(self):
        sentence = only_problem(panel(conditions=[{"type": "and"}]))
        assert sentence == "Write `webPanels[0].conditions[0].conditions` as a list."

    @pytest.mark.parametrize("name", ["equals", "contains"])
    def test_a_comparison_has_a_target(self, name):
        sentence = only_problem(panel(conditions=[{"condition": name, "params": {"value": "x"}}]))
        assert sentence.startswith("Give `webPanels[0].conditions[0]` a target")
        assert problems(panel(conditions=[{"condition": name, "target": "repository.uuid"}])) == []

    @pytest.mark.parametrize(
        ("condition", "scope"),
        [
            ({"condition": "has_permission"}, "repository"),
            ({"condition": "has_workspace_permission"}, "account"),
            ({"condition": "equals", "target": "pullrequest.state"}, "pullrequest"),
        ],
    )
    def test_one_needs_its_scope(self, condition, scope):
        modules = {"generalPages": [{"key": "x", "name": {"value": "X"}, "url": "/x", "conditions": [condition]}]}
        sentence = only_problem(descriptor(modules=modules, scopes=[]), scopes_used=[])
        assert sentence.startswith(f"Add the scope `{scope}`: conditions such as {condition['condition']} need it")

    def test_one_may_need_no_scope(self):
        modules = {
            "generalPages": [
                {"key": "x", "name": {"value": "X"}, "url": "/x", "conditions": [{"condition": "user_is_logged_in"}]}
            ]
        }
        assert problems(descriptor(modules=modules, scopes=[]), scopes_used=[]) == []


class TestWebhooks:
    @pytest.mark.parametrize(
        "event", [..., None, "", "push", "repo:psuh", "repo:*", "Repo:push", 1, ["repo:push"], "x" * 65]
    )
    def test_one_is_for_an_event_that_exists(self, event):
        webhook = {key: value for key, value in {"event": event, "url": "/w"}.items() if value is not ...}
        assert only_problem(with_modules(webhooks=[webhook])).startswith("Set `webhooks[0].event`")

    @pytest.mark.parametrize("url", [None, "w", "/w/", "/w?u={user.uuid}"])
    def test_one_has_a_plain_address(self, url):
        assert "`webhooks[0].url`" in only_problem(with_modules(webhooks=[{"event": "repo:push", "url": url}]))

    def test_all_events_need_no_scope_of_their_own(self):
        modules = {"webhooks": [{"event": "*", "url": "/w"}]}
        assert problems(descriptor(modules=modules, scopes=[]), scopes_used=[]) == []


class TestOtherModules:
    def test_a_consumer_has_a_client_id_and_known_scopes(self):
        assert problems(with_modules(oauthConsumer={"clientId": "x", "scopes": ["account"]})) == []
        for client_id in (None, "", 1):
            consumer = {"clientId": client_id}
            assert only_problem(with_modules(oauthConsumer=consumer)).startswith("Set `oauthConsumer.clientId`")
        for scopes in ("account", ["accounts"], [1]):
            consumer = {"clientId": "x", "scopes": scopes}
            assert only_problem(with_modules(oauthConsumer=consumer)).startswith("Write `oauthConsumer.scopes`")

    def test_a_linker_has_a_named_group(self):
        linker = {"key": "x", "regex": r"ACME-(?P<K>\d+)", "url": "https://x.example", "type": "href"}
        assert problems(with_modules(linkers=[linker])) == []
        assert only_problem(with_modules(linkers=[linker | {"regex": "x"}])).startswith("Give `linkers[0].regex`")
        assert only_problem(with_modules(linkers=[linker | {"type": "x"}])).startswith("Set `linkers[0].type`")

    def test_a_custom_event_has_a_key(self):
        assert problems(with_modules(customEvents=[{"key": "x"}])) == []
        assert only_problem(with_modules(customEvents=[{}])).startswith("Write `customEvents[0].key`")

    def test_a_proxy_maps_paths_to_destinations(self):
        entry = {"destination": "/p?u={user.uuid}&p={pullrequest.id}", "methods": {"POST": {"destination": "/q"}}}
        assert problems(with_modules(proxy={"/x/{repository}/{pullrequest}": entry})) == []

    @pytest.mark.parametrize(
        ("proxy", "begins"),
        [
            ({"x": {"destination": "/p"}}, "Begin the path `x` of `proxy`"),
            ({"/x": "/p"}, "Write the entry `/x` of `proxy`"),
            ({"/x": {}}, "Set `proxy./x.destination`"),
            ({"/x": {"destination": "/p", "methods": []}}, "Write the entry `/x` of `proxy`"),
            ({"/x": {"destination": "/p", "methods": {"post": {}}}}, "Correct `proxy./x.post`"),
            ({"/x": {"destination": "/p", "methods": {"POST": None}}}, "Correct `proxy./x.POST`"),
            (
                {"/x": {"destination": "/p", "methods": {"POST": {"destination": "q"}}}},
                "Begin `proxy./x.POST.destination`",
            ),
            ({"/x": {"destination": "/p", "conditions": {}}}, "Write `proxy./x.conditions`"),
        ],
    )
    def test_another_proxy_is_refused(self, proxy, begins):
        assert only_problem(with_modules(proxy=proxy)).startswith(begins)


@pytest.mark.shared
def test_a_descriptor_that_ran_in_production_passes():
    recorded = Path(__file__).parents[3] / "shared" / "bitbucket" / "descriptors" / "landkid.json"
    if not recorded.exists():
        pytest.skip("no recorded descriptors beside the project")
    landkid = json.loads(recorded.read_text(encoding="utf-8"))
    assert problems(landkid, scopes_used=["account", "pullrequest:write", "pipeline:write"]) == []
    assert len(problems(landkid, scopes_used=SCOPES)) == 2
