"""What holds for every test."""

from __future__ import annotations

import os

# boto3 reads profiles, endpoints and proxies from here; no test may depend on the shell it is run from.
for _name in [n for n in os.environ if n.startswith("AWS_") or n.lower().endswith("_proxy")]:
    del os.environ[_name]
