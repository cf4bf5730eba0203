"""LEK-02: a stolen database opens nothing."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from sqlalchemy import update

from models.installations import Installation
from tests.databases import as_dsn
from tests.security.invariants import spellings
from tests.security.laboratory import panel_entry
from tests.security.stage import rotate

if TYPE_CHECKING:
    from tests.security.laboratory import Laboratory


def search_a_dump(laboratory: Laboratory) -> set[str]:
    """Dump the database, look for secrets; compare two seals of one secret; move a seal to another tenant's row."""
    ledger, cast = laboratory.ledger, laboratory.cast
    key_a, key_b = cast.tenant("A").client_key, cast.tenant("B").client_key
    first = ledger.seals(key_a)[0]
    rotate(laboratory, "A", old="secret", new="secret_new")
    rotate(laboratory, "A", old="secret_new", new="secret")
    again = ledger.seals(key_a)[0]
    assert ledger.secret(key_a) == cast.secret("A.secret")
    assert again != first, "equal secrets have equal seals"

    for text in _dumps(laboratory):
        assert key_a in text, "the dump holds nothing, so this says nothing"
        assert not any(secret in text for secret in spellings(cast.all_secrets())), "a secret stands in the dump"

    ledger.execute(update(Installation).where(Installation.client_key == key_b).values(sealed_secret=again))
    for signer in ("A.secret", "B.secret"):
        answer = laboratory.ask(panel_entry("B", "B.user_member", signed_with=signer))
        assert answer.status in {401, 503}, f"a moved seal opens a panel for {signer}"
    ledger.seal_anew(key_b, cast.secret("B.secret"))
    accepted = laboratory.ask(panel_entry("B", "B.user_member"))
    assert accepted.status == 200, "B is not served with its own seal either, so this says nothing"
    return {
        "0 hits",
        "ciphertexts differ for equal secrets",
        "row moved to another tenant fails to decrypt (AAD = client key)",
    }


def _dumps(laboratory: Laboratory) -> list[str]:
    dumps = [laboratory.ledger.text()]
    dumps += [path.read_bytes().decode("latin-1") for path in laboratory.ledger.files]
    url = laboratory.system.bittern_environment["BITTERN_DATABASE_URL"]
    if url.startswith("postgres") and (program := shutil.which("pg_dump")) is not None:
        done = subprocess.run([program, "--dbname", as_dsn(url)], capture_output=True, check=True)
        dumps.append(done.stdout.decode())
    return dumps
