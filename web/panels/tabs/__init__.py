"""The tabs of the repository page: one module a tab, each with its ``TAB``, and what all of them share."""
