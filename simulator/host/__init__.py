"""The web pages of the simulated Bitbucket: they look like Bitbucket, embed apps through the real bridge, and act.

Everything that a person would do in a browser: look at a repository, review, merge, push, install an app.
"""
