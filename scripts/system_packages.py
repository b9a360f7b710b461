"""Install what some tests use beside Python packages: a browser, LibreOffice, PDF tools, fonts.

Only where it can be done quietly (Debian or Ubuntu, as root). Elsewhere each test that needs
one of them is skipped, and says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

WANTED = {
    "chromium": "chromium",
    "soffice": "libreoffice-writer-nogui",
    "pdftotext": "poppler-utils",
}
FONTS = "fonts-noto-cjk"


def main() -> None:
    packages = [package for command, package in WANTED.items() if not shutil.which(command)]
    if not has_chinese_font():
        packages += [FONTS, "fontconfig"]
    if not packages:
        return
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        print(f"NOT INSTALLED: {', '.join(packages)}. Tests that need them will be SKIPPED.")
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-qq"], install):
        done = subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            print(f"NOT INSTALLED: {' '.join(command)} failed. Tests will be SKIPPED.")
            sys.exit(0)


def has_chinese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    found = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


if __name__ == "__main__":
    main()
