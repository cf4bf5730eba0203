"""The rules of the house, as tests: what a reader may rely on in every file of this tree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house_figures import PACKAGES, ROOT, functions_of, line_count, percentile, source_files, tracked_files

LONGEST_FILE_LINES = 400
LONG_FUNCTION_LINES = 40
MEDIAN_FUNCTION_LINES = 10
BANNED_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "stuff"}
# Carried from elsewhere, with their licences; listed in NOTICE.
VENDORED = ("static/vendor/", "simulator/host/static/")
CONTRACT_PACKAGES = ("connect", "bitbucket", "insights")
# Brackets keep these patterns from finding themselves.
MACHINE_PATH = re.compile(r"(?<![A-Za-z0-9_.])/(?:wor[k]|far[m]|roo[t]|hom[e]/[a-z]+|User[s]/[a-z]+)/")
REGISTRY_HOST = re.compile(r"pyp[i]\.org|pythonhoste[d]|npmj[s]\.(?:org|com)|(?:deb|security)\.debia[n]")
# Who may open sockets or speak HTTP: the transport, what it is made of, the port where metrics are read, what takes requests in
# and closes the door behind them, and what runs beside the service.
NETWORK_MODULES = {
    "socket",
    "socketserver",
    "http.client",
    "http.server",
    "urllib.request",
    "requests",
    "urllib3",
    "httpx",
}
NETWORK_ALLOWED = (
    "bitbucket/transport.py",
    "bitbucket/bounded_socket.py",
    "web/metrics.py",
    "web/patient_worker.py",
    "web/closing_door.py",
    "granian_server.py",
    "simulator/",
    "demo/",
    "bench/",
)
HTTP_VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "request"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def own_files(*patterns: str) -> list[Path]:
    return [path for path in tracked_files(*patterns) if not relative(path).startswith(VENDORED)]


def text_of(path: Path) -> str:
    """The text of a file, empty for one that holds no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def calls_in(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(text_of(path))) if isinstance(node, ast.Call)]


def keywords_of(call: ast.Call) -> dict[str | None, ast.expr]:
    return {keyword.arg: keyword.value for keyword in call.keywords}


def test_every_python_file_says_first_what_lives_there():
    silent = [
        relative(path)
        for path in own_files("*.py")
        if (code := text_of(path).strip()) and not ast.get_docstring(ast.parse(code))
    ]
    assert silent == []


def test_no_file_is_longer_than_a_person_reads():
    long = {
        relative(path): line_count(path)
        for path in own_files("*.py", "*.js", "*.css", "*.html")
        if line_count(path) > LONGEST_FILE_LINES
    }
    assert long == {}


def test_functions_are_short():
    lengths = [function.line_count for path in source_files() for function in functions_of(path)]
    assert percentile(lengths, 50) <= MEDIAN_FUNCTION_LINES
    assert percentile(lengths, 95) <= LONG_FUNCTION_LINES


def test_no_file_has_a_name_that_says_nothing():
    assert [relative(path) for path in own_files("*.py") if path.stem in BANNED_NAMES] == []


def test_time_is_always_aware():
    naive = {"utcnow", "utcfromtimestamp", "today"}
    needs_a_zone = {"now": 1, "fromtimestamp": 2}
    found = []
    for path in source_files():
        for call in calls_in(path):
            if not isinstance(call.func, ast.Attribute) or ast.unparse(call.func.value).split(".")[-1] not in {
                "datetime",
                "date",
            }:
                continue
            name = call.func.attr
            has_zone = len(call.args) >= needs_a_zone.get(name, 0) or "tz" in keywords_of(call)
            if name in naive or (name in needs_a_zone and not has_zone):
                found.append(f"{relative(path)}:{call.lineno} {ast.unparse(call)}")
    assert found == []


def test_certificates_are_always_checked():
    found = [
        f"{relative(path)}:{call.lineno}"
        for path in source_files()
        for call in calls_in(path)
        if isinstance(value := keywords_of(call).get("verify"), ast.Constant) and value.value is False
    ]
    assert found == []


def test_every_call_over_the_network_has_a_timeout():
    found = []
    for path in source_files():
        if not imports_of(path) & NETWORK_MODULES:
            continue
        for call in calls_in(path):
            if is_network_call(call) and "timeout" not in keywords_of(call):
                found.append(f"{relative(path)}:{call.lineno} {ast.unparse(call)[:80]}")
    assert found == []


def is_network_call(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    receiver = ast.unparse(call.func.value).lower()
    if call.func.attr == "create_connection":
        return True
    return call.func.attr in HTTP_VERBS and (receiver == "requests" or receiver.endswith("session"))


def imports_of(path: Path) -> set[str]:
    """The dotted names of every module that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_only_the_transport_reaches_the_network():
    found = {
        relative(path): sorted(imports_of(path) & NETWORK_MODULES)
        for path in source_files()
        if not relative(path).startswith(NETWORK_ALLOWED) and imports_of(path) & NETWORK_MODULES
    }
    assert found == {}


def test_the_tests_cannot_reach_beyond_loopback():
    settings = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["pytest"]["ini_options"]
    assert "--disable-socket" in settings["addopts"]
    hosts = re.search(r"--allow-hosts=(\S+)", settings["addopts"])
    assert hosts is not None
    assert set(hosts[1].split(",")) <= {"127.0.0.1", "::1", "localhost"}
    assert settings["filterwarnings"][0] == "error"


def test_nothing_names_a_machine_or_a_registry():
    found = [
        f"{relative(path)}:{number}: {line.strip()[:80]}"
        for path in own_files()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if MACHINE_PATH.search(line) or REGISTRY_HOST.search(line)
    ]
    assert found == []


def test_nothing_is_left_to_do_later():
    marks = re.compile(r"#\s*(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b")
    found = [relative(path) for path in own_files("*.py") if marks.search(text_of(path))]
    assert found == []


def test_what_is_public_in_the_contract_packages_has_a_docstring():
    paths = [path for path in source_files() if relative(path).split("/")[0] in CONTRACT_PACKAGES]
    assert [name for path in paths for name in undocumented(path)] == []


def undocumented(path: Path) -> list[str]:
    """Public functions, classes and methods of a file that say nothing of their contract."""
    found = []
    pending: list[ast.AST] = [ast.parse(text_of(path))]
    while pending:
        for node in ast.iter_child_nodes(pending.pop()):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if ast.get_docstring(node) is None and not is_overload(node):
                found.append(f"{relative(path)}:{node.lineno} {node.name}")
            if isinstance(node, ast.ClassDef):
                pending.append(node)
    return found


def is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    return any(ast.unparse(decorator).split(".")[-1] == "overload" for decorator in node.decorator_list)


def test_tests_mirror_the_tree():
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in tracked_files("tests/*/test_*.py")}
    beside_the_tree = {
        "bench",
        "contract",
        "deploy",
        "end_to_end",
        "equality",
        "faults",
        "mutants",
        "recorded",
        "scale_out",
        "security",
    }
    assert folders - beside_the_tree <= set(PACKAGES)


def test_the_import_contracts_hold():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("name", ["base", "postgres", "dev", "uv"])
def test_requirements_are_compiled_with_hashes_and_name_no_registry(name):
    compiled = text_of(ROOT / f"requirements/{name}.txt")
    pinned = re.findall(r"^([A-Za-z0-9._-]+(?:\[[a-z,]+\])?)==\S+(.*)$", compiled, flags=re.MULTILINE)
    assert pinned
    assert compiled.count("==") >= len(pinned)
    assert all(rest.rstrip().endswith("\\") for _, rest in pinned)
    assert "--index-url" not in compiled


def test_the_procfile_lists_the_processes_and_nothing_else():
    from demo.procfile import parse_procfile

    assert [process.name for process in parse_procfile(text_of(ROOT / "Procfile"))] == ["web", "worker"]
