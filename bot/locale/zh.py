"""What commands say in simplified Chinese, by the English sentence."""

from __future__ import annotations

from collections.abc import Mapping

from bot.locale.zh_papers import PAPER_SENTENCES
from bot.locale.zh_slack import SLACK_SENTENCES

SENTENCES: Mapping[str, str] = {
    **PAPER_SENTENCES,
    **SLACK_SENTENCES,
    # Help, and what was not understood
    "Paperboy reads arXiv for you. You can say:": "Paperboy 替您阅读 arXiv。您可以说：",
    "A comma means OR; AND, NOT, “exact words”, word*, author:, title: and cat: narrow a query.": (
        "逗号表示“或”；AND、NOT、“精确词组”、word*、author:、title: 和 cat: 可以缩小范围。"
    ),
    "More on one command: {command}": "查看某个命令的说明：{command}",
    "“{word}” is not a command. Did you mean {near}?": "“{word}”不是命令。您是想说 {near} 吗？",
    "“{word}” is not a command. Try {help} for what there is.": "“{word}”不是命令。{help} 会列出全部命令。",
    "Say what to do. {help} tells what there is.": "请说明要做什么。{help} 会列出全部命令。",
    "{help} tells what else you can say.": "{help} 会列出您还可以说的话。",
    "That is not a command, and there is no paper at hand to ask. Reply to a paper's message, or name "
    "one: {ask}": "这不是命令，眼下也没有可以提问的论文。请回复某篇论文的消息，或写明论文：{ask}",
    "Which paper of this digest? Name one by its number: {ask}": "这一期的哪篇论文？请写明编号：{ask}",
    "Did you mean a command? For example: {command}": "您是想使用命令吗？例如：{command}",
    "That is too long: {n} characters are as many as I read.": "太长了：最多读 {n} 个字符。",
    "You are welcome.": "不客气。",
    "{n} of your requests wait for an answer, and I keep no more of one person. This one is dropped; please "
    "say it again when some are answered.": (
        "您有 {n} 个请求在等待回答，每人最多保留这么多。这一个已放弃，请等前面的答完再说一次。"
    ),
    "Somebody": "有人",
    "you": "您",
    # Hello, the menu and the home page
    "Hello, I am Paperboy.": "您好，我是 Paperboy。",
    " Every day I look through arXiv's {categories} for papers that you ask for, read them whole and tell "
    "what they say, with the page for each claim.": (
        "我每天在 arXiv 的 {categories} 中寻找您要的论文，通读全文，讲清内容，每条结论都注明页码。"
    ),
    "{command} follows papers that say this.": "{command} 订阅含有这些词的论文。",
    "{command} reads one paper, whole.": "{command} 通读一篇论文。",
    "{command} changes the hour, the categories, the language.": "{command} 修改时间、分类和语言。",
    "Once you subscribe, the first digest comes {when}.": "订阅之后的第一期：{when}。",
    "Subscribe to {query}": "订阅 {query}",
    "Explain {paper}": "详解 {paper}",
    "There is {n} subscription here, in {categories}.|There are {n} subscriptions here, in {categories}.": (
        "这里在 {categories} 中有 {n} 条订阅。"
    ),
    "Nothing was fetched from arXiv yet, so there is nothing to look through.": (
        "还没有从 arXiv 取到任何公告，无从预览。"
    ),
    "The digest of {day} listed these titles already; there are no more.": (
        "这些标题在{day}的一期中都已列出，没有更多了。"
    ),
    "Only the abstract was read.": "只读了摘要。",
    "I explain one paper at a time, and left out: {words}": "每次只详解一篇论文，未处理：{words}",
    "“{number}” is not an arXiv identifier; paper {number} of the last digest is #{number}, with the number "
    "sign.": "“{number}”不是 arXiv 编号；上一期的第 {number} 篇要写作 #{number}。",
    "The weekly digest comes on {day}, the last of {days}.": "每周的推送在{day}，即 {days} 的最后一天。",
    "The weekly digest comes on {day}.": "每周的推送在{day}。",
    "Without a model nothing is translated: extracts stay in the language of the paper.": (
        "没有模型就不会翻译：摘录保持论文的原文。"
    ),
    "The words around them stay English.": "其余文字仍为英文。",
    "Analyses are written in it; the words around them stay English.": (
        "分析用该语言撰写，其余文字仍为英文。"
    ),
    "All commands": "全部命令",
    "What would you like to do?": "您想做什么？",
    "Subscriptions": "订阅",
    "Look ahead": "预览下一期",
    "Saved papers": "收藏",
    "Settings": "设置",
    "Status": "状态",
    "Your subscriptions": "您的订阅",
    "Your saved papers": "您的收藏",
    "In {channel}": "{channel} 中",
    "None yet. Write to me: /subscribe vla, vision language action": (
        "还没有。请发送：/subscribe vla, vision language action"
    ),
    "None yet. Press Save under a paper.": "还没有。请点论文下方的“收藏”。",
    "What a channel follows is told there: /subscriptions. What you can say: /help.": (
        "频道的订阅请在频道中查看：/subscriptions。全部命令：/help。"
    ),
    "and {n} more.": "以及另外 {n} 项。",
    # Subscriptions
    "Subscribe to what? For example: /subscribe vla, vision language action": (
        "要订阅什么？例如：/subscribe vla, vision language action"
    ),
    "Subscribed, #{number}: ": "已订阅 #{number}：",
    "You are subscribed to that already, as #{number}: {query}": "已经订阅过了，即 #{number}：{query}",
    "{n} subscriptions are as many as a channel can have; see /unsubscribe": (
        "一个频道最多 {n} 条订阅；请用 /unsubscribe 删去一些"
    ),
    "{who} subscribed to {query}.": "{who} 订阅了 {query}。",
    "No announcements are stored yet, so there is no preview; the first digest will tell.": (
        "还没有公告存档，无法预览；第一期会给出结果。"
    ),
    "The last announcement day|The last {n} announcement days": "最近 {n} 个公告日",
    "{span} had no such paper.": "{span}没有这样的论文。",
    "{span} had {papers}": "{span}有 {papers}",
    "one such paper|{n} such papers": "{n} 篇这样的论文",
    " ({rate} a day)": "（每天 {rate} 篇）",
    ", the best:": "，最相关的是：",
    ":": "：",
    "That is {rate} papers a day: broad.": "每天约 {rate} 篇：范围太宽。",
    " In titles alone it would be {rate} a day.": "若只看标题，每天约 {rate} 篇。",
    " AND, NOT, title: and cat: narrow a query.": "AND、NOT、title: 和 cat: 可以缩小范围。",
    "Did you mean {operators} in capitals? {query}": "{operators} 是否应为大写？{query}",
    "This channel does not watch {categories}: {command}": "本频道没有关注 {categories}：{command}",
    "Words typed together are one phrase. To ask for all of them anywhere: {command}": (
        "连写的词是一个词组。要求各词都出现而不必相连：{command}"
    ),
    "That is the first subscription here. ": "这是这里的第一条订阅。",
    "That is the only subscription here. ": "这是这里唯一的订阅。",
    "A digest analyses {n} paper; of the others it gives the titles.|A digest analyses {n} papers; of the "
    "others it gives the titles.": "每期分析 {n} 篇；其余只列标题。",
    "That query has {n} characters, and I take at most {most}. Try a few short phrases: /subscribe vla, "
    "vision language action": (
        "查询有 {n} 个字符，最多 {most} 个。试试几个短词组：/subscribe vla, vision language action"
    ),
    "“{words}” is a number, not words to look for. To read that paper of the last digest: {command}": (
        "“{words}”是编号，不是要找的词。阅读上一期的这篇论文：{command}"
    ),
    "That is one paper, not words to look for. To read it: {explain}. To follow papers like it: {like}": (
        "这是一篇论文，不是要找的词。阅读它：{explain}；订阅与它相似的论文：{like}"
    ),
    "arXiv has no paper {paper}, so nothing was subscribed; check the number.": (
        "arXiv 上没有论文 {paper}，因此没有订阅；请核对编号。"
    ),
    "Undo": "撤销",
    "Undo #{number}": "撤销 #{number}",
    "Undo all": "全部撤销",
    "Taken back: {n}.": "已恢复 {n} 条。",
    "{who} took back the removal of {queries}.": "{who} 恢复了对 {queries} 的订阅。",
    "Pressed by {who}.": "由 {who} 点按。",
    "There is nothing to take back; /subscribe vla would be a first.": (
        "没有可恢复的订阅；可以先发送 /subscribe vla。"
    ),
    "All words anywhere": "各词不必相连",
    "Titles only": "只看标题",
    "Watch {categories}": "关注 {categories}",
    "Digest now": "立即推送",
    "“{name}:” is a setting of the whole channel, not of one subscription: {command}": (
        "“{name}:”是整个频道的设置，不属于单条订阅：{command}"
    ),
    "Subscriptions have no names of their own; leave out “as:”.": "订阅没有单独的名称；请去掉“as:”。",
    "“{text}” is not an arXiv category; try in:{near}": "“{text}”不是 arXiv 分类；试试 in:{near}",
    "“in:” needs a category; try /subscribe vla in:cs.RO,cs.CV": (
        "“in:”后面要写分类；试试 /subscribe vla in:cs.RO,cs.CV"
    ),
    "“where:{text}” is no place; try /subscribe vla where:title": (
        "没有“where:{text}”；试试 /subscribe vla where:title"
    ),
    "/subscriptions takes no words but mine, such as /subscriptions mine": (
        "/subscriptions 后面只能写 mine，例如 /subscriptions mine"
    ),
    "No subscriptions yet. For example: /subscribe vla, vision language action": (
        "还没有订阅。例如：/subscribe vla, vision language action"
    ),
    "The only one here is somebody else's.|None of the {n} here are yours; /subscriptions lists them.": (
        "这里的 {n} 条订阅都不是您的；/subscriptions 列出它们。"
    ),
    "{n} subscription|{n} subscriptions": "{n} 条订阅",
    "Hits of the last announcement day. |Hits of the last {n} announcement days. ": (
        "以上为最近 {n} 个公告日的匹配数。"
    ),
    "‹ Back": "‹ 上一页",
    "More ›": "下一页 ›",
    "To remove one: {command}": "删去一条：{command}",
    "Remove #{number}": "删去 #{number}",
    "There is nothing to unsubscribe from; /subscribe vla would be a first.": (
        "还没有可以退订的；可先 /subscribe vla"
    ),
    "This removes the only subscription.|This removes all {n} subscriptions.": "将删去全部 {n} 条订阅。",
    "Remove all": "全部删去",
    "Keep them": "保留",
    "Unsubscribed #{number}: ": "已退订 #{number}：",
    "There are no subscriptions left.": "已经没有订阅了。",
    "{who} unsubscribed from {queries}.": "{who} 退订了 {queries}。",
    "Nothing was removed: no subscription is “{what}”. {there}": "没有退订：没有“{what}”这条订阅。{there}",
    "#{number} is removed already.": "#{number} 已经退订了。",
    "There is {named}.|There are {named}.": "现有 {named}。",
    "; and {n} more, see /subscriptions": "；以及另外 {n} 条，见 /subscriptions",
    # The digest
    "Next digest: {when}.": "下一期：{when}。",
    "The next digest comes right away.": "下一期马上就来。",
    "The digest is paused until {when}.": "推送已暂停至{when}。",
    "The digest is paused; /digest resume starts it again.": "推送已暂停；/digest resume 恢复推送。",
    "The digest is paused.": "推送已暂停。",
    "The digest is not paused.": "推送没有暂停。",
    "Paused until {when}. What is announced meanwhile is skipped, but for the latest day.": (
        "已暂停至{when}。期间公告的论文不再推送，最近一天的除外。"
    ),
    "Paused, without an end. What is announced meanwhile is skipped, but for the latest day.": (
        "已暂停，未定期限。期间公告的论文不再推送，最近一天的除外。"
    ),
    "by {who}": "由 {who} 操作",
    "Resume": "恢复",
    "Resumed. ": "已恢复。",
    "{who} paused the digest until {when}.": "{who} 将推送暂停至{when}。",
    "{who} paused the digest.": "{who} 暂停了推送。",
    "{who} resumed the digest.": "{who} 恢复了推送。",
    "There is nothing to look for yet. Start with: /subscribe vla, vision language action": (
        "还没有订阅。请先 /subscribe vla, vision language action"
    ),
    "Making today's digest; it follows when the papers are read.": "正在制作今天的一期；读完论文后送到。",
    "Today's digest is being made already; it follows when the papers are read.": (
        "今天的一期已在制作；读完论文后送到。"
    ),
    "Today's digest was made: {n} paper scanned and none matched. What comes late is told.|Today's digest "
    "was made: {n} papers scanned and none matched. What comes late is told.": (
        "今天的一期已制作：浏览了 {n} 篇论文，没有匹配的。迟到的论文会再推送。"
    ),
    "Today's digest was made and could not be posted.": "今天的一期已制作，但未能发出。",
    "Today's digest is made and on its way.": "今天的一期已制作，正在发送。",
    "Today's digest is out already; papers that come late are added to it.": (
        "今天的一期已经推送；迟到的论文会补充进去。"
    ),
    "Today's digest is out already.": "今天的一期已经推送。",
    "Today's digest is out already; {n} paper since waits for the next one.|"
    "Today's digest is out already; {n} papers since wait for the next one.": (
        "今天的一期已经推送；此后的 {n} 篇论文将在下一期推送。"
    ),
    "Nothing new matches yet; what is announced until then is in today's digest.": (
        "目前还没有新的匹配论文；届时之前公布的论文都会收入今天的一期。"
    ),
    "{n} message that waited comes now.|{n} messages that waited come now.": "{n} 条等待中的消息现在送达。",
    "Show it again": "再看一遍",
    "Nothing new matches yet.": "目前还没有新的匹配论文。",
    "What a digest told of is not told again. ": "推送过的不再推送。",
    "{n} paper would be in the next digest:|{n} papers would be in the next digest:": (
        "下一期将有 {n} 篇论文："
    ),
    "Resumed now, the digest would have {n} paper:|Resumed now, the digest would have {n} papers:": (
        "若现在恢复，推送将有 {n} 篇论文："
    ),
    "and {n} more. ": "以及另外 {n} 篇。",
    "There was no digest yet.": "还没有推送过。",
    "There was no digest on {day}.": "{day} 没有推送。",
    "“{text}” is not a date; try {command} 2026-06-30": "“{text}”不是日期；试试 {command} 2026-06-30",
    "The report of {day}, as Markdown.": "{day}的报告，Markdown 格式。",
    "No digest had papers yet.": "推送中还没有过论文。",
    "The digest of {day} named all its papers; there are no more.": "{day}的一期已列出全部论文，没有更多了。",
    "They are of the digest of {day}.": "以上论文见{day}的一期。",
    "“{words}” is too much: /digest {part} takes nothing after it; try /digest {part}": (
        "“{words}”是多余的：/digest {part} 后面不写内容；请用 /digest {part}"
    ),
    "“{word}” is nothing /digest can do; try /digest now, preview, last, report, status, pause 7d, resume, "
    "time 08:30, days mon-fri or mode weekly.": (
        "/digest 没有“{word}”这个用法；试试 /digest now、preview、last、report、status、pause 7d、resume、"
        "time 08:30、days mon-fri 或 mode weekly。"
    ),
    # Settings
    "Settings of this channel": "本频道的设置",
    "setting": "设置",
    "value": "当前值",
    "to change it, for example": "修改示例",
    "on": "开",
    "off": "关",
    "“{name}” concerns channels with several people; here there are {names}.": (
        "“{name}”只用于多人的频道；这里可用的有 {names}。"
    ),
    "“{name}” is not a setting; there are {names}.": "没有“{name}”这项设置；可用的有 {names}。",
    "{label}: {value}. To change it: {command}": "{label}：{value}。修改：{command}",
    "That is too long for a setting. To change it: {command}": "设置值太长。修改示例：{command}",
    "That would keep you out yourself; ask one of them to set it.": (
        "这样您自己也无权修改了；请由有此权限的人来设置。"
    ),
    "Set:": "已设置：",
    "Today's digest does not come by itself any more.": "今天的一期不再自动推送。",
    "{setting} to {value}": "{setting}改为 {value}",
    "{who} set {changes}.": "{who} 把{changes}。",
    "Time of the digest": "推送时间",
    "the time": "推送时间",
    "Days of the digest": "推送日",
    "the days": "推送日",
    "Time zone": "时区",
    "the time zone": "时区",
    "arXiv categories": "arXiv 分类",
    "the categories": "分类",
    "Language": "语言",
    "the language": "语言",
    "Papers analysed a digest": "每期分析篇数",
    "the cap": "每期分析篇数",
    "Form": "形式",
    "the form": "形式",
    "Revised papers too": "包括修订版",
    "revised papers": "修订版",
    "Digests without papers": "没有论文时也推送",
    "digests without papers": "空日推送",
    "Who may change this": "谁可以修改",
    "who may change this channel": "修改权限",
    "Tell the channel of changes": "在频道中通报修改",
    "telling of changes": "修改通报",
    "Telegram's rich messages": "Telegram 富文本消息",
    "rich messages": "富文本消息",
    "A message a day, a reply for each paper": "每天一条消息，每篇论文一条回复",
    "One message a day": "每天只有一条消息",
    "Once a week, a reply for each paper": "每周一次，每篇论文一条回复",
    "Everyone here": "所有成员",
    "Administrators": "管理员",
    "Whoever created it": "创建者",
    # Status
    "category": "分类",
    "announced": "公告日",
    "what happened": "情况",
    "Nothing was fetched yet.": "还没有获取过公告。",
    "{n} subscription in {categories}.|{n} subscriptions in {categories}.": "{n} 条订阅，分类 {categories}。",
    "The store needs attention: {why}": "数据库需要注意：{why}",
    "The last backup failed: {why}": "最近一次备份失败：{why}",
    "The last backup is of {when}.": "最近一次备份：{when}。",
    "No backup was made yet.": "还没有备份。",
    "Paperboy needs attention": "Paperboy 需要注意",
    "No running Paperboy has looked after this since {when}.": "自 {when}起，没有运行中的 Paperboy 在维护。",
    "No announcement day of arXiv has been complete since {when}; I go on asking.": (
        "自 {when}起，没有任何一个 arXiv 公告日获取完整；我会继续尝试。"
    ),
    "arXiv's announcements arrive again.": "arXiv 的公告又能收到了。",
    "{platform} has not been connected since {when}; I go on trying.": (
        "自 {when}起，{platform} 一直没有连上；我会继续尝试。"
    ),
    "{platform} has taken nothing from me since {when}: {why}": (
        "自 {when}起，{platform} 不再接受我的消息：{why}"
    ),
    "{platform} is connected again.": "{platform} 已重新连上。",
    "Backups are made again.": "备份已恢复正常。",
    "The disk of the store is nearly full: {n} MB are left. Free some space.": (
        "数据库所在磁盘快满了，只剩 {n} MB，请腾出空间。"
    ),
    "The disk of the store has room again.": "数据库所在磁盘又有空间了。",
    "{n} message was refused and given up: {why}|{n} messages were refused and given up, the last because: "
    "{why}": "有 {n} 条消息被拒收而放弃，最近一条的原因：{why}",
    "No message was given up lately.": "近来没有放弃过消息。",
    "Notices do not reach the channel of ADMIN_CHANNEL: {why}": (
        "通知无法送达 ADMIN_CHANNEL 指定的频道：{why}"
    ),
    "Notices reach the channel of ADMIN_CHANNEL again.": "通知又能送达 ADMIN_CHANNEL 指定的频道了。",
    "The store has needed attention since {when}: {why}": "自 {when}起，数据库需要注意：{why}",
    "The store can be read and written again.": "数据库又能正常读写了。",
    "I cannot keep what you said just now. {why} Please say it again then; no digest is lost.": (
        "您刚才说的无法保存。{why} 请在恢复后再说一遍；每期推送都不会丢失。"
    ),
    "I cannot keep what you said just now. {why} I answer it then; no digest is lost.": (
        "您刚才说的无法保存。{why} 恢复后我会回答；每期推送都不会丢失。"
    ),
    "Paused: {because}": "已暂停：{because}",
    "Last digest: {day}, {papers}.": "上一期：{day}，{papers}。",
    "Last digest: {day}, {n} paper scanned and none matched.|Last digest: {day}, {n} papers scanned and none "
    "matched.": "上一期：{day}，已扫描 {n} 篇，没有匹配。",
    "Every message is delivered.": "所有消息均已送达。",
    "{n} message is waiting to be delivered.|{n} messages are waiting to be delivered.": (
        "有 {n} 条消息待送达。"
    ),
    "The model took {tokens} tokens today (UTC){cost}.": "模型今天（UTC）用了 {tokens} 个 token{cost}。",
    "The digest of {day} waits for categories that are late.": "{day}的一期在等尚未更新的分类。",
    "/health is for administrators; /status tells how this channel stands.": (
        "/health 供管理员使用；/status 显示本频道的情况。"
    ),
    "{n} category needs attention|{n} categories need attention": "有 {n} 个分类需要注意",
    "All is well": "一切正常",
    "arXiv was last asked {when}.": "最近一次访问 arXiv：{when}。",
    " reads arXiv for a team. ": " 替团队阅读 arXiv。",
    "Free software under the AGPL-3.0-or-later. Its source: {source}": (
        "自由软件，许可证 AGPL-3.0-or-later。源代码：{source}"
    ),
    "ask whoever runs this Paperboy.": "请向本 Paperboy 的运行者索取。",
    "More: ": "更多：",
    # The summaries of commands
    "Follow papers whose title or abstract says this; shows what it would have found.": (
        "订阅标题或摘要中含有这些词的论文，并预览近日的匹配。"
    ),
    "Stop following; without words, a list to choose from.": "退订；不写内容则列出供选择。",
    "What this channel follows, with recent hits.": "本频道的订阅及近日匹配数。",
    "Today's digest now; a look ahead; the last one again; or its times and form.": (
        "立即推送今天的一期；预览下一期；重看上一期；或修改时间与形式。"
    ),
    "The last digest, or a day's, as a Markdown file.": "上一期或某一天的报告，Markdown 文件。",
    "The papers of the last digest beyond its cap.": "上一期超出篇数上限的论文。",
    "Analyse one paper in depth, with anchors into its text.": "深入分析一篇论文，结论注明原文位置。",
    "Ask a paper; without an identifier, the one last talked about here.": (
        "向论文提问；不写编号则为这里最近谈到的那篇。"
    ),
    "The papers you saved.": "您收藏的论文。",
    "Save a paper for yourself.": "为自己收藏一篇论文。",
    "Papers as a file: BibTeX, CSV or Markdown.": "把论文导出为 BibTeX、CSV 或 Markdown 文件。",
    "This channel's time, days, categories, language and the like.": "本频道的时间、日期、分类、语言等设置。",
    "What arrived, what is late and why, what is due.": "哪些已到、哪些迟到及原因、下一步是什么。",
    "Version, licence, source.": "版本、许可证、源代码。",
    "This list, or one command in full.": "本列表，或某个命令的详细说明。",
}
