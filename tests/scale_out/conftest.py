"""What tests of several machines take: a site, the length of the run, figures. They run one after another, in one process."""

from __future__ import annotations

import contextlib
import os

import pytest

from tests.faults.conftest import figures, is_long, seed
from tests.faults.engines import NoRedis
from tests.postgres_cluster import NoPostgres
from tests.scale_out.proxy import NoNginx
from tests.scale_out.site import site

__all__ = ["figures", "is_long", "seed"]


@pytest.fixture(scope="session")
def open_site():
    """`open_site(…)` as a context; skips, or fails where CI=true, without its servers."""

    @contextlib.contextmanager
    def opened(**wishes):
        with contextlib.ExitStack() as stack:
            try:
                made = stack.enter_context(site(**wishes))
            except (NoPostgres, NoRedis, NoNginx) as reason:
                sentence = f"{reason}. Tests of several machines are not run."
                (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(sentence)
            yield made

    return opened
