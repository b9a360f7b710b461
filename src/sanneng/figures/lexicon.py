"""Words by which a number is told from a name, a date or an ordinal. Data, no rules."""

from __future__ import annotations

# Units that are counted. A unit with a leading 个 is listed where people write it so.
UNITS: tuple[str, ...] = tuple(
    """
    人次 场次 期次 班次 件次 台次 架次 家次 户次 批次 车次 篇次 条次 门次 人天 人日 人
    名 位 个 项 篇 部 册 本 份 件 条 家 所 户 期 场 批 轮 门 堂 节 讲 站 支 组 类 种 对 届 款 幅 张
    座 栋 间 台 套 辆 艘 株 棵 枚 起 宗 例 处 首 集 档 封 则 卷 次 课次 队 片 席 床 票 盏 口
    个百分点 百分点 % ‰ 成 倍 元 美元 欧元 岁 周岁
    年 个月 个工作日 工作日 天 周 个星期 小时 个小时 分钟 秒 学时 课时 学分 分
    字 个字 平方米 平方公里 立方米 公里 千米 米 厘米 毫米 亩 公顷 吨 公斤 千克 斤 升 千瓦时 千瓦
    个班次 个班 个村 个点
    """.split()
)
SCALES = ("万亿", "亿", "万", "千万", "百万", "千", "百")
MONEY = frozenset({"元", "美元", "欧元"})
RATIOS = frozenset({"%", "‰", "成", "百分点", "个百分点"})
AGES = frozenset({"岁", "周岁"})
# With a Chinese numeral these units count by themselves; 个, 项, 次 and the rest need a verb.
FIRM_UNITS = frozenset(
    """
    人次 场次 期次 班次 件次 家次 户次 批次 人 名 位 篇 部 册 本 份 家 所 户 期 场 门 堂 节 支 座 台
    套 辆 例 起 宗 首 封 元 岁 周岁 年 个月 天 周 小时 分钟 学时 课时 学分 平方米 公里 米 亩 吨
    个百分点 百分点 个班次 个班 个村 倍 成
    """.split()
)

# After a small Chinese numeral and 个, 项, 大, 类 ... these begin a name or an outline.
SET_NOUNS: tuple[str, ...] = tuple(
    """
    维护 确立 意识 自信 全面 布局 代表 方面 环节 阶段 层面 维度 坚持 必须
    结合 统一 转变 务必 明确 规定 纪律 文明 一体 小家 关口 机制 原则 抓手
    主题 中心 基本 能力 到位 阵地 专题 要求 意见 建议 体会 问题 措施 任务
    工程 行动 计划 重点 关键 突出 聚焦 强化 提升 优先 标准 清单 体系 举措
    做法 特点 亮点 启示 关系 面向 有利于 属性 定位 目标 支柱 理念 主义
    精神 制度 更加 不准 一律 必谈 服务 教育 历史 自我 答案 规律 根本 大局
    基础 作风 主体 先行 月 深刻 善于 不忘 结合 相结合 字 引领 贯通 课堂
    过硬 百年
    """.split()
)
# Before a small Chinese numeral and a loose unit these show that something was counted.
COUNTING = (
    "共|共有|累计|完成|新增|建成|立项|获|获得|荣获|获批|发表|举办|开展|召开|开设|开发|达|达到|有|选派|"
    "招录|引进|遴选|编写|出版|撰写|申报|结项|报送|设立|下设|增加|减少|新建|投入|聘请|邀请|推荐|评选|"
    "成立|组建|制定|出台|修订|派出|收到|征集|解决|办理|其中|分别|各|为|奖|到|至|达成|签订|承担|承办|主办"
)
CHANGES = (
    "同比增长|环比增长|增长|提高|上升|下降|减少|降低|增加|提升|缩短|扩大|回落|下滑|压减|压缩|上涨|下跌|"
    "净增|增|减|多|少|高|低|高出|提前|延长"
)
FALLING = frozenset(
    {"下降", "减少", "降低", "缩短", "回落", "下滑", "压减", "压缩", "减", "下跌", "少", "低"}
)
AVERAGES = "人均|平均|次均|户均|校均|场均|年均|月均|日均|周均|生均|班均"
