"""Single places of a repository: its branches, a commit, a file. From our own copy; what it lacks is asked for once, then kept."""
