"""Machines restarted and lost under load: no request fails, no acknowledged delivery is lost, work is taken up in ten seconds.

A stopping instance refuses, and nginx asks the next. A lost worker's claims end with their leases.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading

import pytest

from models.inbox import DeliveryState
from tests.faults.books import count, drain
from tests.house_figures import ROOT, tracked_files
from tests.scale_out.busy import busy, check_books, start
from tests.scale_out.loss import lose_in_the_middle

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.only_in_faults]

SHORT_ROUNDS, LONG_ROUNDS = 1, 10
TAKEN_UP_SECONDS = 10.0
DRAIN_SECONDS = 900.0
LEFT_OUT_SECONDS = 3.0
"""Longer than the fail_timeout of deploy/nginx/bittern.conf, of which nginx counts whole seconds: one may take two."""
NEXT = '''"""Another column, as the version after this one may add it."""

import sqlalchemy as sa
from alembic import op

revision = "{number}_from_{ours}"
down_revision = "{head}"
branch_labels = depends_on = None


def upgrade():
    op.add_column("repositories", sa.Column("of_the_next_version", sa.Text()))


def downgrade():
    op.drop_column("repositories", "of_the_next_version")
'''


@pytest.fixture(scope="module")
def next_version(tmp_path_factory):
    """The tree as it is, with one more migration that only adds."""
    from models.schema import head_version

    tree = tmp_path_factory.mktemp("next")
    for path in tracked_files("*"):
        if path.relative_to(ROOT).parts[0] not in {"docs", "tests"}:
            copy = tree / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    ours = head_version()[:4]
    number = f"{int(ours) + 1:04}"
    text = NEXT.format(number=number, ours=ours, head=head_version())
    (tree / f"models/migrations/versions/{number}_next.py").write_text(text)
    return tree


def migrate(site, tree):
    command = [sys.executable, "-m", "flask", "--app", "app", "bittern", "migrate"]
    subprocess.run(command, cwd=tree, env=site.house.environment, check=True, capture_output=True)


@pytest.mark.fault("K6")
def test_a_new_version_is_rolled_out_and_no_request_fails(open_site, next_version, figures, is_long, seed):
    """The schema first, while the old version serves; then one machine after the other, again and again."""
    rounds = LONG_ROUNDS if is_long else SHORT_ROUNDS
    with open_site() as site:
        start(site, history=False)
        with busy(site, seed=seed) as load:
            migrate(site, next_version)
            for _ in range(rounds):
                for machine in site.machines:
                    machine.stop()
                    machine.start(next_version)
                    # As deploy/nginx says: nginx leaves out for a while whoever has refused it.
                    threading.Event().wait(LEFT_OUT_SECONDS)
        drain(site.house, within=DRAIN_SECONDS)
        books = check_books(site, load)
        restarts = rounds * len(site.machines)
        figures.row(
            restarts=restarts, requests=len(load.webhooks.sent) + len(load.views.sent), failed=0, lost=len(books.lost)
        )
        assert count(site.house, DeliveryState.DEAD) == 0
        assert not re.search(r'"level": "error"', site.machines[0].log())


@pytest.mark.fault("K4")
def test_a_worker_machine_is_lost_and_another_takes_up_its_work(open_site, figures, seed):
    with open_site() as site:
        start(site)
        with busy(site, seed=seed) as load:
            loss = lose_in_the_middle(site, site.machines[0].lose_worker)
        drain(site.house, within=DRAIN_SECONDS)
        books = check_books(site, load)
        figures.row(
            claims_lost=loss.claims,
            taken_up_after=f"{loss.seconds:.1f} s",
            requests=len(load.webhooks.sent) + len(load.views.sent),
            failed=0,
            lost=len(books.lost),
        )
        assert loss.seconds < TAKEN_UP_SECONDS
        assert count(site.house, DeliveryState.DEAD) == 0
