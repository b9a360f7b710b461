"""What an installation's variables make of the settings, read by a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

PROGRAM = """
import json
from sanneng.config import settings as s
print(json.dumps({
    "cookies": [s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,
                s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE],
    "forms": s.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"],
    "providers": len(s.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]),
    "shared_cache": s.CACHES["default"]["BACKEND"].rsplit(".", 1)[1],
    "site": s.SITE_URL,
}))
"""


def settings_with(tmp_path, **variables):
    env = {
        **os.environ, "SANNENG_HOME": str(tmp_path), "SANNENG_HTTPS": "1",
        "SANNENG_SECRET_KEY": "test-" + "k7Q" * 20, **variables,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=False
    )


def test_cookies_of_a_site_over_https(tmp_path):
    found = json.loads(settings_with(tmp_path, SANNENG_HOSTS="sanneng.example.cn").stdout)
    assert found == {
        "cookies": ["__Host-session", "__Host-csrf", True, True, True, "Lax"],
        "forms": ["'self'"],
        "providers": 0,
        "shared_cache": "DatabaseCache",
        "site": "https://sanneng.example.cn",
    }


def test_single_sign_on_opens_the_way_to_its_provider_alone(tmp_path):
    found = json.loads(
        settings_with(
            tmp_path,
            SANNENG_OIDC_URL="https://sso.example.cn/realms/city",
            SANNENG_OIDC_CLIENT_ID="sanneng",
            SANNENG_OIDC_CLIENT_SECRET="x",
        ).stdout
    )
    assert (found["forms"], found["providers"]) == (["'self'", "https://sso.example.cn"], 1)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SANNENG_OIDC_URL": "https://sso.example.cn"}, "SANNENG_OIDC_CLIENT_ID"),
        ({"SANNENG_IDLE_MINUTES": "soon"}, "SANNENG_IDLE_MINUTES must be a whole number"),
        ({"SANNENG_PASSWORD_POLICY": "none"}, "SANNENG_PASSWORD_POLICY must be one of asvs, mlps"),
        ({"SANNENG_SECOND_FACTOR": "some"}, "SANNENG_SECOND_FACTOR must be one of admins"),
    ],
)
def test_a_value_that_means_nothing_is_refused(tmp_path, variables, said):
    done = settings_with(tmp_path, **variables)
    assert (done.returncode, said in done.stderr) == (1, True)
