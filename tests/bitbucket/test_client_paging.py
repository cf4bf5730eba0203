"""Collections, page by page: numbered and opaque links, and links that lead astray."""

from __future__ import annotations

import gc
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitbucket.client import BitbucketClient
from bitbucket.credentials import Anonymous, ConnectJwt
from bitbucket.errors import BitbucketError, ForeignHost, ForeignNextLink, PageLoop, TooManyPages, UnexpectedShape
from tests.bitbucket.cast import API, NOW
from tests.bitbucket.fake_transport import FakeTransport, json_answer


class Item(msgspec.Struct, frozen=True):
    id: int


def page_of(*ids, **envelope):
    return json_answer({"values": [{"id": number} for number in ids], **envelope})


def test_it_reads_numbered_pages(client_over):
    transport = FakeTransport(
        page_of(1, 2, size=3, page=1, pagelen=2, next=f"{API}/2.0/x?pagelen=2&page=2"), page_of(3, size=3, page=2)
    )
    items = client_over(transport).iterate("/2.0/x", Item, params={"pagelen": 2})
    assert [item.id for item in items] == [1, 2, 3]
    assert [request.url for request in transport.requests] == [
        f"{API}/2.0/x?pagelen=2",
        f"{API}/2.0/x?pagelen=2&page=2",
    ]


def test_it_follows_an_opaque_link_as_it_is(client_over):
    link = f"{API}/2.0/commits?ctx=a%2Bb&page=8xhd%3D"
    transport = FakeTransport(page_of(1, next=link), page_of(2))
    assert [item.id for item in client_over(transport).iterate("/2.0/commits", Item)] == [1, 2]
    assert transport.last.url == link


def test_a_link_with_bare_braces_is_signed_as_it_is_sent(client_over):
    signed = []

    def sign(*, client_key, secret, method, url):
        signed.append(url)
        return "token"

    transport = FakeTransport(page_of(1, next=f"{API}/2.0/repositories/{{a}}?page=2"), page_of(2))
    list(client_over(transport, credential=ConnectJwt("key", "secret", sign=sign)).iterate("/2.0/x", Item))
    assert signed[-1] == transport.last.url == f"{API}/2.0/repositories/%7Ba%7D?page=2"


def test_an_empty_link_is_the_end(client_over):
    assert [item.id for item in client_over(FakeTransport(page_of(1, next=""))).iterate("/2.0/x", Item)] == [1]


def test_it_asks_for_the_next_page_only_when_it_is_wanted(client_over):
    transport = FakeTransport(page_of(1, 2, next=f"{API}/2.0/x?page=2"))
    items = client_over(transport).iterate("/2.0/x", Item)
    assert (next(items).id, next(items).id) == (1, 2)
    assert len(transport.requests) == 1


def test_an_empty_page_in_between_does_not_end_it(client_over):
    transport = FakeTransport(page_of(1, next=f"{API}/2.0/x?page=2"), page_of(next=f"{API}/2.0/x?page=3"), page_of(2))
    assert [item.id for item in client_over(transport).iterate("/2.0/x", Item)] == [1, 2]


def test_one_page_is_in_memory_at_a_time(client_over):
    pages = 1000

    def respond(request):
        number = int(dict(parse_qsl(urlsplit(request.url).query)).get("page", 1))
        following = {"next": f"{API}/2.0/x?page={number + 1}"} if number < pages else {}
        return json_answer({"values": [{"tags": ["a"]}] * 100, **following})

    class Counted(msgspec.Struct, frozen=True):
        # The garbage collector, which does the counting, only knows objects that hold others.
        tags: list[str]

    seen = most = 0
    for _ in client_over(FakeTransport(respond, repeat=True)).iterate("/2.0/x", Counted):
        seen += 1
        if seen % 5000 == 0:
            most = max(most, sum(isinstance(one, Counted) for one in gc.get_objects()))
    assert seen == 100_000
    assert 1 <= most <= 200


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:9/2.0/x",
        "https://evil.example/2.0/x",
        "http://api.bitbucket.org/2.0/x",
        "https://api.bitbucket.org:8443/2.0/x",
        "https://u:p@api.bitbucket.org/2.0/x",
        "/2.0/x?page=2",
    ],
)
def test_a_link_that_leaves_is_not_followed(client_over, link):
    transport = FakeTransport(page_of(1, next=link))
    with pytest.raises(ForeignHost):
        list(client_over(transport).iterate("/2.0/x", Item))
    assert len(transport.requests) == 1


def test_a_link_that_leaves_is_told_apart_in_the_log(client_over):
    with pytest.raises(ForeignNextLink) as raised:
        client_over(FakeTransport(page_of(next="https://evil.example/"))).page("/2.0/x", Item)
    assert raised.value.reason == "out.next_host"


def test_a_loop_is_left(client_over):
    transport = FakeTransport(page_of(1, next=f"{API}/2.0/x"), repeat=True)
    with pytest.raises(PageLoop):
        list(client_over(transport).iterate("/2.0/x", Item))
    assert len(transport.requests) == 1


def test_a_longer_loop_is_left_too(client_over):
    transport = FakeTransport(
        page_of(next=f"{API}/2.0/x?page=2"),
        page_of(next=f"{API}/2.0/x?page=3"),
        page_of(next=f"{API}/2.0/x?page=2"),
    )
    with pytest.raises(PageLoop):
        list(client_over(transport).iterate("/2.0/x", Item))


def test_it_stops_at_the_page_cap(client_over):
    def endless(request):
        return page_of(1, next=f"{API}/2.0/x?page={len(transport.requests)}")

    transport = FakeTransport(endless, repeat=True)
    with pytest.raises(TooManyPages):
        list(client_over(transport).iterate("/2.0/x", Item, most_pages=7))
    assert len(transport.requests) == 7


@pytest.mark.parametrize("body", [{}, {"values": None}, {"values": {}}, {"values": [1]}, {"values": [], "next": 7}, []])
def test_what_is_no_page_is_an_error(client_over, body):
    with pytest.raises(UnexpectedShape):
        client_over(FakeTransport(json_answer(body))).page("/2.0/x", Item)


def test_one_page_can_be_taken_up_where_another_call_left_off(client_over):
    link = f"{API}/2.0/x?page=2"
    client = client_over(FakeTransport(page_of(1, next=link), page_of(2)))
    first = client.page("/2.0/x", Item)
    assert client.page_at(first.next, Item).values == (Item(2),)


def test_a_kept_link_is_checked_before_it_is_used(client_over):
    transport = FakeTransport()
    with pytest.raises(ForeignNextLink):
        client_over(transport).page_at("https://evil.example/2.0/x", Item)
    assert transport.requests == []


@given(
    links=st.lists(
        st.sampled_from(["next", "self", "first", "none", "foreign", "junk", "empty", "number"]),
        min_size=1,
        max_size=12,
    ),
    most_pages=st.integers(1, 8),
)
def test_whatever_the_links_say_reading_ends_and_stays_at_home(links, most_pages):
    """Each page links on as the list says, its last entry for ever after."""

    def respond(request):
        number = len(transport.requests)
        link = links[min(number, len(links)) - 1]
        following = {
            "next": f"{API}/2.0/x?page={number + 1}",
            "self": request.url,
            "first": f"{API}/2.0/x",
            "none": None,
            "foreign": f"https://evil.example/2.0/x?page={number}",
            "junk": "\x00 not a link",
            "empty": "",
            "number": 7,
        }[link]
        return json_answer({"values": [{"id": number}], "next": following})

    transport = FakeTransport(respond, repeat=True)
    client = BitbucketClient(transport, Anonymous(), api_url=API, now=lambda: NOW)
    seen, refusals = [], []
    try:
        seen.extend(client.iterate("/2.0/x", Item, most_pages=most_pages))
    except BitbucketError as error:
        refusals.append(error)
    assert all(error.permanent or isinstance(error, UnexpectedShape) for error in refusals)
    assert len(transport.requests) <= most_pages
    assert [item.id for item in seen] in (list(range(1, len(seen) + 1)), [])
    assert all(request.url.startswith(f"{API}/") for request in transport.requests)
    assert len({request.url for request in transport.requests}) == len(transport.requests)
