"""Every example in docs/rest-api.md is run, from top to bottom, against the local Bitbucket."""

import io
import re
import shlex
from contextlib import redirect_stdout

import pytest

from tests.cli.api.conftest import ALICES_TOKEN
from tests.house_figures import ROOT

PAGE = (ROOT / "docs/rest-api.md").read_text(encoding="utf-8")
SHELL_OPERATORS = {"|", ">"}


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)


def shell_lines():
    return [line for block in blocks("sh") for line in block.splitlines() if line.strip()]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that holds what the examples name."""
    (tmp_path / "token.txt").write_text(ALICES_TOKEN)
    (tmp_path / "empty.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def words_of(line):
    """The arguments after `flask bittern api`, and what `printf` would pipe into it."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|>")
    lexer.whitespace_split = True
    words = list(lexer)
    given = b""
    if words[0] == "printf":
        given, words = words[1].encode(), words[3:]
    assert words[:3] == ["flask", "bittern", "api"], line
    ends = next((place for place, word in enumerate(words) if word in SHELL_OPERATORS), len(words))
    return words[3:ends], given


def test_every_line_of_shell_does_what_it_says(call, folder):
    for line in shell_lines():
        arguments, given = words_of(line)
        ran = call(*arguments, given=given)
        assert ran.exit_code == 0, f"{line}\n{ran.stderr}"
        assert ran.stdout_bytes or "-X DELETE" in line, line


def test_there_are_examples_of_everything_that_matters():
    joined = "\n".join(shell_lines())
    for word in (
        "--anonymous",
        "--user",
        "--paginate",
        "--fields",
        "--query",
        "-f ",
        "--form",
        "--input",
        "-X PUT",
        "1.0/",
    ):
        assert word in joined, word


def test_the_python_example_runs(bitbucket, call, folder):
    (source,) = blocks("python")
    assert call("repositories/acme/paint/issues", *words_of_alice(), "-f", "title=It drips").exit_code == 0
    source = source.replace("https://api.bitbucket.org", bitbucket.url).replace("API-TOKEN", ALICES_TOKEN)
    names, printed = {}, io.StringIO()
    with redirect_stdout(printed):
        exec(compile(source, "docs/rest-api.md", "exec"), names)  # noqa: S102 - our own page
    assert names["paint"].full_name == "acme/paint"
    assert [one.title for one in names["dripping"]] == ["It drips"]
    assert [one.id for one in names["waiting"].pull_requests] == [1]
    assert (names["answer"].status, names["made"].status) == (200, 201)
    assert printed.getvalue() == "Use /2.0/user/workspaces.\n"


def words_of_alice():
    return "--user", "alice@example.com", "--token", ALICES_TOKEN
