"""The house's figures: lengths of functions and files, lines of test for each line of source. `make figures` prints them.

Counted by `ast` over the source packages, without tests and migrations. A function is as long as the lines from its `def`
to its last one, its docstring included.
"""

from __future__ import annotations

import ast
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("connect", "bitbucket", "insights", "models", "sync", "jobs", "web", "cli", "simulator", "demo", "bench")
# Not below any folder.
TOP_LEVEL = ":(glob)*.py"
MIGRATIONS = "models/migrations/"


@dataclass(frozen=True)
class Function:
    """A function and how long it is."""

    where: str
    line_count: int


def tracked_files(*patterns: str) -> list[Path]:
    """Files that git tracks, or would with the next `git add`, which exist; empty patterns mean all."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return sorted(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


def source_files() -> list[Path]:
    """The Python files of the service, and of the simulator, the demo and the benchmarks beside it."""
    found = tracked_files(TOP_LEVEL, *(f"{package}/*.py" for package in PACKAGES))
    return [path for path in found if MIGRATIONS not in path.relative_to(ROOT).as_posix()]


def functions_of(path: Path) -> list[Function]:
    """Every function and method of a file, nested ones too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(ROOT).as_posix()
    return [
        Function(f"{name}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def percentile(values: list[int], percent: int) -> int:
    """The smallest value that at least `percent` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def lines_by_package() -> dict[str, tuple[int, int]]:
    """Lines of source and lines of test of each package; top-level modules stand under `.`."""
    found: dict[str, tuple[int, int]] = {}
    for package in (".", *PACKAGES):
        source = [path for path in source_files() if _package_of(path) == package]
        tests = tracked_files("tests/*.py") if package == "." else tracked_files(f"tests/{package}/*.py")
        if package == ".":
            tests = [path for path in tests if _package_of(path.relative_to(ROOT / "tests")) not in PACKAGES]
        found[package] = (sum(map(line_count, source)), sum(map(line_count, tests)))
    return found


def _package_of(path: Path) -> str:
    relative = path.relative_to(ROOT) if path.is_absolute() else path
    return relative.parts[0] if len(relative.parts) > 1 else "."


def main() -> None:
    files = source_files()
    functions = [function for path in files for function in functions_of(path)]
    lengths = [function.line_count for function in functions]
    largest = max(files, key=line_count)
    longest = max(functions, key=lambda function: function.line_count)
    print(f"functions              {len(functions):,}")
    print(f"median function        {statistics.median(lengths):g} lines")
    print(f"95th percentile        {percentile(lengths, 95)} lines")
    print(f"longest function       {longest.line_count} lines  {longest.where}")
    print(f"largest file           {line_count(largest)} lines  {largest.relative_to(ROOT)}")
    by_package = lines_by_package()
    for package, (source, tests) in by_package.items():
        if source:
            name = package if package != "." else "top level, security, browser"
            print(f"test : source          {tests / source:.2f}  {name} ({tests:,} : {source:,})")
    source, tests = (sum(pair[index] for pair in by_package.values()) for index in (0, 1))
    print(f"test : source, in all  {tests / source:.2f}  ({tests:,} : {source:,})")


if __name__ == "__main__":
    main()
