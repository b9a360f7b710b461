"""Words by which a number is told from a name, a date or an ordinal. Data, no rules."""

from __future__ import annotations

# Units that are counted, the longest of those that fit is taken.
UNITS: tuple[str, ...] = tuple(
    """
    人次 场次 期次 班次 件次 台次 架次 家次 户次 批次 车次 篇次 条次 节次 师次 组次 例次
    剂次 航次 频次 门次 册次 天次 人天 人日 人月 人年 人份 课次 人 名 位 个 项 篇 部 册
    本 份 件 条 家 所 户 期 场 批 轮 门 堂 节 讲 站 支 组 类 种 对 届 款 幅 张 座
    栋 幢 间 台 套 辆 艘 架 株 棵 枚 起 宗 例 处 首 集 档 封 则 卷 次 队 片 席 床
    票 盏 口 趟 遍 餐 桌 只 头 羽 尾 匹 粒 块 根 面 箱 袋 瓶 包 桶 股 眼 剂 幕 桩
    单 笔 趟次 道题 道 步 级台阶 标段 床位 个百分点 百分点 个千分点 千分点 % ‰ 成 倍 番
    元 美元 欧元 港元 英镑 日元 年 个月 个多月 个半月 个工作日 工作日 天 周 个星期 个多星期
    小时 个小时 个多小时 个半小时 分钟 秒 学时 课时 学分 分 个学期 学期 个季度 岁 周岁 万字
    字 个字 平方米 平方公里 平方千米 立方米 公里 千米 米 厘米 毫米 亩 公顷 吨标准煤 吨 公斤
    千克 微克 毫克 克 斤 升 毫升 千瓦时 千瓦 兆瓦 度电 ㎡ m² km² km kg TB GB
    MB ℃ 分贝 千伏安 千伏 把 m3 m2 m³
    """.split()
)
SCALES = ("万亿", "亿", "千万", "百万", "万", "千", "百")
MONEY = frozenset({"元", "美元", "欧元", "港元", "英镑", "日元"})
POINTS = frozenset({"百分点", "个百分点", "千分点", "个千分点"})
RATIOS = frozenset({"%", "‰", "成"}) | POINTS
# What is stated in money, also where 元 is left out: 完成投资3737万.
FUNDS = (
    "投资|收入|利润|余额|贷款|资金|产值|税收|支出|营收|销售额|总值|增加值|补助|经费|造价|债务|存款"
)
AGES = frozenset({"岁", "周岁"})
# With a Chinese numeral these units count by themselves; 个, 项, 次 and the rest need a verb.
FIRM_UNITS = frozenset(
    """
    人次 场次 期次 班次 件次 家次 户次 批次 人 名 位 篇 部 册 本 份 家 所 户 期 场 门 堂 节 支 座
    台 栋 幢 间 套 辆 例 起 宗 首 封 笔 元 岁 周岁 年 个月 个多月 个半月 天 周 个小时 小时 分钟
    学时 课时 学分 平方米 公里 米 亩 吨 个百分点 百分点 个学期 倍 成 番
    """.split()
)
# Before 年 these make it a length (学制三年), not the time in which something happened.
LENGTHS = (
    "学制|为期|历时|任期|聘期|服务期限?|期限|试用期|保质期|有效期|工龄|教龄|党龄|工作经历|工作|从教|从业|"
    "质保期|保修期|合同期|工期|服务期|培养期|建设期|考察期|见习期|管护期|任教|任职|挂职|锻炼|驻村|支教|满|达到?|缩短|延长|提前|推迟|平均|年限|寿命|周期|服务|坚守|扎根"
)
LENGTHS_AFTER = (
    "(?:办学|教学|从教|从业|建校|工作|建设)?(?:历史|经验)|教龄|工龄|党龄|(?:基层)?工作经[历验]|"
    "经历|有期徒刑|任期|学制|期限|以上|及以上"
)  # After a small Chinese numeral and 个, 项, 大, 类 ... these begin a name or an outline.
SET_NOUNS: tuple[str, ...] = tuple(
    """
    维护 确立 意识 自信 全面 布局 代表 方面 环节 阶段 层面 维度 坚持 必须 结合 统一 转变 务必 明确
    规定 纪律 文明 一体 小家 关口 机制 原则 抓手 主题 中心 基本 能力 到位 阵地 专题 要求 意见 建议
    体会 问题 措施 任务 工程 行动 计划 重点 关键 突出 聚焦 强化 提升 优先 标准 清单 体系 举措 做法
    特点 亮点 启示 关系 面向 有利于 属性 定位 目标 支柱 理念 主义 精神 制度 更加 不准 一律 必谈
    服务 教育 历史 自我 答案 规律 根本 大局 基础 作风 主体 先行 月 深刻 善于 不忘 相结合 字 引领
    贯通 课堂 过硬 百年 有之 摆进去 联动 联系 覆盖 同步 不 没有 好 抓 看 来自 队伍建设 在于 之 为
    """.split()
)
# What a small Chinese numeral and 个 or 项 counts even without a verb: things that exist.
CONCRETE = (
    "[\u4e00-\u9fff]{2,4}(?:村|县|乡镇|单位|企业|部门|项目)|乡镇|镇街|街道|乡|镇|村|社区|科室|处室|部门|单位|学校|学院|支部|党支部|小组|教研室|党组织|"
    "项目|课题|基地|案例|案件|县|区|市|省|企业|家庭|岗位|名额|学科|专业|班级|教学点|会场|分论坛|"
    "班次|班|点|调研组|工作组|宣讲团|团队|奖项|一等奖|二等奖|三等奖|教室|会议室|展厅|门类|子课题|省区市|国家"
)
# Before a small Chinese numeral and a loose unit these show that something was counted.
COUNTING = (
    "共|共有|累计|完成|新增|建成|立项|获|获得|荣获|获批|发表|举办|开展|召开|开设|开发|达|达到|有|选派|"
    "招录|引进|遴选|编写|出版|撰写|申报|结项|报送|设立|下设|增加|减少|新建|投入|聘请|邀请|推荐|评选|"
    "成立|组建|制定|出台|修订|派出|收到|征集|解决|办理|其中|分别|各|为|奖|到|至|达成|签订|承担|承办|主办|"
    "剩余|剩|还有|尚有|另有|尚余|共计|合计|等|仅|只有|不少于|至少|先后|设|含|包括|涉及|覆盖|走访|赴|近|约|逾|超|超过|组织|赠送|捐赠|采纳|接待|"
    "排查|化解|查处|通过|打造|培育|创建|评为|入选|提交|形成|转化|拍摄|制作|录制|推出|开办|增设"
)
# After these even one is a count: 选派一名干部; after others 一 is an article (一名党员).
COUNTING_ONE = "选派|引进|招录|录用|聘请|新增|获批|发表|出版|立项|举办|新建|共|仅|只有|增加|减少|各"
ONE_UNITS = frozenset("名 位 篇 部 项 期 所 家 人 场 辆 栋 座 间".split())
# Measures that were taken are counted (出台五项措施), though the same words often make a name.
COUNTING_SETS = "出台|制定|推出|修订|新增|解决|收到|征集|采纳|梳理|排查出?|整改|提交|征求到?"
CHANGES = (
    "增幅|降幅|涨幅|同比增长|增长幅度|上涨幅度|下降幅度|环比增长|增长|提高|上升|下降|减少|降低|增加|提升|缩短|扩大|回落|下滑|压减|压缩|上涨|下跌|"
    "净增|增|减|多|少|高|低|高出|提前|延长|增长率|增速|翻|增产|减产|加快|放缓|收窄|快于|慢于|高于|低于"
)
FALLING = frozenset(
    "下降 减少 降低 缩短 回落 下滑 压减 压缩 减 下跌 少 低 降幅 减产 放缓 收窄 慢于 低于".split()
)


def falls(words: str) -> bool:
    """Whether ``words`` before a figure say that something went down."""
    return any(word in words[-8:] for word in FALLING if len(word) > 1)


AVERAGES = "人均|平均|次均|户均|校均|场均|年均|月均|日均|周均|生均|班均|师均|村均"
# Table headings that name their unit without brackets.
HEADINGS = {
    "人数": "人", "人次": "人次", "人次数": "人次", "期数": "期", "班次": "期", "班次数": "期",
    "次数": "次", "场次": "场", "篇数": "篇", "项数": "项", "学时": "学时", "课时": "课时",
    "学时数": "学时", "课时数": "课时", "件数": "件", "户数": "户", "天数": "天", "年龄": "岁",
    "平均年龄": "岁", "平均分": "分", "得分": "分", "分值": "分", "教师数": "人", "学员数": "人",
    "学生数": "人", "职工数": "人", "课题数": "项", "项目数": "项", "论文数": "篇",
}  # fmt: skip
