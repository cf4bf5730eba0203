"""The nightly comparison: makes our copy of a repository equal to Bitbucket's truth, and counts what no event had told.

`census` lists the repositories of a workspace; `repository` goes through one of them, a page at a time; `wanted` says what has to
be asked afterwards, and follow-ups ask it. A night of a quiet repository costs two calls, and its share of the census.
"""
