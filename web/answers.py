"""How gunicorn hands an answer to the network: its head together with the first of its body, and no header looked at twice.

By itself gunicorn sends the head, and then the body, and each call of the kernel costs a fifth of what Flask does with a request. And
it reads every header of every answer letter by letter, also those that are the same in all of them.
"""

from collections.abc import Iterable
from typing import Any, Final

from gunicorn.http import wsgi

SETTLED: Final = frozenset(
    {
        *(
            "Cache-Control",
            "Content-Encoding",
            "Content-Security-Policy",
            "Content-Type",
            "Cross-Origin-Resource-Policy",
        ),
        *("Permissions-Policy", "Referrer-Policy", "Strict-Transport-Security", "Vary", "X-Content-Type-Options"),
    }
)
"""Headers that have a few values, all of them ours."""
_MOST_PROVED: Final = 64
_proved: set[tuple[str, str]] = set()


class HeadHeld:
    """In the place of a connection's socket while one answer is written: what is written first waits for what comes next."""

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - a socket; who opens none imports none
        self._connection = connection
        self._head: bytes | None = None

    def sendall(self, piece: bytes) -> None:
        """Send what was held back and this; the first piece is held back."""
        if self._head is None:
            self._head = piece
            return
        head, self._head = self._head, b""
        self._connection.sendall(head + piece if head else piece)

    def let_go(self) -> None:
        """Send what is held back: nothing comes after it, or by another way."""
        if self._head:
            self.sendall(b"")

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a socket has
        return getattr(self._connection, name)


class Answer(wsgi.Response):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's response, written in as few pieces as there are."""

    sock: HeadHeld

    def __init__(self, req: Any, sock: Any, cfg: Any) -> None:  # noqa: ANN401 - gunicorn's own
        super().__init__(req, HeadHeld(sock), cfg)

    def process_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Look at headers, and keep them."""
        for header in headers:
            if header in _proved:
                self.headers.append(header)
                continue
            super().process_headers((header,))
            if header[0] in SETTLED and len(_proved) < _MOST_PROVED:
                _proved.add(header)

    def can_sendfile(self) -> bool:
        """Whether the kernel may send files by itself. There are none: static files are in memory."""
        return False

    def close(self) -> None:
        """End the answer."""
        super().close()
        self.sock.let_go()
