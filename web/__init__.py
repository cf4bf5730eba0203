"""For whom: the service's front door. The only package, with app.py, that knows Flask; it holds no rule of the protocol."""
