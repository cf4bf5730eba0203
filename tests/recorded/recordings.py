"""Recordings on disk: one request or body a file, found by folder and name pattern."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

DEFAULT = Path(__file__).parents[3] / "shared" / "bitbucket"


# What every delivery has, and not every recorder kept.
NAME = {"X-Request-UUID": "dddddddd-0000-4000-8000-000000000001"}


@dataclass(frozen=True)
class Recording:
    """One recorded request: `{"headers": …, "payload": …}`, or a bare body without headers."""

    path: Path
    headers: dict[str, str]
    payload: object

    @property
    def body(self) -> bytes:
        """The payload as a body. The recorded bytes are gone; nothing that is signed covers them."""
        return json.dumps(self.payload).encode()

    def headers_of_delivery(self, event_key: str) -> dict[str, str]:
        """The headers of a webhook, with an event and a name where the recorder kept none."""
        headers = self.headers or {"X-Event-Key": event_key}
        return headers if "x-request-uuid" in map(str.lower, headers) else NAME | headers

    @property
    def token(self) -> str | None:
        """The Connect token; None where there is none, or where the recorder left it out (`JWT TBD`)."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if scheme == "JWT" and token.count(".") == 2 else None


def read(path: Path) -> Recording:
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, dict) and content.keys() == {"headers", "payload"}:
        return Recording(path, content["headers"], content["payload"])
    return Recording(path, {}, content)


def find(folder: Path, pattern: str) -> list[Recording]:
    """The recordings whose path below `folder` matches, in a fixed order. Empty where the folder is absent."""
    return [read(path) for path in sorted(folder.glob(pattern))]
