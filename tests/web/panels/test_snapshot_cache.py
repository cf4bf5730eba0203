"""The last look at each repository: when it serves, when it stands in, when another one is read."""

import threading
from datetime import timedelta

import pytest

from bitbucket.errors import ConnectionFailed, Forbidden, NotFound, RateLimited, ServerFault, TimedOut, Unauthorized
from bitbucket.resources import Repository
from insights.live.facts import listing_of
from tests.tenants import NOON
from web.panels.snapshot import Snapshot
from web.panels.snapshot_cache import POLL_READS, Key, SnapshotCache, Wish

KEY = Key(1, "{aaaaaaaa-0000-4000-8000-0000000000a1}")


def snapshot(at=NOON):
    return Snapshot(Repository(), None, listing_of([]), listing_of([]), at)


class Reader:
    """Reads what it is told to, and counts."""

    def __init__(self):
        self.count = 0
        self.now = NOON
        self.error = None

    def __call__(self):
        self.count += 1
        if self.error:
            raise self.error
        return snapshot(self.now)


@pytest.fixture
def cache():
    return SnapshotCache()


@pytest.fixture
def reader():
    return Reader()


@pytest.fixture
def look(cache, reader):
    def look(key=KEY, *, after=timedelta(0), version=1, is_poll=False):
        reader.now = NOON + after
        return cache.look(key, Wish(version, is_poll), now=NOON + after, wait_seconds=1, read=reader)

    return look


def test_a_first_look_is_read(look, reader):
    assert look().snapshot == snapshot()
    assert reader.count == 1


def test_a_look_serves_for_fifteen_seconds(look, reader):
    look()
    look(after=timedelta(seconds=14))
    assert reader.count == 1

    look(after=timedelta(seconds=15))
    assert reader.count == 2


def test_an_event_ends_it_at_once(look, reader):
    look(version=1)
    look(version=2)

    assert reader.count == 2


def test_for_a_page_that_refreshes_itself_it_serves_five_minutes_while_nothing_happens(look, reader):
    look()
    look(after=timedelta(minutes=4, seconds=59), is_poll=True)
    assert reader.count == 1

    look(after=timedelta(minutes=5), is_poll=True)
    assert reader.count == 2


def test_polls_of_a_busy_repository_cannot_spend_its_quota(look, reader):
    for place in range(100):
        look(after=timedelta(seconds=4 * place), version=place, is_poll=True)

    assert reader.count == POLL_READS


def test_a_viewer_who_asks_is_served_even_then(look, reader):
    for place in range(30):
        look(after=timedelta(seconds=4 * place), version=place, is_poll=True)
    before = reader.count

    look(after=timedelta(seconds=200), version=99)

    assert reader.count == before + 1


def test_the_quota_of_polls_comes_back(look, reader):
    for place in range(30):
        look(after=timedelta(seconds=place), version=place, is_poll=True)
    before = reader.count

    look(after=timedelta(minutes=11), version=99, is_poll=True)

    assert reader.count == before + 1


@pytest.mark.parametrize(
    "error", [TimedOut("x"), ConnectionFailed("x"), RateLimited("x", status=429), ServerFault("x", status=500)]
)
def test_passing_trouble_is_bridged_by_the_last_look(look, reader, error):
    look()
    reader.error = error

    bridged = look(after=timedelta(minutes=9))

    assert bridged.snapshot == snapshot()
    assert bridged.trouble is error


def test_a_look_of_more_than_ten_minutes_bridges_nothing(look, reader):
    look()
    reader.error = TimedOut("x")

    with pytest.raises(TimedOut):
        look(after=timedelta(minutes=10, seconds=1))


def test_trouble_at_the_first_look_is_the_callers(look, reader):
    reader.error = TimedOut("x")

    with pytest.raises(TimedOut):
        look()


@pytest.mark.parametrize(
    "error", [Unauthorized("x", status=401), Forbidden("x", status=403), NotFound("x", status=404)]
)
def test_what_we_may_not_see_any_more_is_forgotten_at_once(look, reader, error):
    look()
    reader.error = error
    with pytest.raises(type(error)):
        look(after=timedelta(minutes=1))

    reader.error = TimedOut("x")
    with pytest.raises(TimedOut):
        look(after=timedelta(minutes=2))


def test_another_installation_never_finds_it(look, reader):
    look(KEY)
    look(Key(2, KEY.repository_uuid))

    assert reader.count == 2


def test_it_keeps_the_newest_and_no_more_than_it_may():
    cache, reader = SnapshotCache(most_snapshots=2), Reader()
    for number in (1, 2, 3, 1):
        cache.look(Key(number, "{u}"), Wish(1), now=NOON, wait_seconds=1, read=reader)

    assert reader.count == 4


def test_many_at_once_cause_one_read(cache):
    started, go = threading.Event(), threading.Event()
    reads, found = [], []

    def read():
        reads.append(1)
        started.set()
        go.wait(5)
        return snapshot()

    def ask():
        found.append(cache.look(KEY, Wish(1), now=NOON, wait_seconds=5, read=read))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    started.wait(5)
    go.set()
    for thread in threads:
        thread.join(5)

    assert (len(reads), len(found)) == (1, 6)


def test_nobody_waits_for_another_reader_longer_than_they_have(cache):
    started, go = threading.Event(), threading.Event()

    def slow():
        started.set()
        go.wait(5)
        return snapshot()

    thread = threading.Thread(target=lambda: cache.look(KEY, Wish(1), now=NOON, wait_seconds=5, read=slow))
    thread.start()
    started.wait(5)
    try:
        with pytest.raises(TimedOut):
            cache.look(KEY, Wish(1), now=NOON, wait_seconds=0.01, read=snapshot)
    finally:
        go.set()
        thread.join(5)
