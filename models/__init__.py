"""Storage: the tables and the only queries. Every query takes the installation whose rows it may see.

May import connect/ and bitbucket/ for their value types; knows nothing of Flask, of the queue or of when things happen.
"""
