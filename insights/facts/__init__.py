"""The facts that the storage floor keeps and the figures read: what happened in a repository, and when.

Frozen, and cheap by the hundred thousand. Times are aware UTC, accounts are UUIDs, commits are full hashes. No judgement
lives here: who is a bot, which time counts and what is late is said by the insights.
"""
