"""Run by the Python of .check/venv: the file, line and kind of each secret, of files that are named on standard input.

detect-secrets guesses from entropy and words, too, which finds every hash of a lock; what is used here has no doubt.
"""

import re
import sys
from pathlib import Path

from detect_secrets.core.plugins import initialize
from detect_secrets.settings import transient_settings

_OF = "AWSKey BasicAuth GitHubToken JwtToken Mailchimp Npm SendGrid Slack SquareOAuth Stripe TwilioKey"
NAMES = [f"{kind}Detector" for kind in _OF.split()]

with transient_settings({"plugins_used": [{"name": name} for name in NAMES], "filters_used": []}):
    detectors = [initialize.from_plugin_classname(name) for name in NAMES]
for file in sys.stdin.read().split("\0"):
    if file and Path(file).is_file():
        for number, line in enumerate(Path(file).read_text(errors="replace").splitlines(), 1):
            for detector in detectors:
                if any(detector.analyze_string(line)):
                    print(file, number, detector.secret_type, sep="\t")
            if re.search("-----BEGIN [A-Z ]*PRIVATE KEY", line):  # detect-secrets wants a whole one
                print(file, number, "Private Key", sep="\t")
