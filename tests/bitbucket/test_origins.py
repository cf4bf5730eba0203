"""What the pinned host is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitbucket.errors import ForeignHost
from bitbucket.origins import as_sent, origin_of


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


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://api.bitbucket.org/2.0/x?page=8xhd%3D", "https://api.bitbucket.org/2.0/x?page=8xhd%3D"),
        ("https://api.bitbucket.org/{a}/{b}?q=x", "https://api.bitbucket.org/%7Ba%7D/%7Bb%7D?q=x"),
        ("https://api.bitbucket.org/%7ba%7d", "https://api.bitbucket.org/%7Ba%7D"),
        ("https://api.bitbucket.org/100%", "https://api.bitbucket.org/100%25"),
        ("https://api.bitbucket.org/%zz%2f", "https://api.bitbucket.org/%25zz%2F"),
        ("https://api.bitbucket.org/grün", "https://api.bitbucket.org/gr%C3%BCn"),
        ('https://api.bitbucket.org/a|b^c`d"<>', "https://api.bitbucket.org/a%7Cb%5Ec%60d%22%3C%3E"),
        ("http://[::1]:7990/a[1]?b[]=2", "http://[::1]:7990/a%5B1%5D?b%5B%5D=2"),
        ("https://api.bitbucket.org/a#fragment", "https://api.bitbucket.org/a"),
        ("https://api.bitbucket.org", "https://api.bitbucket.org"),
        ("https://api.bitbucket.org/~a!$&'()*+,;=:@", "https://api.bitbucket.org/~a!$&'()*+,;=:@"),
    ],
)
def test_an_address_has_one_spelling_on_the_wire(url, sent):
    assert as_sent(url) == sent
    assert as_sent(sent) == sent


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_settling_the_spelling_twice_changes_nothing(text):
    once = as_sent(f"https://api.bitbucket.org/{text}")
    assert as_sent(once) == once
    assert once.isascii()
