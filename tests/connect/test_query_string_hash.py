"""The query string hash against vectors of two libraries, real tokens, its own laws and a third-party implementation."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs, quote, urlsplit

import atlassian_jwt.url_utils
import jwt
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from connect.query_string_hash import canonical_request, query_string_hash

# What stands in a request line: visible ASCII. A fragment never gets there.
TARGET_CHARACTERS = "".join(map(chr, range(0x21, 0x7F))).replace("#", "")
queries = st.text(TARGET_CHARACTERS, max_size=80)
names = st.text(min_size=1, max_size=8)
parameters = st.lists(st.tuples(names, st.text(max_size=12)), max_size=6)


def encoded(pairs) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def test_it_computes_every_vector(qsh_row):
    if "signedUrl" in qsh_row:
        check_signed_address(qsh_row)
        return
    base_path = urlsplit(qsh_row["base"]).path
    expected = qsh_row["reference"]
    assert canonical_request(qsh_row["method"], qsh_row["url"], base_path=base_path) == expected["canonical"]
    assert query_string_hash(qsh_row["method"], qsh_row["url"], base_path=base_path) == expected["qsh"]


def check_signed_address(row):
    """Rows of the other form: the address is absolute and carries a token whose claim is the expected hash."""
    target = row["signedUrl"].removeprefix("https://example.com")
    token = parse_qs(urlsplit(row["signedUrl"]).query)["jwt"][0]
    claims = jwt.decode(token, row["secret"], algorithms=["HS256"], options={"verify_exp": False})
    assert canonical_request("GET", target) == canonical_request("GET", row["signedUrl"]) == row["canonicalUrl"]
    assert query_string_hash("GET", target) == claims["qsh"]


@pytest.mark.parametrize(
    ("target", "base_path", "canonical"),
    [
        ("/ctx/panel?a=1", "/ctx", "GET&/panel&a=1"),
        ("/ctx/panel/", "/ctx/", "GET&/panel&"),
        ("/ctx", "/ctx", "GET&/&"),
        ("/ctx?a=1", "/ctx", "GET&/&a=1"),
        ("/ctxextra/panel", "/ctx", "GET&/ctxextra/panel&"),
        ("/other/ctx/panel", "/ctx", "GET&/other/ctx/panel&"),
        ("/a/b/panel", "/a/b", "GET&/panel&"),
        ("/a/bc/panel", "/a/b", "GET&/a/bc/panel&"),
        ("/ctx/ctx/panel", "/ctx", "GET&/ctx/panel&"),
        ("/panel", "/", "GET&/panel&"),
        ("/a&b/c", "/a&b", "GET&/c&"),
    ],
)
def test_it_strips_the_base_path_by_whole_segments(target, base_path, canonical):
    assert canonical_request("GET", target, base_path=base_path) == canonical


@pytest.mark.parametrize(
    ("target", "canonical"),
    [
        ("//panel/x", "GET&/panel/x&"),
        ("/panel//", "GET&/panel&"),
        ("/files/a%2fb", "GET&/files/a%2fb&"),
        ("/files/a%2Fb", "GET&/files/a%2Fb&"),
        ("/p?a&b=", "GET&/p&a=&b="),
        ("/p?&&a=1&", "GET&/p&a=1"),
        ("/p?a;b=1", "GET&/p&a%3Bb=1"),
        ("/p??a=1", "GET&/p&%3Fa=1"),
        ("/p?a=1#b", "GET&/p&a=1"),
        ("/p?j%77t=x&a=1", "GET&/p&a=1"),
        ("/p?jwt=x&jwt=y", "GET&/p&"),
        ("/p?JWT=x", "GET&/p&JWT=x"),
        ("/p?A=1&%5B=2", "GET&/p&%5B=2&A=1"),
        ("/p?r=%F0%9F%98%80&r=%EF%BF%BD", "GET&/p&r=%EF%BF%BD,%F0%9F%98%80"),
        ("/p?a=1&a-b=2&a.b=3&ab=4", "GET&/p&a=1&a-b=2&a.b=3&ab=4"),
        ("https://example.com", "GET&/&"),
        ("https://example.com?a=1", "GET&/&a=1"),
        ("HTTP://example.com:8080/p?a=b/c", "GET&/p&a=b%2Fc"),
        ("https://example.com#/p", "GET&/&"),
        ("/p?next=https://example.com/x", "GET&/p&next=https%3A%2F%2Fexample.com%2Fx"),
        ("/https://example.com/x", "GET&/https://example.com/x&"),
    ],
)
def test_it_reads_the_target_literally(target, canonical):
    assert canonical_request("get", target) == canonical


def test_it_agrees_with_tokens_that_bitbucket_signed():
    assert query_string_hash("POST", "/bitbucket/install") == (
        "558563f29d5457e68521c3a1aa2caf0d46b7cf9820f1328a184cb75cc2bd656b"
    )
    assert query_string_hash("POST", "/bitbucket/webhook/") == (
        "dbcf4dcadc2373d44fff39fd9ecf9442792238144d029aa2502f63a9b6ed6393"
    )


@given(method=st.text(max_size=5), target=st.text(st.characters(), max_size=60), base_path=st.text(max_size=10))
@example(method="GET", target="/p?a=\ud800&\udfff=1", base_path="")
@example(method="GET", target="http://[", base_path="[")
def test_it_never_raises(method, target, base_path):
    canonical = canonical_request(method, target, base_path=base_path)
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
    assert query_string_hash(method, target, base_path=base_path) == digest


@given(pairs=parameters, order=st.randoms(use_true_random=False))
def test_the_order_of_parameters_does_not_matter(pairs, order):
    shuffled = order.sample(pairs, len(pairs))
    assert query_string_hash("GET", "/p?" + encoded(pairs)) == query_string_hash("GET", "/p?" + encoded(shuffled))


@given(pairs=parameters, token=st.text("abc.", max_size=9), position=st.integers(0, 6))
def test_the_token_itself_is_not_covered(pairs, token, position):
    assume(all(name != "jwt" for name, _ in pairs))
    with_token = [*pairs[:position], ("jwt", token), *pairs[position:]]
    assert query_string_hash("GET", "/p?" + encoded(with_token)) == query_string_hash("GET", "/p?" + encoded(pairs))


@given(pairs=parameters, name=names, value=st.text(max_size=12))
def test_every_other_parameter_is_covered(pairs, name, value):
    assume(name != "jwt")
    before, after = "/p?" + encoded(pairs), "/p?" + encoded([*pairs, (name, value)])
    assert query_string_hash("GET", before) != query_string_hash("GET", after)


@given(pairs=parameters, changed=st.integers(0, 5), value=st.text(max_size=12))
def test_every_value_is_covered(pairs, changed, value):
    assume(changed < len(pairs) and pairs[changed][0] != "jwt" and pairs[changed][1] != value)
    others = [*pairs[:changed], (pairs[changed][0], value), *pairs[changed + 1 :]]
    assert query_string_hash("GET", "/p?" + encoded(pairs)) != query_string_hash("GET", "/p?" + encoded(others))


@given(pairs=parameters)
def test_spellings_of_one_query_are_one(pairs):
    plus = "&".join(f"{quote(n, safe='')}={quote(v, safe=' ').replace(' ', '+')}" for n, v in pairs)
    lower = "".join(part.lower() if part.startswith("%") else part for part in _escapes_apart(encoded(pairs)))
    assert query_string_hash("GET", "/p?" + plus) == query_string_hash("GET", "/p?" + encoded(pairs))
    assert query_string_hash("GET", "/p?" + lower) == query_string_hash("GET", "/p?" + encoded(pairs))


def _escapes_apart(text: str) -> list[str]:
    parts, position = [], 0
    while position < len(text):
        width = 3 if text[position] == "%" else 1
        parts.append(text[position : position + width])
        position += width
    return parts


@given(query=queries, base=st.sampled_from(["/ctx", "/a/b"]), path=st.sampled_from(["/", "/p", "/p/q"]))
def test_a_base_path_changes_nothing_else(query, base, path):
    assert canonical_request("GET", f"{base}{path}?{query}", base_path=base) == canonical_request(
        "GET", f"{path}?{query}"
    )


segments = st.text(TARGET_CHARACTERS.translate(str.maketrans("", "", "/?;:")), min_size=1, max_size=6)


@given(method=st.sampled_from(["GET", "post", "Delete"]), path=st.lists(segments, max_size=4), query=queries)
@example(method="GET", path=["a&b", "%7E"], query="a=%7E&a=*&b=%zz&jwt=1")
def test_it_agrees_with_the_published_library(method, path, query):
    # Left out: a colon in the first segment, which the library takes for a scheme, and `;`, whose last segment it cuts.
    target = "/" + "/".join(path) + "?" + query
    assume(not any(character in target for character in "[]"))  # the library's parser takes them for an IPv6 host
    assert canonical_request(method, target) == atlassian_jwt.url_utils.canonicalize_request(method, target)
    assert query_string_hash(method, target) == atlassian_jwt.url_utils.hash_url(method, target)
