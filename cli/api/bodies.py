"""What is sent: fields as a query, as JSON, as a form or as a form with files; or a file as it is."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from bitbucket.client import Payload
from cli.api.errors import NotUnderstood
from cli.api.parameters import Field, File, nested

if TYPE_CHECKING:
    from collections.abc import Sequence

JSON: Final = "application/json"


def query_of(fields: Sequence[Field]) -> dict[str, list[str]]:
    """Fields as query parameters, for calls that take no body. Raises NotUnderstood for what no query can say."""
    found: dict[str, list[str]] = {}
    for field in fields:
        if field.subkeys not in {(), ("",)} or isinstance(field.value, File | list) or field.value is None:
            raise NotUnderstood(f"{field.name} cannot be a query parameter.")
        found.setdefault(field.key, []).append(_as_text(field.value))
    return found


def json_of(fields: Sequence[Field]) -> Payload:
    """Fields as one JSON object."""
    return Payload.as_json(nested(fields))


def form_of(fields: Sequence[Field]) -> Payload:
    """Fields as a form, with files where there are any; names in brackets are sent as they were typed."""
    if any(isinstance(field.value, File) for field in fields):
        return _multipart(fields)
    found: dict[str, list[str]] = {}
    for field in fields:
        found.setdefault(field.name, []).append(_as_text(field.value))
    return Payload.as_form(found)


def _multipart(fields: Sequence[Field]) -> Payload:
    boundary = secrets.token_hex(16)
    lines: list[bytes] = []
    for field in fields:
        disposition = f'Content-Disposition: form-data; name="{_quoted(field.name)}"'
        lines.append(f"--{boundary}".encode())
        if isinstance(field.value, File):
            lines += [
                f'{disposition}; filename="{_quoted(field.value.name)}"'.encode(),
                b"Content-Type: application/octet-stream",
            ]
            content = field.value.content
        else:
            lines.append(disposition.encode())
            content = _as_text(field.value).encode()
        lines += [b"", content]
    lines += [f"--{boundary}--".encode(), b""]
    return Payload(b"\r\n".join(lines), f"multipart/form-data; boundary={boundary}")


def _quoted(name: str) -> str:
    """A name in a header of a part, as browsers write it (WHATWG, multipart/form-data encoding)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _as_text(value: Any) -> str:  # noqa: ANN401 - whatever a field may hold
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or value == [] else str(value)
