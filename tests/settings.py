"""The settings of a test run: those of an installation that speaks plain HTTP."""

import os

os.environ.setdefault("SANNENG_HTTPS", "0")

from sanneng.config.settings import *  # noqa: F403

# Each run compiles anew: what is tested is the compiler, not what an earlier run left.
CACHES["compiled"] = CACHES["default"]  # noqa: F405
# Nor does a run wait for the limits that an earlier one has used up.
CACHES["limits"] = {  # noqa: F405
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "limits",
}
