"""`flask bittern api`: any call of the REST API from a shell.

`command` holds the options and the order of things; `address`, `parameters` and `bodies` make a request of what was typed,
`callers` says as whom, `output`, `collections` and `failures` say what came back.
"""
