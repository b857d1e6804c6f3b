"""Property tests look at the same examples in every run: a red one is red on every machine."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "project", deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")
