"""What our REST client costs over requests alone, and what decoding a page of pull requests costs. One JSON object.

    python -m bench.rest_client [--calls 2000]

All ask the same server on the loopback for the same 1 kB of JSON over one kept connection, in turns, so that noise hits all.
The ratio is to requests that looks at no environment, as ours does; as it comes, it searches proxies and netrc in each call.
The page holds 50 pull requests as the API writes them, with links, reviewers and participants: about 260 kB.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

import requests

from bitbucket.answers import decode
from bitbucket.client import BitbucketClient
from bitbucket.credentials import Bearer
from bitbucket.resources import Page, PullRequest, Repository
from bitbucket.transport import RequestsTransport

UUID = "{aaaaaaaa-0000-4000-8000-0000000000a1}"
REPOSITORY = {"uuid": UUID, "name": "moxie", "slug": "moxie", "is_private": True, "description": "x" * 900}


class Server:
    """Answers every request on a kept connection with the same bytes, as fast as Python can."""

    def __init__(self, body: bytes) -> None:
        self._answer = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        waiting = b""
        while received := connection.recv(65536):
            waiting += received
            while b"\r\n\r\n" in waiting:
                waiting = waiting.partition(b"\r\n\r\n")[2]
                connection.sendall(self._answer)


def user(number: int) -> dict[str, Any]:
    """A user as a pull request tells it."""
    uuid = f"{{dddddddd-0000-4000-8000-{number:012d}}}"
    links = {
        "self": {"href": f"https://api.bitbucket.org/2.0/users/{uuid}"},
        "avatar": {"href": f"https://avatar-management.example/{uuid}/128"},
        "html": {"href": f"https://bitbucket.org/{uuid}/"},
    }
    account_id = f"712020:{number:036d}"
    return {"display_name": f"Person {number}", "links": links, "type": "user", "uuid": uuid, "account_id": account_id}


def pull_request(number: int) -> dict[str, Any]:
    """A pull request with three reviewers, as a list with `+values.reviewers,+values.participants` tells it."""
    address = f"https://api.bitbucket.org/2.0/repositories/alice/moxie/pullrequests/{number}"
    end = {
        "branch": {"name": f"feature/change-{number}"},
        "commit": {"hash": "a" * 12, "type": "commit", "links": {"self": {"href": f"{address}/commit"}}},
        "repository": {"uuid": UUID, "full_name": "alice/moxie", "name": "moxie", "type": "repository"},
    }
    reviewers = [user(number + offset) for offset in (1, 2, 3)]
    participants = [{"type": "participant", "user": one, "role": "REVIEWER", "approved": False} for one in reviewers]
    return {
        "id": number,
        "type": "pullrequest",
        "title": f"Change {number}",
        "state": "OPEN",
        "draft": False,
        "description": "Because it is needed.\n" * 6,
        "summary": {"raw": "Because it is needed.\n" * 6, "type": "rendered", "markup": "markdown"},
        "created_on": "2026-11-01T08:00:00.000000+00:00",
        "updated_on": "2026-11-20T08:00:00.000000+00:00",
        "author": user(number),
        "source": end,
        "destination": end,
        "reviewers": reviewers,
        "participants": participants,
        "comment_count": 3,
        "task_count": 0,
        "links": {name: {"href": f"{address}/{name}"} for name in ("self", "html", "commits", "diff", "comments")},
    }


def microseconds_of(work: Any, calls: int) -> list[float]:  # noqa: ANN401 - any callable
    """How long each of `calls` calls took."""
    taken = []
    for _ in range(calls):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1e6)
    return taken


def compare(calls: int) -> dict[str, float]:
    """Median microseconds of a GET with each client, in turns of 100."""
    url = Server(json.dumps(REPOSITORY).encode()).url
    as_it_comes, session = requests.Session(), requests.Session()
    session.trust_env = False
    for one in (as_it_comes, session):
        one.headers["Authorization"] = "Bearer token"
    transport = RequestsTransport([url])
    client = BitbucketClient(transport, Bearer("token"), api_url=url, now=lambda: datetime.now(UTC))
    works = {
        "requests": lambda: session.get(f"{url}/2.0/repositories/a/b", timeout=(3.05, 20)).json(),
        "as_it_comes": lambda: as_it_comes.get(f"{url}/2.0/repositories/a/b", timeout=(3.05, 20)).json(),
        "client": lambda: client.get("/2.0/repositories/a/b", Repository),
    }
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(calls // 100 + 1):
        for name, work in works.items():
            measured = microseconds_of(work, 100)
            taken[name] += measured if turn else []  # the first turn warms both up
    for one in (as_it_comes, session, transport):
        one.close()
    return {name: statistics.median(times) for name, times in taken.items()}


def decoding() -> dict[str, float]:
    """Size of a page of 50 pull requests, and median milliseconds to decode it."""
    page = json.dumps({"pagelen": 50, "size": 50, "page": 1, "values": [pull_request(n) for n in range(50)]}).encode()
    taken = microseconds_of(lambda: decode(page, Page[PullRequest]), 300)
    plainly = microseconds_of(lambda: json.loads(page), 300)
    return {
        "page_kilobytes": round(len(page) / 1000, 1),
        "decode_ms": round(statistics.median(taken) / 1000, 3),
        "json_loads_ms": round(statistics.median(plainly) / 1000, 3),
    }


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    found = compare(parser.parse_args(arguments).calls)
    result = {
        "requests_us": round(found["requests"], 1),
        "requests_as_it_comes_us": round(found["as_it_comes"], 1),
        "client_us": round(found["client"], 1),
        "ratio": round(found["client"] / found["requests"], 3),
        **decoding(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
