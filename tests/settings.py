"""The settings of a test run: those of an installation that speaks plain HTTP."""

import os

os.environ.setdefault("SANNENG_HTTPS", "0")

from sanneng.config.settings import *  # noqa: F403
