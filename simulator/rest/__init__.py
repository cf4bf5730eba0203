"""REST 2.0 of the simulated Bitbucket; `register_rest` of `simulator.rest.registration` puts it on a Flask app."""
