"""Codes shared by every kind of record. Values are stored; labels are what users read."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SchoolLevel(TextChoices):
    COUNTRY = "country", _("中央")
    PROVINCE = "province", _("省级")
    CITY = "city", _("市级")
    DISTRICT = "district", _("区县级")


class OrgLevel(TextChoices):
    """Level of an organisation outside the school: a host, an organiser, a medium."""

    CENTRAL = "central", _("中央")
    PROVINCE = "province", _("省级")
    CITY = "city", _("市级")
    DISTRICT = "district", _("区县级")
    TOWN = "town", _("镇街")
    VILLAGE = "village", _("村（社区）")
    SCHOOL = "school", _("校级")


class Ability(TextChoices):
    """The three abilities; every mechanism, record type and indicator belongs to one."""

    TEACH = "teach", _("能教学")
    RESEARCH = "research", _("能科研")
    PEOPLE = "people", _("能管理")


class Mechanism(TextChoices):
    """What carries an ability: three homes, four mechanisms, three gates."""

    THEORIST = "theorist", _("小理论家")
    DOER = "doer", _("小实干家")
    SPEAKER = "speaker", _("小演说家")
    ALL_STAFF = "all_staff", _("全员科研")
    CHALLENGE = "challenge", _("揭榜挂帅")
    COLLABORATION = "collaboration", _("大科研")
    INCENTIVE = "incentive", _("激励考核")
    ENTRY = "entry", _("入口关")
    ROTATION = "rotation", _("历练关")
    GRASSROOTS = "grassroots", _("基层关")
    STRUCTURE = "structure", _("队伍结构")


class RecordState(TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待审核")
    APPROVED = "approved", _("已通过")
    RETURNED = "returned", _("已退回")
    VOIDED = "voided", _("已作废")


class Role(TextChoices):
    TEACHER = "teacher", _("教师")
    OFFICE = "office", _("股室人员")
    LEADER = "leader", _("校领导")
    SUPERVISOR = "supervisor", _("上级党校")
    ADMINISTRATOR = "administrator", _("管理员")


class BatchState(TextChoices):
    APPLIED = "applied", _("已导入")
    UNDONE = "undone", _("已撤销")
