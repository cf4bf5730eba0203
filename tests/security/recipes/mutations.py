"""What a recipe's `mutate` does to a finished token: one function for each operation, named `operation:argument`."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from tests.security.recipes.errors import NotUnderstood
from tests.security.recipes.values import expand_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.security.recipes.values import Scope

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def mutate(token: str, operation: str, scope: Scope) -> str:
    """The token after one operation; raises NotUnderstood for one that is not known."""
    name, _, argument = operation.partition(":")
    if name not in OPERATIONS:
        raise NotUnderstood("mutation", operation)
    return OPERATIONS[name](token, argument, scope)


def _on_segment(token: str, index: str, change: Callable[[str], str]) -> str:
    segments = token.split(".")
    segments[int(index)] = change(segments[int(index)])
    return ".".join(segments)


def _flip_bit(token: str, argument: str, _scope: Scope) -> str:
    """One bit in the middle of a segment's content, so that the spelling stays canonical."""

    def flip(segment: str) -> str:
        content = bytearray(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
        content[len(content) // 2] ^= 1
        return base64.urlsafe_b64encode(bytes(content)).rstrip(b"=").decode()

    return _on_segment(token, argument, flip)


def _tail_bits(token: str, argument: str, _scope: Scope) -> str:
    """The unused low bits of a segment's last character: another spelling of the same content."""

    def respell(segment: str) -> str:
        if len(segment) % 4 == 0:
            raise NotUnderstood("segment with unused bits", segment[-8:])
        return segment[:-1] + ALPHABET[ALPHABET.index(segment[-1]) ^ 1]

    return _on_segment(token, argument or "2", respell)


def _drop_segment(token: str, argument: str, _scope: Scope) -> str:
    segments = token.split(".")
    del segments[int(argument)]
    return ".".join(segments)


def _standard_alphabet(token: str, _argument: str, _scope: Scope) -> str:
    """`+` and `/` instead of `-` and `_`, in the signature too; the recipe's claims make sure that one occurs."""
    return token.replace("-", "+").replace("_", "/")


def _claim(token: str, argument: str, scope: Scope) -> str:
    """Another value for a claim, under the old signature. `tenant=B` in a session token means whatever names the tenant."""
    name, _, text = argument.partition("=")

    def edit(segment: str) -> str:
        claims = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
        if name == "tenant":
            mine = {tenant.client_key for tenant in scope.cast.tenants.values()}
            other = scope.cast.tenant(text).client_key
            edited = {
                key: other if isinstance(value, str) and value in mine else value for key, value in claims.items()
            }
        else:
            edited = {**claims, name: expand_text(text, scope)}
        if edited == claims:
            raise NotUnderstood("claim to edit", argument)
        return base64.urlsafe_b64encode(json.dumps(edited, separators=(",", ":")).encode()).rstrip(b"=").decode()

    return _on_segment(token, "1", edit)


def _swap(token: str, argument: str, _scope: Scope) -> str:
    first, _, second = (argument or "0,1").partition(",")
    segments = token.split(".")
    segments[int(first)], segments[int(second)] = segments[int(second)], segments[int(first)]
    return ".".join(segments)


OPERATIONS: dict[str, Callable[[str, str, Scope], str]] = {
    "append": lambda token, argument, _: token + argument,
    "prepend": lambda token, argument, _: argument + token,
    "insert": lambda token, argument, _: token[: len(token) // 2] + argument + token[len(token) // 2 :],
    "truncate": lambda token, argument, _: token[: -int(argument or "1")],
    "upper": lambda token, _argument, _scope: token.upper(),
    "lower": lambda token, _argument, _scope: token.lower(),
    "empty_segment": lambda token, argument, _: _on_segment(token, argument, lambda _segment: ""),
    "drop_segment": _drop_segment,
    "swap_segments": _swap,
    "flip_bit": _flip_bit,
    "tail_bits": _tail_bits,
    "std_b64": _standard_alphabet,
    "claim": _claim,
}
