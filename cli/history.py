"""Commands about the histories that are read: how far each is, and having them read, again or anew."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Column

from cli.ending import fail
from cli.printing import as_json_option, print_json
from cli.starting import found_or_end, services_or_end
from models import backfills, installations, repositories
from sync.backfill.listing import READS_BACK
from sync.progress import progress_of_installation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, timedelta

    from models.installations import Installation
    from models.repositories import Repository
    from services import Services
    from sync.progress import InstallationProgress
    from sync.progress import Progress as History

LOOK_SECONDS: Final = 1.0


@click.command("status")
@click.argument("client_key", required=False)
@click.option("--watch", is_flag=True, help="Stay until every history is read.")
@as_json_option
def status(*, client_key: str | None, watch: bool, as_json: bool) -> None:
    """Show how far the history of each repository is, and the calls of the hour; of one installation or of all."""
    made = services_or_end()
    if client_key is not None:
        with made.readers() as session:
            found_or_end(installations.by_client_key(session, client_key), client_key)
    if as_json:
        print_json([_described(row, told) for row, told in _progresses(made, client_key)])
    elif watch:
        _watch(made, client_key)
    else:
        console = Console()
        for row, told in _progresses(made, client_key):
            click.echo(_sentence(row, told, now=made.now()))
            console.print(_bars(told, now=made.now()))


@click.command("backfill")
@click.argument("client_key")
@click.option("--repository", "wanted", help="Only this one, by its UUID or by workspace/repository.")
@click.option(
    "--anew", is_flag=True, help="Go through everything from the beginning; only what is missing is asked for."
)
@click.option("--watch", is_flag=True, help="Stay until it is read.")
def backfill(*, client_key: str, wanted: str | None, anew: bool, watch: bool) -> None:
    """Have the histories of an installation's repositories read: what is missing, or everything anew."""
    made = services_or_end()
    with made.sessions.begin() as session:
        installation = found_or_end(installations.by_client_key(session, client_key), client_key)
        if not installation.is_active:
            fail(f"{client_key} is {installation.state}: nothing is read for it.")
        chosen = [one for one in repositories.held(session, installation) if wanted in {None, one.uuid, one.full_name}]
        if not chosen and wanted is not None:
            fail(f"{client_key} has no repository {wanted}.")
        if wanted is None:
            backfills.begin(session, installation, now=made.now())
        read = backfills.restart if anew else backfills.ensure
        for one in chosen:
            read(session, one, since=made.now() - READS_BACK, now=made.now())
    made.wake.backfill(installation.id)
    click.echo(f"{len(chosen)} {'repository is' if len(chosen) == 1 else 'repositories are'} read by the worker.")
    if watch:
        _watch(made, client_key)


def _progresses(made: Services, client_key: str | None) -> Iterator[tuple[Installation, InstallationProgress]]:
    with made.readers() as session:
        for row in installations.every(session):
            if row.is_active and client_key in {None, row.client_key}:
                told = progress_of_installation(
                    session, row, now=made.now(), calls_per_hour=made.settings.calls_per_hour
                )
                yield row, told


def _watch(made: Services, client_key: str | None) -> None:
    pause = threading.Event()  # never set: Ctrl-C ends the watching
    with Live(console=Console(), refresh_per_second=4) as live:
        while True:
            told = list(_progresses(made, client_key))
            live.update(_bars(*(progress for _, progress in told), now=made.now()))
            if all(progress.is_done for _, progress in told):
                return
            pause.wait(LOOK_SECONDS)


def _bars(*told: InstallationProgress, now: datetime) -> Progress:
    bars = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        TextColumn("{task.fields[sentence]}", markup=False, table_column=Column(overflow="fold", no_wrap=False)),
    )
    for progress in told:
        for repository, history in progress.repositories:
            name = repository.full_name or repository.uuid
            sentence = _history(history, now=now)
            bars.add_task(name, total=100, completed=int(100 * history.share), sentence=sentence)
    return bars


def _sentence(row: Installation, told: InstallationProgress, *, now: datetime) -> str:
    usage = told.usage
    calls = f"{usage.used} of {usage.limit} calls this hour"
    listed = "" if told.is_listed else "; its repositories are being listed"
    waits = f"; no call for {shown_span(told.resumes_at - now)} ({told.hindrance})" if told.resumes_at else ""
    return f"{row.principal_name or row.client_key} ({row.client_key}): {calls}{listed}{waits}"


def _history(history: History, *, now: datetime) -> str:
    if history.is_done:
        skipped = f", {history.skipped} things could not be had" if history.skipped else ""
        return f"{history.total:,} pull requests{skipped}"
    stage = history.stage.replace("_", " ")
    counted = f"{history.done:,} of {history.total:,} pull requests, " if history.total else ""
    left = f"about {shown_span(history.eta)}" if history.eta is not None else "waiting for its turn"
    resumes = f", goes on in {shown_span(history.resumes_at - now)}" if history.resumes_at else ""
    trouble = f" [{history.error}]" if history.error else ""
    return f"{counted}{left}{resumes} ({stage}){trouble}"


def shown_span(span: timedelta) -> str:
    """A span for people, in its two largest units; the seconds of a longer one say nothing."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = -(-seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def _described(row: Installation, told: InstallationProgress) -> dict[str, object]:
    return {
        "client_key": row.client_key,
        "is_listed": told.is_listed,
        "calls_used": told.usage.used,
        "calls_per_hour": told.usage.limit,
        "calls_by_purpose": dict(told.usage.by_purpose),
        "resumes_at": told.resumes_at,
        "hindrance": told.hindrance,
        "eta_seconds": _seconds(told.eta),
        "done": told.done,
        "total": told.total,
        "repositories": _repositories(told.repositories),
    }


def _repositories(rows: Sequence[tuple[Repository, History]]) -> list[dict[str, object]]:
    return [
        {
            "repository": repository.full_name or repository.uuid,
            "uuid": repository.uuid,
            "stage": history.stage,
            "done": history.done,
            "total": history.total,
            "share": round(history.share, 4),
            "calls_to_make": history.calls_to_make,
            "eta_seconds": _seconds(history.eta),
            "skipped": history.skipped,
            "error": history.error or "",
        }
        for repository, history in rows
    ]


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds())
