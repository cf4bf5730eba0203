"""The history of repositories: one table and its only queries a file, and `facts`, which reads them as the figures want them.

Everything here hangs on a row of `repositories`, which is one installation's: a query that takes it takes the installation.
Pull requests are named by Bitbucket's number within their repository. What a row becomes when something is told of it is
decided in sync/; whoever writes has locked the repository's row before, so that nothing changes between reading and writing.
"""
