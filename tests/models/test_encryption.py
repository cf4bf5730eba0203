"""Sealed secrets: which key opens what, and in whose name."""

from __future__ import annotations

import base64

import pytest
from cryptography.fernet import Fernet, InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from models.encryption import SecretBox
from models.errors import SealBroken
from tests.tenants import ALICE_KEY, ALICE_SECRET, CHARLIE_KEY

OLD, NEW, STRANGE = b"o" * 32, b"n" * 32, b"s" * 32


@given(secret=st.text(max_size=128))
def test_what_was_sealed_opens_as_it_was(secret):
    box = SecretBox([NEW])
    assert box.open(box.seal(secret, context=ALICE_KEY), context=ALICE_KEY) == secret


def test_a_sealed_secret_shows_nothing_of_itself_and_never_looks_the_same():
    box = SecretBox([NEW])
    first, second = box.seal(ALICE_SECRET, context=ALICE_KEY), box.seal(ALICE_SECRET, context=ALICE_KEY)
    assert first != second
    assert ALICE_SECRET not in first
    assert len(first) < 1024


def test_a_longest_secret_fits_its_column():
    assert len(SecretBox([NEW]).seal("\U0001f426" * 128, context=ALICE_KEY)) <= 1024


def test_a_secret_moved_to_another_installation_does_not_open():
    box = SecretBox([NEW])
    with pytest.raises(SealBroken):
        box.open(box.seal(ALICE_SECRET, context=ALICE_KEY), context=CHARLIE_KEY)


def test_an_older_key_still_opens():
    sealed = SecretBox([OLD]).seal(ALICE_SECRET, context=ALICE_KEY)
    assert SecretBox([NEW, OLD]).open(sealed, context=ALICE_KEY) == ALICE_SECRET


def test_the_newest_key_seals():
    sealed = SecretBox([NEW, OLD]).seal(ALICE_SECRET, context=ALICE_KEY)
    assert SecretBox([NEW]).open(sealed, context=ALICE_KEY) == ALICE_SECRET
    with pytest.raises(SealBroken):
        SecretBox([OLD]).open(sealed, context=ALICE_KEY)


def test_only_what_an_older_key_has_sealed_needs_rotation():
    box = SecretBox([NEW, OLD])
    older, newer = SecretBox([OLD]).seal("s", context=ALICE_KEY), box.seal("s", context=ALICE_KEY)
    assert box.needs_rotation(older, context=ALICE_KEY)
    assert not box.needs_rotation(newer, context=ALICE_KEY)


@pytest.mark.parametrize("sealed", ["", "gibberish", "gAAAAA", "ä"])
def test_what_no_key_has_sealed_is_broken_and_not_rotated(sealed):
    box = SecretBox([NEW, OLD])
    with pytest.raises(SealBroken, match="BITTERN_SECRET_KEYS"):
        box.open(sealed, context=ALICE_KEY)
    with pytest.raises(SealBroken):
        box.needs_rotation(sealed, context=ALICE_KEY)
    with pytest.raises(SealBroken):
        box.open(SecretBox([STRANGE]).seal("s", context=ALICE_KEY), context=ALICE_KEY)


def test_a_broken_seal_gives_nothing_away():
    sealed = SecretBox([STRANGE]).seal(ALICE_SECRET, context=ALICE_KEY)
    with pytest.raises(SealBroken) as broken:
        SecretBox([NEW]).open(sealed, context=ALICE_KEY)
    assert broken.value.__cause__ is None
    assert sealed not in str(broken.value)


def test_keys_for_other_purposes_are_no_keys_for_secrets():
    box = SecretBox([NEW, OLD])
    pages, tickets = box.derived_keys("page-token"), box.derived_keys("ticket")
    assert len(pages) == len(tickets) == 2
    assert len({NEW, OLD, *pages, *tickets}) == 6
    assert pages == SecretBox([NEW, OLD]).derived_keys("page-token")
    assert pages[1] == SecretBox([OLD]).derived_keys("page-token")[0]
    sealed = SecretBox([pages[0]]).seal("s", context=ALICE_KEY)
    with pytest.raises(SealBroken):
        box.open(sealed, context=ALICE_KEY)


@pytest.mark.parametrize("keys", [[], [b""], [b"k" * 31], [NEW, b"short"]])
def test_it_refuses_to_work_with_weak_keys(keys):
    with pytest.raises(ValueError, match="at least 32 bytes"):
        SecretBox(keys)


def test_a_box_shows_no_key():
    assert "nnnn" not in repr(SecretBox([NEW]))


def test_a_key_for_a_purpose_opens_no_secret_of_a_context_with_the_same_name():
    box = SecretBox([b"k" * 32])
    sealed = box.seal("secret", context="page-token")
    (key,) = box.derived_keys("page-token")
    with pytest.raises(InvalidToken):
        Fernet(base64.urlsafe_b64encode(key)).decrypt(sealed.encode())
