"""Pictures of the product for the documentation, taken of the sample school by the project itself.

``make screenshots`` writes ``docs/images/``: it loads the sample into a folder of its own,
serves it, and walks through it in headless Chromium at desktop and at phone width.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SANNENG = str(ROOT / ".venv/bin/sanneng")
IMAGES = ROOT / "docs/images"
DAY = "as_of=2023-06-30"
PORT = 8765
SITE = f"http://127.0.0.1:{PORT}"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
DRAFT = (
    "2020年以来，共立项省级课题11项，其中4项获评优秀；立项市级课题22项。"
    "在公开刊物发表文章14篇，送教送学400余场次，完成调研项目30个。"
    "揭榜挂帅发榜21项，教职工平均年龄较2019年下降9岁，研究生学历占比27%。"
    "接待兄弟单位来访12批次。"
)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "SANNENG_HOME": folder, "SANNENG_HTTPS": "0"}
        subprocess.run([SANNENG, "demo"], cwd=folder, env=env, check=True, stdout=sys.stderr)
        name, password = (Path(folder) / "demo_passwords").read_text().splitlines()[0].split()
        server = subprocess.Popen([SANNENG, "serve", "--port", str(PORT)], env=env)
        try:
            wait_for_site()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=FLAGS
                )
                for width, suffix in ((1440, ""), (390, "-phone")):
                    page = browser.new_page(
                        viewport={"width": width, "height": 900}, locale="zh-CN"
                    )
                    walk(page, name, password, suffix)
                    page.close()
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for_site() -> None:
    for _turn in range(100):
        try:
            urllib.request.urlopen(f"{SITE}/login/", timeout=5)  # noqa: S310
            return
        except urllib.error.URLError:
            time.sleep(0.2)
    raise SystemExit("the site did not start")


def walk(page: Page, name: str, password: str, suffix: str) -> None:
    page.goto(f"{SITE}/login/")
    take(page, f"login{suffix}")
    page.fill("#id_username", name)
    page.fill("#id_password", password)
    page.click("main button.btn-primary")
    for path, picture in (
        (f"/?{DAY}", "start"),
        (f"/figures/?{DAY}", "dashboard"),
        (f"/enter/teaching.listening/?{DAY}", "entry"),
        (f"/imports/?{DAY}", "imports"),
        (f"/calendar/?{DAY}", "calendar"),
        (f"/indicators/research.projects.provincial/?{DAY}", "indicator"),
        (f"/indicators/people.rotation.newcomers/?{DAY}", "coverage"),
        (f"/records/research.project/?{DAY}", "records"),
    ):
        page.goto(SITE + path)
        take(page, picture + suffix)
    page.goto(f"{SITE}/records/research.project/?level=provincial&grade=excellent&{DAY}")
    page.click("#rows tbody a >> nth=1")
    take(page, f"record{suffix}")
    page.goto(f"{SITE}/reports/?{DAY}")
    page.click("main button.btn-primary")
    take(page, f"report{suffix}")
    page.goto(f"{SITE}/check/?{DAY}")
    page.fill("#text", DRAFT)
    page.click("main button.btn-primary")
    take(page, f"check{suffix}")


def take(page: Page, name: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
