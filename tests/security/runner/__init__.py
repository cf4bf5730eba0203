"""Tests of the attack runner itself: a runner that sends something else than the recipe says proves nothing."""
