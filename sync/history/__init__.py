"""What becomes of a repository's history when something is told of it, by a webhook, a backfill or a comparison alike.

Everything may be told twice, late and in any order: the rows end up the same. Older never overwrites newer, what is final
stays final, what was deleted stays deleted, and what only ever adds up (sightings, pushes, build reports, verdicts) is added
up. `projection` opens the repository for writing; each other module takes one kind of telling.
"""
