"""Codes of the teaching side."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ClassKind(TextChoices):
    MAIN = "main", _("主体班")
    LONG = "long", _("长班次")
    SPECIAL = "special", _("专题班")
    ONLINE = "online", _("网络班")
    JOINT = "joint", _("联合办班")


class AdvisorRole(TextChoices):
    ADVISOR = "advisor", _("班主任")
    ORGANISER = "organiser", _("组织员")


class TrainingKind(TextChoices):
    IN_SCHOOL = "in_school", _("校内专题培训")
    ONLINE = "online", _("网络培训")
    OUTSIDE = "outside", _("外出培训")


class LessonStudyKind(TextChoices):
    GROUP_PREPARATION = "group_preparation", _("集体备课")
    SEMINAR = "seminar", _("集中研讨")
    TRIAL_LECTURE = "trial_lecture", _("课前试讲")


class CourseKind(TextChoices):
    COURSE = "course", _("专题课")
    MICRO_COURSE = "micro_course", _("微党课")


class CourseStep(TextChoices):
    """Gates of the development pipeline, in order."""

    PROPOSED = "proposed", _("选题申报")
    OUTLINE_REVIEWED = "outline_reviewed", _("提纲审定")
    PREPARED = "prepared", _("集体备课")
    SEMINAR_HELD = "seminar_held", _("集中研讨")
    TRIAL_HELD = "trial_held", _("课前试讲")
    IN_USE = "in_use", _("投入使用")
    RETIRED = "retired", _("停用")


class StepResult(TextChoices):
    PASSED = "passed", _("通过")
    SENT_BACK = "sent_back", _("退回修改")
    STOPPED = "stopped", _("终止")


class AwardKind(TextChoices):
    TEACHING_AWARD = "teaching_award", _("优秀教学成果奖")
    EXCELLENT_COURSE = "excellent_course", _("精品课")
    QUALITY_LESSON = "quality_lesson", _("优质课")
    LECTURE_CONTEST = "lecture_contest", _("理论宣讲比赛")


class AwardGrade(TextChoices):
    SPECIAL = "special", _("特等奖")
    FIRST = "first", _("一等奖")
    SECOND = "second", _("二等奖")
    THIRD = "third", _("三等奖")
    EXCELLENT = "excellent", _("优秀")
    SHORTLISTED = "shortlisted", _("入围")


class Occasion(TextChoices):
    STANDING_COMMITTEE = "standing_committee", _("区委常委会会议")
    GOVERNMENT_MEETING = "government_meeting", _("区政府常务会议")
    OTHER = "other", _("其他会议")
