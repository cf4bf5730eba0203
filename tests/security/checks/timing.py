"""LEK-06: how long a refusal takes does not tell who is known."""

from __future__ import annotations

import http.client
import statistics
import time
from typing import TYPE_CHECKING

from demo.ports import HOST
from tests.security.laboratory import panel_entry

if TYPE_CHECKING:
    from tests.security.laboratory import Laboratory

SAMPLES = 5_000
MOST_RELATIVE = 0.05
MOST_SECONDS = 50e-6


def compare_refusals(laboratory: Laboratory) -> set[str]:
    """The medians of a known tenant's wrong signature and of an unknown tenant's token, asked in turn on one connection."""
    known = _target(laboratory, "A", signer="attacker")
    unknown = _target(laboratory, "X", signer="attacker")
    connection = http.client.HTTPConnection(HOST, laboratory.port, timeout=30)
    seconds: dict[str, list[float]] = {known: [], unknown: []}
    for number in range(SAMPLES):
        for target in (known, unknown) if number % 2 else (unknown, known):
            began = time.perf_counter()
            connection.request("GET", target)
            answer = connection.getresponse()
            answer.read()
            seconds[target].append(time.perf_counter() - began)
            assert answer.status == 401
    connection.close()
    one, other = (statistics.median(seconds[target]) for target in (known, unknown))
    difference = abs(one - other)
    assert difference < MOST_SECONDS or difference < MOST_RELATIVE * min(one, other), (
        f"medians of {one * 1e6:.0f} and {other * 1e6:.0f} us tell them apart"
    )
    return {"difference of medians < 5 % or < 50 us"}


def _target(laboratory: Laboratory, tenant: str, *, signer: str) -> str:
    """Tokens of equal length, so that nothing but the tenant differs."""
    entry = panel_entry(tenant, "A.user_member", signed_with=signer)
    entry["request"]["query"] = [["repo_uuid", "$A.repo_open"], ["user_uuid", "$A.user_member"]]
    longest = max(len(one.client_key) for one in laboratory.cast.tenants.values())
    key = laboratory.cast.tenant(tenant).client_key
    entry["token"]["claims"] |= {"iss": key.ljust(longest, "0") if tenant == "X" else "$A.client_key"}
    entry["token"]["claims"]["aud"] = entry["token"]["claims"]["iss"]
    return laboratory.composer().compose(entry).target
