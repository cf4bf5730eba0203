"""What one look at a repository tells, without any history: Bitbucket's answers as facts, and what follows from them now."""
