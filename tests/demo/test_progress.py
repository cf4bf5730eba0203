"""Tests of what a person sees where the output is no terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from demo.errors import StepFailed
from demo.progress import Progress


def progress_and_output(encoding="utf-8"):
    raw = io.BytesIO()
    console = Console(
        file=io.TextIOWrapper(raw, encoding=encoding, write_through=True), highlight=False, soft_wrap=True
    )
    moments = iter([10.0, 11.5])
    return Progress(console, clock=lambda: next(moments)), lambda: raw.getvalue().decode(encoding)


def test_a_step_is_a_plain_line_with_its_time():
    progress, output = progress_and_output()
    with progress.step("Starting [web]"):
        pass
    assert output() == "✓ Starting [web] 1.5 s\n"


def test_a_step_that_fails_says_so_and_lets_the_error_pass():
    progress, output = progress_and_output()
    with pytest.raises(ValueError, match="broken"), progress.step("Starting"):
        raise ValueError("broken")
    assert output() == "✗ Starting\n"


def test_an_old_terminal_gets_words_instead_of_signs():
    progress, output = progress_and_output("ascii")
    with progress.step("Starting"):
        pass
    assert output() == "ok Starting 1.5 s\n"


def test_a_failure_shows_the_end_of_the_log(tmp_path):
    log = tmp_path / "web.log"
    log.write_text("\n".join(f"line {number}" for number in range(100)))
    progress, output = progress_and_output()
    progress.failure(StepFailed("web ended with exit code 1", log_path=log))
    assert "web ended with exit code 1" in output()
    assert "  line 99\n" in output()
    assert "  line 1\n" not in output()
    assert str(log) in output()


def test_a_failure_without_a_log_is_one_sentence():
    progress, output = progress_and_output()
    progress.failure(StepFailed("nothing there"))
    assert output().strip() == "nothing there"


def test_an_address_stands_whole_on_a_line_of_its_own():
    progress, output = progress_and_output()
    url = "http://127.0.0.1:7990/" + "workspace/" * 20
    progress.address(url)
    assert f"Open  {url}\n" in output()
