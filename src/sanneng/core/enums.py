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
    """What somebody is in a school. One person may be several things at once."""

    TEACHER = "teacher", _("教师")
    TEACHING_OFFICE = "teaching_office", _("教务股室")
    RESEARCH_OFFICE = "research_office", _("科研股室")
    GENERAL_OFFICE = "general_office", _("综合股室")
    # The whole office work of a school too small to part it.
    OFFICE = "office", _("股室人员")
    LEADER = "leader", _("校领导")
    TRAINEE = "trainee", _("学员")
    EXPERT = "expert", _("校外专家")
    SUPERVISOR = "supervisor", _("上级党校")
    # GB/T 22239 wants the work of these three kept apart: none can do another's.
    ADMINISTRATOR = "administrator", _("系统管理员")
    SECURITY = "security", _("安全管理员")
    AUDITOR = "auditor", _("审计员")


class CorrectionState(TextChoices):
    PENDING = "pending", _("待审核")
    APPLIED = "applied", _("已更正")
    REFUSED = "refused", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")


class AuditAction(TextChoices):
    """What an entry of the audit log can be about."""

    CREATE = "create", _("登记")
    EDIT = "edit", _("修改")
    DELETE = "delete", _("删除草稿")
    SUBMIT = "submit", _("提交")
    APPROVE = "approve", _("通过")
    RETURN = "return", _("退回")
    VOID = "void", _("作废")
    REOPEN = "reopen", _("撤销审核")
    PROPOSE = "propose", _("申请更正")
    CORRECT = "correct", _("更正")
    REFUSE = "refuse", _("不同意更正")
    WITHDRAW = "withdraw", _("撤回更正")
    ATTACH = "attach", _("添加佐证")
    DETACH = "detach", _("移除佐证")
    IMPORT = "import", _("导入")
    UNDO = "undo", _("撤销导入")
    EXPORT = "export", _("导出")
    REPORT = "report", _("生成报告")
    FREEZE = "freeze", _("冻结报告")
    LOG_IN = "log_in", _("登录")
    LOG_IN_FAILED = "log_in_failed", _("登录失败")
    LOG_OUT = "log_out", _("退出")
    ACCOUNT = "account", _("账号变动")
    MEMBERSHIP = "membership", _("成员变动")
    SETTINGS = "settings", _("设置变动")
    SHARE = "share", _("外部链接")
    EXTEND = "extend", _("延期")
    BACKUP = "backup", _("备份")
    RESTORE = "restore", _("恢复")


class BatchState(TextChoices):
    APPLIED = "applied", _("已导入")
    UNDONE = "undone", _("已撤销")


class LinkPurpose(TextChoices):
    """What a link to an account is for."""

    INVITE = "invite", _("邀请")
    RESET = "reset", _("重设密码")


class ItemLinkAllows(TextChoices):
    """What somebody without an account may do with the one record that a link shows."""

    READ = "read", _("只看")
    UPLOAD = "upload", _("查看并上传佐证")


class ApiScope(TextChoices):
    """What a token may be used for, within the rights of its user."""

    RECORDS_READ = "records:read", _("读取记录")
    RECORDS_WRITE = "records:write", _("登记、修改和提交记录")
    RECORDS_DECIDE = "records:decide", _("审核记录")
    FIGURES_READ = "figures:read", _("读取指标")
    REPORTS_READ = "reports:read", _("读取报告")
    REPORTS_WRITE = "reports:write", _("生成和冻结报告")
    CHECK = "check", _("核对文稿")
    IMPORT = "import", _("导入和撤销导入")


class JobState(TextChoices):
    QUEUED = "queued", _("排队中")
    RUNNING = "running", _("进行中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("未完成")


class NoticeKind(TextChoices):
    """What people are told about; each can be switched off by whoever receives it."""

    RETURNED = "returned", _("我的记录被退回")
    APPROVED = "approved", _("我的记录通过审核")
    VOIDED = "voided", _("我的记录被作废")
    CORRECTION_PROPOSED = "proposed", _("有更正等我审核")
    CORRECTION_DECIDED = "decided", _("我申请的更正有了结果")
    DEADLINE_SOON = "soon", _("期限将到（提前 7 天和 1 天）")
    DEADLINE_OVERDUE = "overdue", _("期限已过")
    JOB_FAILED = "job_failed", _("后台任务没有完成")
    REPORT_FROZEN = "frozen", _("报告已冻结")
    DIGEST = "digest", _("每周待办汇总（周一，只在有待办时发）")


class ChatKind(TextChoices):
    """Services whose group robots take messages."""

    WECOM = "wecom", _("企业微信")
    DINGTALK = "dingtalk", _("钉钉")
