"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# boto3 reads profiles, endpoints and proxies from here; no test may depend on the shell it is run from.
for _name in [n for n in os.environ if n.startswith("AWS_") or n.lower().endswith("_proxy")]:
    del os.environ[_name]

# Property tests look at the same examples in every run: a red one is red on every machine.
settings.register_profile(
    "project", deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")
