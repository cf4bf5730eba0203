"""No credential of anybody stands in a file of this tree: what is needed to run comes from the environment alone."""

from __future__ import annotations

import re

import pytest

from tests.house_figures import ROOT, tracked_files

# What services give out and can be known by its looks. Nowhere, not even in a test.
ISSUED = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "Atlassian token": re.compile(r"\bAT(?:ATT|BB|CTT|OA|STT)[A-Za-z0-9_=-]{20,}"),
    "AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "GitHub token": re.compile(r"\bgh[oprsu]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{60,}"),
    "Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "Google key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "token of a package index": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b|\bpypi-AgE[A-Za-z0-9_-]{50,}"),
}
# What only its place gives away. Tests and their vectors are full of such, and all of them are made up.
WRITTEN = {
    "signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    "password in an address": re.compile(r"\b[a-z+]{2,20}://[^\s/:@'\"{}<>$]+:(?!password@)[^\s/:@'\"{}<>$]+@"),
    "secret in code": re.compile(
        r"(?i)\b[a-z_]*(?:secret|passw(?:or)?d|api_?key|token)[a-z_]*\b[\"']?\s*[:=]\s*[\"'][A-Za-z0-9+_=-]{20,}[\"']"
    ),
    "secret in a script": re.compile(r"\b[A-Z_]*(?:SECRET|PASSWORD|TOKEN|KEYS?)[A-Z_]*=[A-Za-z0-9+/_=-]{20,}"),
}
# Files that hold credentials or data wherever they are.
NEVER_TRACKED = re.compile(r"(?:^|/)(?:\.env(?:\..*)?|id_[a-z0-9]+|.*\.(?:pem|key|p12|pfx|keystore|db|sqlite3?|log))$")
MADE_UP = "tests/"
# Each in two halves, so that this file is none of what it looks for.
SAMPLES = {
    "private key": ("-----BEGIN RSA PRIV", "ATE KEY-----"),
    "Atlassian token": ("ATCTT3x", "FfGN0aBcDeFgHiJkLmNoPqRsTuVwXyZ=01234567"),
    "AWS key": ("AKIA", "IOSFODNN7EXAMPLE"),
    "GitHub token": ("ghp_", "a1" * 18),
    "Slack token": ("xoxb", "-123456789012-abcdef"),
    "Google key": ("AIza", "b2" * 17 + "c"),
    "token of a package index": ("npm_", "a1" * 18),
    "signed token": ("eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4IiwiYXVkIjoieSJ9", ".c2lnbmF0dXJlLXNpZ25hdHVyZQ"),
    "password in an address": ("postgresql://bittern:", "hunter2@db.example.com/bittern"),
    "secret in code": ('app_secret = "', 'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"'),
    "secret in a script": ("export BITTERN_SECRET_KEYS", "=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6"),
}


def texts():
    for path in tracked_files():
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def kinds_in(name, text):
    looked_for = ISSUED if name.startswith(MADE_UP) else ISSUED | WRITTEN
    return {kind for kind, pattern in looked_for.items() if pattern.search(text)}


def test_no_file_holds_a_credential():
    # Never with what was found: a report is an output too.
    assert {name: kinds for name, text in texts() if (kinds := kinds_in(name, text))} == {}


def test_no_file_is_tracked_that_holds_credentials_or_data():
    names = [path.relative_to(ROOT).as_posix() for path in tracked_files()]
    assert len(names) > 500
    assert [name for name in names if NEVER_TRACKED.search(name)] == []


@pytest.mark.parametrize("kind", [*ISSUED, *WRITTEN])
def test_it_would_be_found(kind):
    assert kinds_in("README.md", "".join(SAMPLES[kind])) == {kind}


def test_a_key_file_would_be_found():
    assert all(NEVER_TRACKED.search(name) for name in (".env", "deploy/.env.prod", "id_ed25519", "tls/server.pem"))
