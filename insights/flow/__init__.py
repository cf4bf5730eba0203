"""The figures of the repository page: where the time goes, in windows and weeks."""
