"""Attacks and positive controls, run against real processes: Bittern as the Procfile says, beside the simulator."""
