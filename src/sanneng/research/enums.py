"""Codes of the research side."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ProjectLevel(TextChoices):
    NATIONAL = "national", _("国家级")
    PROVINCIAL = "provincial", _("省级")
    CITY = "city", _("市级")
    DISTRICT = "district", _("区县级")
    SCHOOL = "school", _("校级")


class ProjectGrade(TextChoices):
    EXCELLENT = "excellent", _("优秀")
    GOOD = "good", _("良好")
    PASS = "pass", _("合格")
    FAIL = "fail", _("不合格")


class MemberRole(TextChoices):
    LEAD = "lead", _("主持")
    MEMBER = "member", _("参与")


class OutletKind(TextChoices):
    PUBLIC_JOURNAL = "public_journal", _("公开刊物")
    MEDIA_PLATFORM = "media_platform", _("媒体平台")
    INTERNAL_JOURNAL = "internal_journal", _("内部刊物")
    PROCEEDINGS = "proceedings", _("论文集")


class InstructionNature(TextChoices):
    AFFIRMATIVE = "affirmative", _("肯定性批示")
    READ = "read", _("圈阅")
    FORWARDED = "forwarded", _("转办")
