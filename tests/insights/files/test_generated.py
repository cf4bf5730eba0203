"""Which files nobody wrote by hand."""

import pytest

from insights.files.generated import GeneratedFiles, generated_files_of
from insights.settings import WorkspaceSettings


@pytest.mark.parametrize(
    "path",
    [
        "package-lock.json", "web/package-lock.json", "yarn.lock", "Cargo.lock", "api/poetry.lock", "pnpm-lock.yaml", "go.sum",
        "bun.lockb", "npm-shrinkwrap.json", "static/app.min.js", "app.min.css", "vendor/github.com/x/y.go",
        "src/vendor/a.js", "ui/__snapshots__/button.test.js", "button.test.snap",
    ],
)  # fmt: skip
def test_lock_minified_vendored_and_snapshot_files_are_generated(path):
    assert GeneratedFiles().holds(path)


@pytest.mark.parametrize(
    "path", ["app.py", "lock.py", "src/locking.py", "mini.js", "vendors.py", "package.json", "go.mod", "snapshots.py"]
)
def test_other_files_are_written(path):
    assert not GeneratedFiles().holds(path)


def test_an_administrators_globs_add_to_them():
    files = GeneratedFiles(globs=("/gen/", "*.pb.go"))

    held = [files.holds(path) for path in ("gen/a.py", "x/gen/a.py", "deep/api.pb.go", "yarn.lock", "api.go")]
    assert held == [True, False, True, True, False]


def test_gitattributes_say_more_and_may_take_back():
    files = GeneratedFiles(
        gitattributes="""\
# comment
*.g.cs linguist-generated
docs/*.html text linguist-generated=true
vendor/ours/* -linguist-generated
yarn.lock linguist-generated=false
*.css text
schema/ linguist-generated
"""
    )

    held = {
        path: files.holds(path) for path in ("a/b.g.cs", "docs/x.html", "docs/deep/x.html", "vendor/ours/a", "vendor/x")
    }
    assert held == {
        "a/b.g.cs": True,
        "docs/x.html": True,
        "docs/deep/x.html": False,
        "vendor/ours/a": False,
        "vendor/x": True,
    }
    assert not files.holds("yarn.lock")
    assert not files.holds("schema/a.sql")  # gitattributes never match what is in a folder


def test_the_last_line_that_says_something_decides():
    files = GeneratedFiles(gitattributes="*.js linguist-generated\nkept.js -linguist-generated\nkept.js text\n")

    assert (files.holds("a.js"), files.holds("kept.js")) == (True, False)


def test_the_administrator_wins_over_the_repository():
    assert GeneratedFiles(globs=("a.js",), gitattributes="a.js -linguist-generated").holds("a.js")


def test_a_macro_or_an_empty_line_says_nothing():
    files = GeneratedFiles(gitattributes="[attr]binary -diff linguist-generated\n\n   \n!x linguist-generated\n")

    assert not files.holds("binary")


def test_equal_settings_share_a_judge():
    settings = WorkspaceSettings(generated_globs=("*.x",))

    assert generated_files_of(settings, gitattributes="a") is generated_files_of(settings, gitattributes="a")
    assert generated_files_of(settings).holds("y.x")
