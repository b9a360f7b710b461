"""PDF of a document by LibreOffice, with free fonts in place of those that the standard names.

GB/T 9704 names licensed fonts, which a server seldom has. Without advice LibreOffice draws all
of them with one sans-serif; the aliases below say which free family stands for each.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _

from sanneng.core.errors import SannengError
from sanneng.reports.gongwen import FANGSONG, HEITI, KAITI, SONGTI, XIAOBIAOSONG

# Tried in order: the licensed family under its other names, Fandol, AR PL, Noto.
_STAND_INS: dict[str, tuple[str, ...]] = {
    FANGSONG: ("仿宋", "FangSong", "FandolFang R", "Noto Serif CJK SC"),
    KAITI: ("楷体", "KaiTi", "FandolKai", "AR PL UKai CN", "AR PL KaitiM GB", "Noto Serif CJK SC"),
    HEITI: ("SimHei", "FandolHei", "Noto Sans CJK SC"),
    SONGTI: ("SimSun", "FandolSong", "AR PL UMing CN", "AR PL SungtiL GB", "Noto Serif CJK SC"),
    XIAOBIAOSONG: ("FZXiaoBiaoSong-B05S", "Noto Serif CJK SC"),
}
# Where Debian's texlive-lang-chinese puts Fandol; fontconfig does not look there by itself.
_FANDOL = "/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol"


def to_pdf(path: Path) -> Path | None:
    """The PDF of ``path`` beside it; None where LibreOffice is not there.

    Raises SannengError when the conversion fails or takes over two minutes.
    """
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        fonts = Path(folder) / "fonts.conf"
        fonts.write_text(font_rules(), encoding="utf-8")
        command = [
            office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore",
            "--convert-to", "pdf", "--outdir", str(path.parent), str(path),
        ]  # fmt: skip
        env = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=120, env=env)  # noqa: S603
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise SannengError(_("转换 PDF 没有成功，请改用 Word 或 WPS 另存。")) from error
    made = path.with_suffix(".pdf")
    return made if made.exists() else None


def font_rules() -> str:
    """A fontconfig file: the machine's own, Fandol, and for each named font its stand-ins."""
    aliases = "".join(
        f'<alias binding="same"><family>{escape(name)}</family><prefer>'
        + "".join(f"<family>{escape(one)}</family>" for one in (name, *families))
        + "</prefer></alias>"
        for name, families in _STAND_INS.items()
    )
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        f"<dir>{_FANDOL}</dir>{aliases}{_BOLD_TITLE}</fontconfig>"
    )


# 小标宋 is a heavy face; what stands for it is drawn bold.
_BOLD_TITLE = (
    f'<match target="pattern"><test name="family"><string>{XIAOBIAOSONG}</string></test>'
    '<edit name="weight" mode="assign"><const>bold</const></edit></match>'
)
