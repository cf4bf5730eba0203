"""Every example in docs/rest-api.md is run, from top to bottom, against the local Bitbucket."""

import io
import re
import shlex
from contextlib import redirect_stdout
from urllib.parse import parse_qsl, urlsplit

import pytest
import urllib3

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


@pytest.fixture
def run_python(bitbucket):
    """`run_python(block, names)` runs a block of the page, against the local Bitbucket; what it printed comes back."""

    def run(source, names):
        for address in ("https://api.bitbucket.org", "https://bitbucket.org"):
            source = source.replace(address, bitbucket.url)
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(source.replace("API-TOKEN", ALICES_TOKEN), "docs/rest-api.md", "exec"), names)  # noqa: S102 - our own page
        return printed.getvalue()

    return run


def test_the_python_examples_run(bitbucket, call, folder, run_python):
    reading, going_there, coming_back = blocks("python")
    assert call("repositories/acme/paint/issues", *words_of_alice(), "-f", "title=It drips").exit_code == 0
    names = {}
    assert run_python(reading, names) == "Use /2.0/user/workspaces.\n"
    assert names["paint"].full_name == "acme/paint"
    assert [one.title for one in names["dripping"]] == ["It drips"]
    assert [one.id for one in names["waiting"].pull_requests] == [1]
    assert (names["answer"].status, names["made"].status) == (200, 201)

    consumer = {"workspace": "acme", "key": "KEY", "secret": "SECRET", "scopes": ["account"]}
    bitbucket.control("POST", "/consumers", {**consumer, "callback_url": "https://brush.example/"})
    run_python(going_there, names)
    names |= {"received": consent_of_bob(names["address"]), "keep": pytest.fail}
    run_python(coming_back, names)
    assert names["who"] == "bob"


def consent_of_bob(address):
    """What the consumer's callback receives when Bob has said yes."""
    answer = urllib3.request("GET", f"{address}&user=bob", redirect=False)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def words_of_alice():
    return "--user", "alice@example.com", "--token", ALICES_TOKEN
