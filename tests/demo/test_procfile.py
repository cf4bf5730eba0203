"""Tests of reading the Procfile."""

from __future__ import annotations

import pytest

from demo.errors import OptionRefused
from demo.procfile import parse_procfile


def test_it_gives_each_process_in_the_order_written():
    text = "# what runs\n\nweb: gunicorn -c gunicorn.conf.py 'app:create_app()'\nworker:   python worker.py\n"
    web, worker = parse_procfile(text)
    assert (web.name, web.words) == ("web", ("gunicorn", "-c", "gunicorn.conf.py", "app:create_app()"))
    assert (worker.name, worker.words) == ("worker", ("python", "worker.py"))


def test_it_takes_variables_from_the_environment_of_the_process():
    (process,) = parse_procfile("web: serve --port $PORT --name ${NAME}!")
    assert process.command({"PORT": "80", "NAME": "x"}) == ["serve", "--port", "80", "--name", "x!"]


def test_it_says_which_variable_is_not_set():
    (process,) = parse_procfile("web: serve --port $PORT")
    with pytest.raises(OptionRefused, match=r"'web'.*PORT"):
        process.command({})


@pytest.mark.parametrize("line", ["web", "web gunicorn", ": gunicorn", "web:", "we b: gunicorn"])
def test_it_refuses_a_line_that_names_no_process(line):
    with pytest.raises(OptionRefused, match="not of the form"):
        parse_procfile(line)


@pytest.mark.parametrize("command", ["a && b", "a | b", "a > file", "a &", "a ; b"])
def test_it_refuses_what_would_need_a_shell(command):
    with pytest.raises(OptionRefused, match="needs a shell"):
        parse_procfile(f"web: {command}")
