"""What the pinned host is."""

from __future__ import annotations

import pytest

from bitbucket.errors import ForeignHost
from bitbucket.origins import origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.bitbucket.org/2.0/user", "https://api.bitbucket.org:443"),
        ("https://API.Bitbucket.ORG", "https://api.bitbucket.org:443"),
        ("HTTPS://api.bitbucket.org:443/x?next=https://evil.example", "https://api.bitbucket.org:443"),
        ("http://127.0.0.1:7990/2.0", "http://127.0.0.1:7990"),
        ("http://localhost/", "http://localhost:80"),
        ("http://[::1]:7990/", "http://[::1]:7990"),
    ],
)
def test_it_is_scheme_host_and_port(url, origin):
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/2.0/user",
        "api.bitbucket.org/2.0",
        "//api.bitbucket.org/2.0",
        "ftp://api.bitbucket.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://:443/",
        "https://user:pass@api.bitbucket.org/",
        "https://@api.bitbucket.org/",
        "https://api.bitbucket.org\\@evil.example/",
        "https://api.bitbucket.org:99999/",
        "https://api.bitbucket.org:x/",
        "https://[api.bitbucket.org/",
        " https://api.bitbucket.org/",
        "https://api.bitbucket.org/ x",
        "https://api.bitbucket.org/\r\nHost: evil.example",
        "https://api.bitbucket.org/\x7f",
    ],
)
def test_an_address_that_programs_read_differently_has_none(url):
    with pytest.raises(ForeignHost) as raised:
        origin_of(url)
    assert raised.value.url == url
