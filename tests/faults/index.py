"""The faults that Bittern is tried with, each by its id and in a line: `make faults` shows what became of every one.

A test says which it tries with `@pytest.mark.fault("K1")`, wherever it lives; one that tries several names them all.
"""

from __future__ import annotations

FAULTS = {
    "K1": "A web worker is killed while it takes webhooks in",
    "K2": "The whole web server is killed, its master too, and started again",
    "K3": "The install call is killed at each of its statements",
    "K4": "The worker is killed in the middle of a backfill",
    "K5": "A process is killed between what it did outside and the note of it",
    "K6": "A deployment under load: SIGTERM, again and again",
    "P1": "The power fails under SQLite: what was not synced is gone, torn or in another order",
    "P2": "fsync fails once",
    "P3": "The disk is full: database, WAL, log, temporary files",
    "P4": "At the start the database is read-only, its folder missing or not ours to write",
    "P5": "The database is of an older or a newer schema",
    "D1": "Another process keeps SQLite's write lock",
    "D2": "A reader that does not end lets the WAL grow",
    "D3": "SQLite is of a version that can damage a WAL",
    "D4": "PostgreSQL crashes under load and comes back",
    "D5": "Connections to PostgreSQL are cut, stall, or run out",
    "D6": "Transactions collide: serialization failures and deadlocks",
    "D7": "A replica that lags behind",
    "Q1": "Redis is away",
    "Q2": "Redis forgets everything",
    "Q3": "A worker sleeps longer than its lease, and wakes",
    "Q4": "Poison: a job that raises, hangs, eats memory or kills its worker",
    "A1": "Bitbucket rations one tenant and does not say until when",
    "A2": "Bitbucket fails in every other way: errors, hangs, garbled, slow, redirecting, badly certified",
    "A3": "Bitbucket is away for a day",
    "C1": "The clock is wrong, or is put back",
    "W1": "Ten thousand webhooks in one burst",
    "W2": "Webhooks repeated, lost and in any order",
    "W3": "We are away while events happen",
    "W4": "One tenant floods",
    "R1": "Clients that send slowly, on purpose",
    "R2": "Hours of mixed load",
    "R3": "Memory or file descriptors run out",
    "S1": "A life-cycle at random: three tenants, any step in any order",
    "S2": "Noise for everything that reads what others wrote: tokens, hashes, webhooks, queries, settings, filters",
    "S3": "Noise for our JSON routes, drawn from their description",
    "S4": "The database is lost and restored from its backup",
    "S5": "A deletion is asked for with the wrong ids, or for too many",
}
