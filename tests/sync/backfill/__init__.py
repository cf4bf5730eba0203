"""The backfill, beside a simulated Bitbucket."""
