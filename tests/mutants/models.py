"""Mutants of storage: whose rows are whose, what is sealed, what an installation may still do."""

from __future__ import annotations

from tests.mutants.mutant import family

INSTALLATIONS = family(
    "models/installations.py",
    "tests/models/test_installations.py",
    "tests/models/test_claims.py",
    an_unproved_secret_lives_on=(
        "None if installation is None or installation.state is InstallationState.PENDING else installation.sealed_secret",
        "None if installation is None else installation.sealed_secret",
    ),
    quarantine_keeps_the_old_proof=(
        "    row.state = InstallationState.PENDING\n    row.sealed_previous_secret = None\n    row.proven_at = None\n",
        "    row.state = InstallationState.ACTIVE\n    row.sealed_previous_secret = None\n",
    ),
    an_uninstall_leaves_it_active=("    installation.state = InstallationState.UNINSTALLED\n", ""),
    an_uninstall_is_never_purged=("    installation.purge_after = now + retention\n", ""),
    secrets_stand_there_in_clear=(
        "row.sealed_secret = box.seal(offer.secret, context=client_key)",
        "row.sealed_secret = offer.secret",
    ),
    seals_open_in_any_row=(
        "row.sealed_secret = box.seal(offer.secret, context=client_key)",
        'row.sealed_secret = box.seal(offer.secret, context="any")',
    ),
    work_outlives_a_lifecycle_call=(
        "    row.next_attempt_at = row.lease_owner = row.lease_until = None",
        "    row.next_attempt_at = None",
    ),
    a_newer_secret_is_marked_refused=(" & (Installation.sealed_secret == installation.sealed_secret)", ""),
)

ENCRYPTION = family(
    "models/encryption.py",
    "tests/models/test_encryption.py",
    one_key_for_all_tenants=('info = f"bittern/secret/{context}"', 'info = "bittern/secret/"'),
    short_master_keys=("if not keys or any(len(key) < _KEY_BYTES for key in keys):", "if not keys:"),
    one_key_for_all_purposes=('info=f"bittern/purpose/{purpose}"', 'info="bittern/purpose/"'),
)

ENCRYPTION += family(
    "models/encryption.py",
    "tests/models/test_encryption.py",
    page_keys_are_sealing_keys=(
        '_derive(key, info=f"bittern/purpose/{purpose}")',
        '_derive(key, info=f"bittern/secret/{purpose}")',
    ),
)

REPOSITORIES = family(
    "models/repositories.py",
    "tests/models/test_repositories.py",
    "tests/sync/test_events.py",
    found_in_any_installation=(
        "        select(Repository).where(Repository.installation_id == installation.id, Repository.uuid == uuid)\n    )\n",
        "        select(Repository).where(Repository.uuid == uuid)\n    )\n",
    ),
    what_is_gone_is_found=(
        "return row if row is not None and row.state is RepositoryState.HELD else None",
        "return row",
    ),
    a_body_renames=(
        "return RepositoryFacts(self.uuid, self.workspace_uuid, is_private=True if self.is_private else None)",
        "return self",
    ),
    older_news_overwrites=("    if as_of < row.facts_at:\n        return row, False\n", ""),
)

INBOX = family(
    "models/inbox.py",
    "tests/models/test_inbox.py",
    "tests/models/test_claims.py",
    replayed_by_anybody=(
        " Delivery.installation_id == installation.id, Delivery.state == DeliveryState.DEAD\n",
        " Delivery.state == DeliveryState.DEAD\n",
    ),
    letters_of_others=(
        "rows = select(Delivery).where(Delivery.installation_id == installation.id, _IS_DEAD)",
        "rows = select(Delivery).where(_IS_DEAD)",
    ),
    counted_with_those_of_others=(
        "    ours = Delivery.installation_id == installation.id\n",
        "    ours = Delivery.installation_id > 0\n",
    ),
    the_uninstalled_are_served=(
        "        Installation.state == InstallationState.ACTIVE,\n        Installation.id.not_in(passed_over),\n",
        "        Installation.id.not_in(passed_over),\n",
    ),
    duplicates_of_others_count=(
        '_KEY: Final = ("installation_id", "delivery_uuid", "body_sha256")',
        '_KEY: Final = ("installation_id", "delivery_uuid")',
    ),
    turns_do_not_go_round=(".values(served_at=now))", ".values(served_at=Installation.served_at))"),
    what_waits_is_forgotten=(
        "Delivery.id.in_(delivery_ids), Delivery.state != DeliveryState.PENDING)",
        "Delivery.id.in_(delivery_ids))",
    ),
)

PROOFS = family(
    "models/proofs.py",
    "tests/models/test_proofs.py",
    "tests/models/test_claims.py",
    a_proof_of_an_older_secret_counts=("        Installation.lease_owner == claimed.lease_owner,\n", ""),
    proved_though_it_is_uninstalled=(
        "        Installation.lease_owner == claimed.lease_owner,\n        Installation.state == InstallationState.PENDING,\n",
        "        Installation.lease_owner == claimed.lease_owner,\n",
    ),
)

OTHERS = [
    *family(
        "models/purges.py",
        "tests/models/test_purges.py",
        purged_before_its_time=("    Installation.purge_after <= now,\n", ""),
    ),
    *family(
        "models/database.py",
        "tests/models/test_database.py",
        readers_may_write=('"ON" if access == _READ else "OFF"', '"OFF"'),
        parameters_are_logged=('        "hide_parameters": True,', '        "hide_parameters": False,'),
        deleted_bytes_stay=('        cursor.execute("PRAGMA secure_delete=ON")\n', ""),
        acknowledged_before_it_is_on_disk=('"NORMAL" if need_not_wait else "FULL"', '"NORMAL"'),
    ),
    *family(
        "sync/proof.py",
        "tests/sync/test_proof.py",
        an_answer_about_nobody_proves=(
            "    if read(client, claimed.principal_uuid).uuid is None:\n",
            "    if read(client, claimed.principal_uuid) is None:\n",
        ),
    ),
]

KEPT_ANSWERS = [
    *family(
        "models/kept_answers.py",
        "tests/models/test_kept_answers.py",
        "tests/models/test_quick_rows.py",
        kept_whatever_is_committed=("        if head == kept.head:\n", "        if kept.head:\n"),
        kept_in_the_middle_of_a_commit=("        if is_whole(head):\n", "        if head:\n"),
        looked_at_after_the_database_was_asked=(
            "        if is_whole(head):\n",
            "        head = index.head()\n        if is_whole(head):\n",
        ),
        kept_for_one_head_and_found_for_all=(
            "            if head != kept.head or len(kept.made) >= MOST_KEPT:\n",
            "            kept.head = head\n            if len(kept.made) >= MOST_KEPT:\n",
        ),
        kept_without_end=(" or len(kept.made) >= MOST_KEPT:", ":"),
        kept_after_a_dispose=('            self._index, self._kept = None, _Kept(b"")\n', ""),
    ),
    *family(
        "models/wal_index.py",
        "tests/models/test_kept_answers.py",
        locks_are_lost=("        if os.fstat(descriptor).st_nlink == 0:\n", "        if descriptor:\n"),
        files_are_never_let_go=("        _close_nameless()\n", ""),
        one_copy_is_enough=("head[:HEAD_BYTES] == head[HEAD_BYTES:] and ", ""),
        nobody_holds_the_log=("        finalize(self, connection.close)\n", "        connection.close()\n"),
    ),
]

ALL = [*INSTALLATIONS, *ENCRYPTION, *REPOSITORIES, *INBOX, *PROOFS, *KEPT_ANSWERS, *OTHERS]
