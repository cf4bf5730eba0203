"""The modules of a descriptor: what each kind must look like, and what is said where it does not."""

from __future__ import annotations

import pytest

from simulator.connect.events import EVENTS, scope_for
from simulator.connect.module_checks import entries_of, module_problems
from simulator.connect.module_shapes import SHAPES
from simulator.connect.scopes import SCOPES

PANEL = {"key": "a-panel", "name": {"value": "Panel"}, "url": "/panel", "location": "org.bitbucket.somewhere"}
PAGE = {"key": "a-page", "name": {"value": "Page"}, "url": "/page"}


def sentences(**modules):
    return list(module_problems(modules))


def changed(module, **changes):
    return {name: value for name, value in {**module, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    "modules",
    [
        {"webPanels": [PANEL]},
        {"repoPages": [PANEL]},
        {"adminPages": [PANEL]},
        {"webCards": [PANEL]},
        {"webItems": [PANEL]},
        {"webItems": [{**PANEL, "target": {"type": "dialog", "options": {"size": "large"}}}]},
        {"configurePage": PAGE},
        {"generalPages": [PAGE]},
        {"profileTabs": [PAGE]},
        {"fileViews": [{**PAGE, "file_matches": {"extensions": ["adoc"]}}]},
        {"fileEditors": [{**PAGE, "file_matches": {"extensions": ["adoc"]}}]},
        {"linkers": [{"key": "issues", "regex": r"(?P<K>[A-Z]+-\d+)", "url": "https://x.example/{K}"}]},
        {"oauthConsumer": {"clientId": "AbC", "scopes": ["account"]}},
        {"postInstallRedirect": {"key": "after", "url": "/welcome"}},
        {"proxy": {"/insight/{repository}": {"destination": "/proxy?r={repository.uuid}"}}},
        {"webhooks": [{"event": "repo:push", "url": "/hook"}, {"event": "*", "url": "/hook"}]},
        {"customEvents": {}},
        {"webPanel": PANEL},
        {"webPanel": [PANEL]},
        {},
    ],
)
def test_it_accepts_every_documented_shape(modules):
    assert sentences(**modules) == []


@pytest.mark.parametrize(
    ("modules", "sentence"),
    [
        ({"sidebars": []}, "modules.sidebars is not a module that Bitbucket knows."),
        ({"configurePage": [PAGE]}, "modules.configurePage must be one object, not a list."),
        ({"postInstallRedirect": "/welcome"}, "modules.postInstallRedirect must be one object, not text."),
        ({"proxy": []}, "modules.proxy must be one object, not a list."),
        ({"webPanels": PANEL}, "modules.webPanels must be a list, not an object."),
        ({"webPanels": None}, "modules.webPanels must be a list, not null."),
        ({"webPanels": [7]}, "modules.webPanels[0] must be an object, not a number."),
        ({"webPanels": [True]}, "modules.webPanels[0] must be an object, not a truth value."),
        ({"webPanels": [changed(PANEL, key=None)]}, "modules.webPanels[0].key is missing."),
        ({"webPanels": [changed(PANEL, name=None)]}, "modules.webPanels[0].name is missing."),
        ({"webPanels": [changed(PANEL, url="")]}, "modules.webPanels[0].url is missing."),
        ({"webPanels": [changed(PANEL, location=None)]}, "modules.webPanels[0].location is missing."),
        ({"fileViews": [PAGE]}, "modules.fileViews[0].file_matches is missing."),
        (
            {"fileViews": [{**PAGE, "file_matches": ["adoc"]}]},
            "modules.fileViews[0].file_matches must be an object with a list of extensions.",
        ),
        ({"oauthConsumer": {}}, "modules.oauthConsumer.clientId is missing."),
        ({"proxy": {"/x": {}}}, 'modules.proxy["/x"].destination is missing.'),
        ({"webhooks": [{"url": "/hook"}]}, "modules.webhooks[0].event is missing."),
        (
            {"webhooks": [{"event": "repo:pull", "url": "/hook"}]},
            'modules.webhooks[0].event "repo:pull" is not an event of Bitbucket.',
        ),
        ({"webhooks": [{"event": 7, "url": "/h"}]}, "modules.webhooks[0].event must be text, not a number."),
        (
            {"webPanels": [changed(PANEL, key="a panel")]},
            'modules.webPanels[0].key "a panel" may hold only letters, digits and hyphens.',
        ),
        (
            {"webPanels": [changed(PANEL, key="k" * 129)]},
            "modules.webPanels[0].key is 129 characters long; 128 are allowed.",
        ),
        (
            {"webPanels": [changed(PANEL, url="/" + "u" * 2048)]},
            "modules.webPanels[0].url is 2049 characters long; 2048 are allowed.",
        ),
        (
            {"webPanels": [changed(PANEL, location="l" * 129)]},
            "modules.webPanels[0].location is 129 characters long; 128 are allowed.",
        ),
        (
            {"webPanels": [changed(PANEL, url="/panel?r={repository.uuid")]},
            "modules.webPanels[0].url has a brace that does not close, or an empty placeholder.",
        ),
        (
            {"webPanels": [changed(PANEL, url="/panel?r={}")]},
            "modules.webPanels[0].url has a brace that does not close, or an empty placeholder.",
        ),
        (
            {"webPanels": [changed(PANEL, url="panel")]},
            'modules.webPanels[0].url must begin with "/" (it is appended to baseUrl) or be a whole address.',
        ),
        ({"webPanels": [changed(PANEL, url=5)]}, "modules.webPanels[0].url must be text, not a number."),
        (
            {"webPanels": [changed(PANEL, name="Panel")]},
            'modules.webPanels[0].name must be an object such as {"value": "…"}.',
        ),
        (
            {"webPanels": [changed(PANEL, tooltip={"text": "x"})]},
            'modules.webPanels[0].tooltip must be an object such as {"value": "…"}.',
        ),
        ({"webPanels": [changed(PANEL, weight="1")]}, "modules.webPanels[0].weight must be a whole number."),
        ({"webPanels": [changed(PANEL, weight=True)]}, "modules.webPanels[0].weight must be a whole number."),
        ({"webPanels": [changed(PANEL, icon="/i.svg")]}, "modules.webPanels[0].icon must be an object with a url."),
        ({"webPanels": [changed(PANEL, params=["x"])]}, "modules.webPanels[0].params must be an object."),
        (
            {"webItems": [changed(PANEL, target={"type": "window"})]},
            "modules.webItems[0].target must be an object whose type is one of dialog, inlinedialog, page.",
        ),
        (
            {"webItems": [changed(PANEL, target={"type": ["page"]})]},
            "modules.webItems[0].target must be an object whose type is one of dialog, inlinedialog, page.",
        ),
        (
            {"linkers": [{"key": "k", "regex": "[A-Z]+"}]},
            "modules.linkers[0].regex must have one group named K: (?P<K>…).",
        ),
        (
            {"webPanels": [changed(PANEL, conditions=[{"condition": "is_friday"}])]},
            'modules.webPanels[0].conditions[0].condition "is_friday" is not a condition of Bitbucket.',
        ),
    ],
)
def test_it_says_where_and_what_to_change(modules, sentence):
    assert sentences(**modules) == [sentence]


def test_a_regex_that_does_not_compile_says_why():
    (sentence,) = sentences(linkers=[{"key": "k", "regex": "(?P<K>"}])
    assert sentence.startswith("modules.linkers[0].regex does not compile: ")


def test_two_modules_of_one_list_cannot_share_a_key():
    assert sentences(webPanels=[PANEL, PANEL]) == [
        'modules.webPanels[1].key "a-panel" is used twice; module keys must differ.'
    ]


def test_modules_of_different_lists_can_share_a_key():
    assert sentences(webPanels=[PANEL], repoPages=[PANEL]) == []


def test_entries_come_out_of_whatever_holds_them():
    assert entries_of("webPanels", [PANEL, "x"]) == [PANEL]
    assert entries_of("webPanel", PANEL) == [PANEL]
    assert entries_of("configurePage", PAGE) == [PAGE]
    assert entries_of("proxy", {"/a": {"destination": "/b"}}) == [{"destination": "/b"}]
    assert entries_of("webPanels", None) == []


def test_every_kind_with_an_address_needs_one():
    without_address = {"linkers", "oauthConsumer", "customEvents", "proxy"}
    assert {kind for kind, shape in SHAPES.items() if "url" not in shape.required} == without_address


def test_every_event_belongs_to_a_scope_that_exists():
    assert {scope_for(event) for event in EVENTS} == {"issue", "pipeline", "project", "pullrequest", "repository"}
    assert {scope_for(event) for event in EVENTS} <= SCOPES


@pytest.mark.parametrize("target", [None, {"type": "page"}, {"type": "inlinedialog"}])
def test_a_web_item_may_leave_its_target_out(target):
    assert sentences(webItems=[changed(PANEL, target=target)]) == []


def test_a_linker_without_a_regex_is_only_incomplete():
    assert sentences(linkers=[{"key": "k"}]) == ["modules.linkers[0].regex is missing."]
    assert sentences(linkers=[{"key": "k", "regex": 7}]) == []


@pytest.mark.parametrize("value", [None, "x", 7, True, [], [1], {"a": 1}])
def test_no_value_of_a_module_makes_the_check_stumble(value):
    for kind, shape in SHAPES.items():
        for field in (*shape.required, "conditions", "params", "icon", "tooltip", "weight", "target"):
            entry = {**PANEL, "event": "repo:push", "regex": "(?P<K>x)", "clientId": "x", field: value}
            held = {"list": [entry], "object": entry, "map": {"/x": entry}}[shape.container]
            assert all(isinstance(one, str) for one in sentences(**{kind: held}))
            assert all(isinstance(one, str) for one in sentences(**{kind: value}))
