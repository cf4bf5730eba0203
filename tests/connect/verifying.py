"""The request that the tokens of these tests are for, and the short ways to ask what becomes of a token."""

from __future__ import annotations

import pytest

from connect.errors import TokenRefused
from connect.tokens import InboundToken, verify_inbound
from tests.connect.cast import ALICE_KEY, NOW, SECRET, claims_for, sign

REQUEST = {"method": "POST", "target": "/connect/webhook", "base_path": ""}
CANONICAL = "POST&/connect/webhook&"


def verify(token, *, secret=SECRET, client_key=ALICE_KEY, now=NOW, **request):
    return verify_inbound(token, client_key=client_key, secret=secret, now=now, **(REQUEST | request))


def refusal(token, **arguments) -> str:
    with pytest.raises(TokenRefused) as caught:
        verify(token, **arguments)
    return caught.value.reason


def accepted(**changes) -> InboundToken:
    return verify(sign(claims_for(CANONICAL, **changes)))


def refused_with(**changes) -> str:
    return refusal(sign(claims_for(CANONICAL, **changes)))
