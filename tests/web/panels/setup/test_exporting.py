"""The export as it is sent: piece by piece, and broken off where the app is removed meanwhile."""

import io
import zipfile

import pytest

from models.export import InstallationEnded
from tests.tenants import ALICE_KEY, NOON, receive, uninstall
from web.panels.setup import exporting
from web.panels.setup.exporting import file_name, stream

DELIVERIES = 30


@pytest.fixture
def long(services, alice, heron):
    """So much that it does not fit into one piece."""
    with services.sessions.begin() as session:
        for number in range(DELIVERIES):
            receive(session, alice, number=number)
    return alice


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(exporting, "PIECE_BYTES", 100)


def test_it_is_sent_piece_by_piece_and_is_whole(services, long, small_pieces, log_entries):
    pieces = list(stream(services.readers, long, now=NOON))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))

    assert len(pieces) > 3
    assert archive.testzip() is None
    assert len(archive.read("webhook_deliveries.jsonl").splitlines()) == DELIVERIES
    assert (log_entries[-1]["event"], log_entries[-1]["rows"]) == ("setup.exported", DELIVERIES + 2)


def test_the_same_rows_give_the_same_file(services, long):
    assert b"".join(stream(services.readers, long, now=NOON)) == b"".join(stream(services.readers, long, now=NOON))


def test_it_breaks_off_where_the_app_is_removed_meanwhile(services, long, small_pieces, log_entries):
    pieces = stream(services.readers, long, now=NOON)
    begun = [next(pieces)]
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    with pytest.raises(InstallationEnded):
        begun.extend(pieces)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(begun)))
    assert log_entries[-1]["event"] == "setup.export_broken_off"


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("alice", "bittern-alice-2026-11-23.zip"),
        ("../../etc", "bittern-etc-2026-11-23.zip"),
        ("a\r\nb", "bittern-a-b-2026-11-23.zip"),
        ("é", "bittern-workspace-2026-11-23.zip"),
        (None, "bittern-workspace-2026-11-23.zip"),
        ("x" * 300, f"bittern-{'x' * 60}-2026-11-23.zip"),
    ],
)
def test_the_name_of_the_file_is_made_of_plain_characters(alice, slug, name):
    alice.principal_slug = slug

    assert file_name(alice, now=NOON) == name
