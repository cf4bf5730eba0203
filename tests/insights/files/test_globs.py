"""Path patterns mean what git takes them to mean: git itself is asked."""

import re
import subprocess

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from insights.files.globs import MATCHES_NOTHING, regex_of

PATHS = [
    "a", "b", "a/b", "a/b/c", "b/a", "x/a/b", "a.py", "dir/a.py", "dir/sub/a.py", "dir/sub/b.txt", "foo", "foobar",
    "docs/a/b/c.md", "docs/c.md", "sp ace/a", "a+b.py", "(x)/y", "[z]", "z", "!bang", "#hash", "vendor/lib/x.js",
    "src/vendor/x.js", "vendored/x", "a.min.js", "js/a.min.css", "min.js", "x[1].txt", "x1.txt", "x-1.txt", "^caret",
]  # fmt: skip
PATTERNS = [
    "a", "/a", "a/", "a/b", "/a/b", "*", "*.py", "/*.py", "dir/*.py", "dir/**", "dir/**/a.py", "**/a.py", "**/b/",
    "**/a/b", "a/**/c", "docs/**/c.md", "do?s", "d*/sub", "foo*", "*bar", "vendor/", "*.min.*", "/vendor/", "x[12].txt",
    "x[!1].txt", "x[0-9].txt", "x[^a].txt", "x[a-].txt", "[[]z]", "\\[z\\]", "\\!bang", "\\#hash", "a+b.py", "(x)/", "***.py",
    "**", "dir/*/b.txt", "?**/a.py", "[z", "[]z]*", "sp ace", "[^a]*", "x[]1].txt", "[\\^]caret",
]  # fmt: skip


@pytest.fixture(scope="module")
def work_tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tree")
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


def ignored_by_git(work_tree, pattern, paths):
    (work_tree / ".gitignore").write_text(pattern + "\n")
    told = subprocess.run(
        ["git", "-c", "core.ignoreCase=false", "-C", work_tree, "check-ignore", "--stdin", "-z", "--no-index"],
        input="\0".join(paths) + "\0",
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode in {0, 1}, told.stderr
    return set(told.stdout.split("\0")) - {""}


def matched(pattern, paths, **options):
    compiled = re.compile(regex_of(pattern, **options))
    return {path for path in paths if compiled.fullmatch(path)}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_matches_what_git_ignores(work_tree, pattern):
    assert matched(pattern, PATHS) == ignored_by_git(work_tree, pattern, PATHS)


ALPHABET = st.sampled_from(["a", "b", "*", "**", "?", "/", "a/b", ".py", "[ab]", "[!a]"])


@given(parts=st.lists(ALPHABET, min_size=1, max_size=5))
@hypothesis_settings(max_examples=40)
def test_any_pattern_of_such_parts_matches_what_git_ignores(work_tree, parts):
    pattern = "".join(parts)
    # git cuts a literal beginning off before it matches, so that "d**/a" is taken for "**/a"; its manual says otherwise.
    assume(pattern.strip("/") and not re.search(r"[^/*?\]]\*\*", pattern))
    assert matched(pattern, PATHS) == ignored_by_git(work_tree, pattern, PATHS)


@pytest.mark.parametrize("pattern", ["a", "*.py", "dir/*.py", "dir/**", "**/a.py", "a/b", "/a", "x[12].txt", "dir"])
def test_an_attributes_pattern_matches_what_git_gives_the_attribute(work_tree, pattern):
    (work_tree / ".gitattributes").write_text(f"{pattern} marked\n")
    told = subprocess.run(
        ["git", "-C", work_tree, "check-attr", "--stdin", "-z", "marked"],
        input="\0".join(PATHS) + "\0",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    marked = {path for path, value in zip(told[::3], told[2::3], strict=False) if value == "set"}

    assert matched(pattern, PATHS, covers_contents=False) == marked


def test_a_pattern_of_code_owners_has_no_classes():
    assert matched("[z]", PATHS, has_classes=False) == {"[z]"}
    assert matched("x[1].txt", PATHS, has_classes=False) == {"x[1].txt"}


@given(pattern=st.text(min_size=1, max_size=20))
def test_every_pattern_gives_an_expression(pattern):
    re.compile(regex_of(pattern))


def test_nothing_matches_nothing():
    assert not matched_by(MATCHES_NOTHING)


def matched_by(expression):
    return {path for path in [*PATHS, ""] if re.fullmatch(expression, path)}
