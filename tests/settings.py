"""The settings of a test run: those of an installation that speaks plain HTTP."""

import os

os.environ.setdefault("SANNENG_HTTPS", "0")

from sanneng.config.settings import *  # noqa: F403

# Each run compiles anew: what is tested is the compiler, not what an earlier run left.
CACHES["compiled"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}  # noqa: F405

# Tests log people in without the second factor that their roles need; those about it set it.
SECOND_FACTOR = "off"
# What a test writes without the audit log would not be counted anew.
CACHES["quick"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}  # noqa: F405
# Nor does a run wait for the limits that an earlier one has used up.
CACHES["limits"] = {  # noqa: F405
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "limits",
}
