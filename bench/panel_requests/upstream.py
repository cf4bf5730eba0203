"""A stand-in for Bitbucket's API that answers everything after 150 ms, as many at a time as ask.

python -m bench.panel_requests.upstream PORT
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Final

ANSWER_SECONDS: Final = 0.15
BODY: Final = json.dumps({"type": "repository", "full_name": "bench/heron"}).encode()
ANSWER: Final = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)) + BODY


async def serve(port: int) -> None:
    """Answer until the process is ended."""
    server = await asyncio.start_server(_answer, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(ANSWER_SECONDS)
            writer.write(ANSWER)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
