"""One profile for all property tests: the same examples each time, no database of earlier ones, no clock."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A test that fails on one machine in a hundred says little. To search wider: `--hypothesis-profile=default`.
settings.register_profile(
    "steady", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")
