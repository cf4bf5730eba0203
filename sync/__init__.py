"""What the service does with an installation's data, without saying when or for whom: proofs, deliveries, purges, the sweep.

Knows storage and Bitbucket's API; knows neither Flask nor the queue. Everything here may be called twice, late, and at once.
"""
