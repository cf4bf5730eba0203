"""Tests of the demo: that it starts what the Procfile says, says what happens, and leaves nothing behind."""
