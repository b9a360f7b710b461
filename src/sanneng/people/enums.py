"""Codes of the people's side. National code tables are named where one exists."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Gender(TextChoices):
    """GB/T 2261.1."""

    UNKNOWN = "0", _("未知")
    MALE = "1", _("男")
    FEMALE = "2", _("女")
    UNSTATED = "9", _("未说明")


class EducationLevel(TextChoices):
    """GB/T 4658."""

    DOCTOR = "11", _("博士研究生")
    MASTER = "14", _("硕士研究生")
    BACHELOR = "20", _("大学本科")
    JUNIOR_COLLEGE = "30", _("大学专科")
    SECONDARY = "40", _("中专")
    HIGH_SCHOOL = "60", _("高中")


class Degree(TextChoices):
    """GB/T 6864; empty means no degree."""

    HONORARY = "1", _("名誉博士")
    DOCTOR = "2", _("博士")
    MASTER = "3", _("硕士")
    BACHELOR = "4", _("学士")


class PoliticalStatusCode(TextChoices):
    """GB/T 4762."""

    PARTY_MEMBER = "01", _("中共党员")
    PROBATIONARY = "02", _("预备党员")
    YOUTH_LEAGUE = "03", _("共青团员")
    KMT_REVOLUTIONARY = "04", _("民革会员")
    DEMOCRATIC_LEAGUE = "05", _("民盟盟员")
    DEMOCRATIC_CONSTRUCTION = "06", _("民建会员")
    PROMOTING_DEMOCRACY = "07", _("民进会员")
    PEASANTS_WORKERS = "08", _("农工党党员")
    ZHIGONG = "09", _("致公党党员")
    JIUSAN = "10", _("九三学社社员")
    TAIWAN_LEAGUE = "11", _("台盟盟员")
    NO_PARTY = "12", _("无党派人士")
    MASSES = "13", _("群众")


class EmploymentKind(TextChoices):
    FULL_TIME_TEACHER = "full_time_teacher", _("专职教师")
    PART_TIME_TEACHER = "part_time_teacher", _("兼职教师")
    ADMINISTRATION = "administration", _("行政管理")
    WORKER = "worker", _("工勤")


class Establishment(TextChoices):
    """编制; somebody with none works for the school without being on its roll."""

    CIVIL = "civil", _("参公")
    INSTITUTION = "institution", _("事业")
    TALENT = "talent", _("人才专项事业编制")
    NONE = "none", _("无本校编制")


class PostClass(TextChoices):
    MANAGEMENT = "management", _("管理岗")
    PROFESSIONAL = "professional", _("专业技术岗")
    WORKER = "worker", _("工勤岗")


class TitleRank(TextChoices):
    SENIOR = "senior", _("正高级")
    ASSOCIATE = "associate", _("副高级")
    INTERMEDIATE = "intermediate", _("中级")
    JUNIOR = "junior", _("初级")


class EntryChannel(TextChoices):
    TALENT_SCHEME = "talent_scheme", _("人才引进计划")
    OPEN_EXAM = "open_exam", _("公开招聘")
    SELECTION = "selection", _("遴选")
    TRANSFER = "transfer", _("调动")
    MILITARY = "military", _("军转安置")


class PostingKind(TextChoices):
    OFFICE_ROTATION = "office_rotation", _("综合股室轮岗")
    STUDY = "study", _("上级党校进修")
    SHADOWING = "shadowing", _("跟班历练")
    SECONDMENT_UP = "secondment_up", _("上挂")
    SECONDMENT_DOWN = "secondment_down", _("下派")
    FIRST_SECRETARY = "first_secretary", _("驻村第一书记")
    VILLAGE_RESIDENT = "village_resident", _("驻村工作队员")
    VILLAGE_IMPROVEMENT = "village_improvement", _("农村面貌改善")
