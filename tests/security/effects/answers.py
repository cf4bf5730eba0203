"""Effects that can be seen in the answer itself: content, escaping, headers, time."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import uuid
from typing import TYPE_CHECKING

from tests.security import jobs
from tests.security.effects.registry import effect
from tests.security.laboratory import panel_entry
from tests.security.pages import inline_scripts, page_token_in, script_count, shows_a_state, subresources
from tests.security.recipes.cast import repository_name
from tests.security.recipes.errors import NotUnderstood
from tests.security.recipes.exchanges import Exchange
from tests.security.recipes.tokens import decode_segment

if TYPE_CHECKING:
    from tests.security.performance import Outcome
    from tests.security.recipes.cast import Tenant


@effect("works|treated_as_GET|treated_as_sent_path|flow works with zero cookies")
def it_works(outcome: Outcome) -> None:
    """Not merely a status: a panel shows its content, a webhook is in the inbox."""
    target = outcome.entry["target"]
    for answer in outcome.answers:
        assert 200 <= answer.status < 300, f"status {answer.status}"
        assert answer.header("Set-Cookie") is None
        if target == "panel":
            assert not shows_a_state(answer.text), "the panel shows a state instead of its content"
            assert page_token_in(answer.text)
    if target == "webhook":
        key = outcome.laboratory.cast.tenant("A").client_key
        new = outcome.latest.delivery_counts[key] - outcome.before.delivery_counts[key]
        assert new == len(outcome.answers), f"{new} deliveries were taken in"
    elif target != "panel":
        raise NotUnderstood("working target", target)


@effect(r"answer < (?P<seconds>\d+) s")
def it_answers_in_time(outcome: Outcome, seconds: str) -> None:
    slowest = max(answer.elapsed_seconds for answer in outcome.answers)
    assert slowest < int(seconds), f"it took {slowest:.1f} s"


@effect("no 5xx|same result on SQLite and PostgreSQL")
def no_server_fault(outcome: Outcome) -> None:
    """On both databases: the statuses listed are the same, and the suite runs on each."""
    assert all(answer.status < 500 for answer in outcome.answers)


@effect("rights of user_member only")
def rights_of_the_signed_user(outcome: Outcome) -> None:
    if outcome.answer.status == 200:
        claims = json.loads(decode_segment(page_token_in(outcome.answer.text).split(".")[1]))
        text = json.dumps(claims)
        assert outcome.laboratory.cast.fact("A.user_member") in text
        assert outcome.laboratory.cast.fact("A.user_admin") not in text


@effect(r"no_data_of_(?P<tenant>[A-Z])_in_response")
def no_data_of(outcome: Outcome, tenant: str) -> None:
    for trace in _traces(outcome.laboratory.cast.tenant(tenant)):
        assert all(trace not in answer.whole_text for answer in outcome.answers), "data of another tenant"


def _traces(tenant: Tenant) -> list[str]:
    names = [repository_name(tenant, fact) for fact in tenant.repositories]
    return [tenant.client_key, tenant.workspace_uuid.strip("{}"), tenant.slug, *names]


@effect("no_timing_or_count_hint")
def no_hint(outcome: Outcome) -> None:
    """The answer is, byte for byte, the one for a repository that exists nowhere."""
    if outcome.entry["target"] != "panel":
        return
    nowhere = panel_entry("A", "A.user_member")
    nowhere["request"]["query"][0] = ["repo_uuid", "{" + str(uuid.uuid4()) + "}"]
    answer = outcome.laboratory.ask(nowhere)
    assert (answer.status, answer.body) == (outcome.answer.status, outcome.answer.body)


@effect(r"(?P<text>evil\.test) (?:not in the body|absent from the response and CSP)")
def it_is_absent(outcome: Outcome, text: str) -> None:
    assert all(text not in answer.whole_text for answer in outcome.answers)


@effect("payload only as escaped text|escaped|escaped or sanitised|API-provided html never trusted")
def it_is_escaped(outcome: Outcome) -> None:
    page = outcome.answer.text
    assert "<img src=x" not in page
    assert "alert(1)</script>" not in page
    assert "49" not in html.unescape(page).partition("{{7*7}}")[2][:2]


@effect("no new script element|no inline script without nonce")
def no_new_script(outcome: Outcome) -> None:
    page = outcome.answer.text
    assert inline_scripts(page) == []
    plain = outcome.laboratory.ask(panel_entry("B", "B.user_member"))
    assert script_count(page) == script_count(plain.text)


@effect("CSP frame-ancestors is exactly the allow-list")
def framed_by_bitbucket_only(outcome: Outcome) -> None:
    assert _directive(outcome, "frame-ancestors") == [outcome.laboratory.hosts.site_url]


@effect("frame-ancestors 'none'")
def framed_by_nobody(outcome: Outcome) -> None:
    assert _directive(outcome, "frame-ancestors") == ["'none'"]


def _directive(outcome: Outcome, name: str) -> list[str]:
    policy = outcome.answer.header("Content-Security-Policy") or ""
    directives = [directive.split() for directive in policy.split(";")]
    found = [words[1:] for words in directives if words and words[0] == name]
    assert len(found) == 1, f"{name} stands {len(found)} times in {policy!r}"
    return found[0]


@effect(r"Referrer-Policy in \{(?P<allowed>[a-z,-]+)\}")
def referrer_policy(outcome: Outcome, allowed: str) -> None:
    assert outcome.answer.header("Referrer-Policy") in allowed.split(",")


@effect("no third-party subresource")
def no_third_party(outcome: Outcome) -> None:
    """Only the service itself and the host that frames it, whose bridge every panel needs."""
    allowed = (f"http://127.0.0.1:{outcome.laboratory.port}/", outcome.laboratory.hosts.site_url + "/", "/", "data:")
    assert [address for address in subresources(outcome.answer.text) if not address.startswith(allowed)] == []


@effect("cell starts with a quote")
def no_cell_is_a_formula(outcome: Outcome) -> None:
    """The title that would be one is there, and no cell begins as a formula does; a number may be negative."""
    cells = [cell for row in csv.reader(io.StringIO(outcome.answer.text)) for cell in row]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells), "the title is not in the file, so this says nothing"
    formulas = [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
    assert all(re.fullmatch(r"-?[0-9.]+", cell) for cell in formulas), "a cell is a formula"


@effect("one header line")
def one_header_line(outcome: Outcome) -> None:
    assert outcome.answer.header("Set-Cookie") is None


@effect("second request never reaches the app")
def no_second_request(outcome: Outcome) -> None:
    assert "/pages/configure" not in outcome.laboratory.journal.text
    assert outcome.answer.text.count("HTTP/1.1 ") == 0, "two answers came"


@effect(r"total deadline <= (?P<seconds>\d+) s in request path, <= 60 s in jobs")
def within_the_deadline(outcome: Outcome, seconds: str) -> None:
    """The page, and one of a repository that has to be asked for first; the job's time is measured by the journal."""
    assert outcome.answer.elapsed_seconds <= int(seconds)
    met = jobs.open_page_that_must_ask(outcome.laboratory)
    assert met.elapsed_seconds <= int(seconds), f"{met.elapsed_seconds:.1f} s"
    assert met.status in {200, 502, 503}


@effect(r"honest p99 < (?P<seconds>\d+) s")
def honest_clients_are_served(outcome: Outcome, seconds: str) -> None:
    ordered = sorted(outcome.honest_seconds)
    assert ordered, "no honest request was measured"
    assert ordered[-1] < int(seconds), f"the slowest honest request took {ordered[-1]:.2f} s"


@effect("history.replaceState drops jwt")
def the_address_is_cleaned(outcome: Outcome) -> None:
    """Read in the script that the page loads; that it works in a browser is tested in tests/end_to_end."""
    script = next(address for address in subresources(outcome.answer.text) if "bittern.js" in address)
    answer = outcome.laboratory.send(Exchange("GET", script))
    assert answer.status == 200
    assert 'searchParams.delete("jwt")' in answer.text
    assert "history.replaceState(" in answer.text
