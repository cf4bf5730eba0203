"""`python -m tests.mutants [REGEX]`: seeds the mutants whose names match, and ends with an error unless all are caught."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.mutants import connect, models, tenants, web
from tests.mutants.running import run

ROOT = Path(__file__).resolve().parent.parent.parent
ALL = [*connect.ALL, *web.ALL, *models.ALL, *tenants.ALL]


def main(pattern: str) -> int:
    chosen = [mutant for mutant in ALL if re.search(pattern, mutant.name)]
    verdicts = []
    for verdict in run(chosen, root=ROOT):
        verdicts.append(verdict)
        print(f"{verdict.outcome:<10} {verdict.seconds:5.1f} s  {verdict.mutant.name}", flush=True)
    caught = sum(verdict.is_caught for verdict in verdicts)
    print(f"caught / seeded: {caught} / {len(verdicts)}")
    return 0 if verdicts and caught == len(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
