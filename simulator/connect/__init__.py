"""The Connect half of the simulated Bitbucket: installs apps, signs what it sends them, checks what they send back.

Facts come from ../shared/reference/connect-protocol.md, cited by section; where a section leaves something open, both
readings are a setting in `settings.py`. The query string hash is the third-party `atlassian_jwt` package's.
"""
