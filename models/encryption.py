"""Secrets at rest: sealed for one context with the newest key, opened with any key that the settings still hold.

The database never sees a plain secret. Keys of use are derived from the master keys, one for each context, so a ciphertext that
somebody moves to another installation's row does not open there.
"""

import base64
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.errors import SealBroken

_KEY_BYTES: Final = 32
_CONTEXTS_IN_MEMORY: Final = 1024
_PURPOSES_IN_MEMORY: Final = 16


class SecretBox:
    """Seals and opens secrets under master keys, newest first. Holds no plain secret; its repr shows no key."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) < _KEY_BYTES for key in keys):
            raise ValueError(f"every master key needs at least {_KEY_BYTES} bytes, and there must be one")
        self._keys = tuple(keys)
        self._fernets = lru_cache(_CONTEXTS_IN_MEMORY)(self._derive_fernets)
        self._of_purpose = lru_cache(_PURPOSES_IN_MEMORY)(self._derive_for_purpose)

    def seal(self, plain: str, *, context: str) -> str:
        """The ciphertext of a secret, openable in the same context only."""
        return self._fernets(context)[0].encrypt(plain.encode()).decode()

    def open(self, sealed: str, *, context: str) -> str:
        """The secret in a ciphertext. Raises SealBroken where no key opens it in this context."""
        try:
            return MultiFernet(self._fernets(context)).decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SealBroken("A stored secret does not open with any of BITTERN_SECRET_KEYS.") from None

    def needs_rotation(self, sealed: str, *, context: str) -> bool:
        """Whether a ciphertext is of an older key than the newest. Raises SealBroken where it is of none."""
        try:
            self._fernets(context)[0].decrypt(sealed.encode())
        except InvalidToken:
            self.open(sealed, context=context)
            return True
        return False

    def derived_keys(self, purpose: str) -> tuple[bytes, ...]:
        """Keys for something else than sealing, such as page tokens: one of each master key, newest first."""
        return self._of_purpose(purpose)

    def _derive_for_purpose(self, purpose: str) -> tuple[bytes, ...]:
        return tuple(_derive(key, info=f"bittern/purpose/{purpose}") for key in self._keys)

    def _derive_fernets(self, context: str) -> tuple[Fernet, ...]:
        info = f"bittern/secret/{context}"
        return tuple(Fernet(base64.urlsafe_b64encode(_derive(key, info=info))) for key in self._keys)


def _derive(master: bytes, *, info: str) -> bytes:
    # No salt: the master keys are random already (RFC 5869, section 3.1); `info` separates the uses.
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info.encode()).derive(master)
