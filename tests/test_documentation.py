"""Documentation is a test: what an operator can set, call, count or find in a log stands in the README or in docs/."""

from __future__ import annotations

import ast
import re

import click
import pytest
from click.testing import CliRunner

from tests.house_figures import ROOT, source_files, tracked_files

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
INSTRUMENTS = {"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"}
SERVICE_PARTS = ("connect", "bitbucket", "insights", "models", "sync", "jobs", "web", "cli")


@pytest.fixture(scope="module")
def documentation():
    return "\n".join(path.read_text(encoding="utf-8") for path in tracked_files("README.md", "docs/*.md"))


def service_files():
    """The files of the service itself: the simulator and the demo keep no logs for operators."""
    return [path for path in source_files() if path.parent == ROOT or path.relative_to(ROOT).parts[0] in SERVICE_PARTS]


def mentions(documentation, name):
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.]*\w)", documentation) is not None


def missing(documentation, names):
    names = sorted(names)
    assert names, "nothing was found to look for, so this test looks in the wrong place"
    return [name for name in names if not mentions(documentation, name)]


def test_every_setting_is_documented(documentation):
    from settings import PREFIX, Settings

    assert missing(documentation, {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}) == []


def test_the_table_of_settings_is_the_one_that_the_command_prints():
    from cli import group

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- settings:begin[^>]*-->\n(.*?)<!-- settings:end -->", readme, flags=re.DOTALL)
    printed = CliRunner().invoke(group, ["settings"])
    assert printed.exit_code == 0
    assert table is not None
    assert table[1].strip() == printed.output.strip()


def test_every_command_is_documented(documentation):
    from cli import group

    assert missing(documentation, set(command_lines(group, "flask bittern"))) == []


def command_lines(group, prefix):
    """`flask bittern installations list` and so on, for every command that does something."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from command_lines(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def test_every_metric_is_documented(documentation):
    assert missing(documentation, {name for path in service_files() for name in metrics_in(path)}) == []


def metrics_in(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in INSTRUMENTS and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant) and str(name.value).startswith("bittern_"):
                yield name.value


def test_every_log_event_is_documented(documentation):
    assert missing(documentation, {event for path in service_files() for event in events_in(path)}) == []


def test_every_log_event_is_a_constant():
    unclear = [where for path in service_files() for where in unclear_events_in(path)]
    assert unclear == []


def log_calls_in(path):
    """Each log call with the function around it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for function in functions:
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
                continue
            if node.func.attr in LEVELS and ast.unparse(node.func.value) in {"log", "logger"}:
                yield tree, function, node.args[0]


def events_in(path):
    for tree, function, argument in log_calls_in(path):
        yield from names_of(tree, function, argument)


def unclear_events_in(path):
    for tree, function, argument in log_calls_in(path):
        if not list(names_of(tree, function, argument)):
            yield f"{path.relative_to(ROOT)}:{argument.lineno}: {ast.unparse(argument)}"


def names_of(tree, function, argument):
    """The constants that an argument can be: itself, a choice of two, or what its name was set to."""
    if isinstance(argument, ast.Constant):
        yield str(argument.value)
    elif isinstance(argument, ast.IfExp):
        yield from names_of(tree, function, argument.body)
        yield from names_of(tree, function, argument.orelse)
    elif isinstance(argument, ast.Name):
        for scope in (function, tree):
            for node in ast.walk(scope):
                targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
                if any(isinstance(target, ast.Name) and target.id == argument.id for target in targets) and node.value:
                    yield from names_of(tree, function, node.value)


def test_every_make_target_explains_itself():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = set(re.findall(r"^\.PHONY: (\S+)$", makefile, flags=re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):.*## \S", makefile, flags=re.MULTILINE))
    assert declared == explained
    assert {"help", "demo", "test", "lint", "types", "architecture", "requirements", "screenshots", "clean"} <= declared


def test_every_picture_and_page_that_is_linked_is_there():
    pages = [path for path in tracked_files("*.md") if "vendor" not in path.parts]
    broken = []
    for page in pages:
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if "://" not in link and not link.startswith("mailto:") and not (page.parent / link).exists():
                broken.append(f"{page.relative_to(ROOT)}: {link}")
    assert broken == []
