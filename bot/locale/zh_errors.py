"""Errors that are worded in English where they are found, in simplified Chinese by their pattern.

A value in braces is taken over as it stands; `{what}` is a sentence of this table itself.
"""

from __future__ import annotations

ERRORS: dict[str, str] = {
    "{what} (at character {place}). Try: {example}": "{what}（第 {place} 个字符处）。试试：{example}",
    # Values of settings
    "no category given; try cs.RO, cs.CV": "没有写分类；试试 cs.RO, cs.CV",
    "“{value}” is an archive, and arXiv is asked category by category; try {some}": (
        "“{value}”是总类，须逐个写分类；试试 {some}"
    ),
    "“{value}” is not an arXiv category; did you mean {near}?": (
        "“{value}”不是 arXiv 分类；您是想写 {near} 吗？"
    ),
    "“{value}” is not an arXiv category; try cs.RO, cs.CV or math.GT": (
        "“{value}”不是 arXiv 分类；试试 cs.RO、cs.CV 或 math.GT"
    ),
    "“{value}” is not a language code; try en, zh-CN, de or ja": (
        "“{value}”不是语言代码；试试 en、zh-CN、de 或 ja"
    ),
    "“{value}” is not a time zone; try Europe/Paris, Asia/Shanghai or UTC": (
        "“{value}”不是时区；试试 Europe/Paris、Asia/Shanghai 或 UTC"
    ),
    "“{value}” is not the name of a time zone; try {near}": "“{value}”不是时区名称；试试 {near}",
    "“{value}” is not a time of day; try 09:00 or 17:30": "“{value}”不是时间；试试 09:00 或 17:30",
    "“{value}” names no days; try mon-fri, daily or mon,wed,fri": (
        "“{value}”不是星期；试试 周一到周五、每天 或 周一,周三,周五"
    ),
    "“{value}” is not a number of papers; try 8 (1 to 100)": "“{value}”不是论文篇数；试试 8（1 到 100）",
    "“{value}” is no mode; try thread, compact or weekly": (
        "没有“{value}”这种形式；试试 thread、compact 或 weekly"
    ),
    "“{value}” is none of the three who may; try members, admins or creator": (
        "没有“{value}”这类人；试试 members、admins 或 creator"
    ),
    "“{value}” is neither on nor off; try on or off": "“{value}”既不是 on 也不是 off；试试 on 或 off",
    "“{value}” is no time to pause; try 7d, 2 weeks or until {example}": (
        "“{value}”不是暂停期限；试试 7d、2 weeks 或 until {example}"
    ),
    "“{value}” is over already; try 7d or until {example}": "“{value}”已经过去；试试 7d 或 until {example}",
    "“{value}” is more than a year; leave it out to pause without an end": (
        "“{value}”超过一年；不写期限即长期暂停"
    ),
    # Who may
    "Only its administrators can change what this channel gets. You can subscribe yourself: write to me in "
    "private.": "只有管理员可以修改本频道的推送。您可以私信我，为自己订阅。",
    "Only whoever created it can change what this channel gets. You can subscribe yourself: write to me in "
    "private.": "只有创建者可以修改本频道的推送。您可以私信我，为自己订阅。",
    # Papers
    "“{value}” is not an arXiv identifier. Try 1911.02782, hep-th/9901001v2 or "
    "https://arxiv.org/abs/1911.02782.": (
        "“{value}”不是 arXiv 编号。试试 1911.02782、hep-th/9901001v2 或 https://arxiv.org/abs/1911.02782"
    ),
    "arXiv has no paper {paper}; check the number.": "arXiv 上没有论文 {paper}；请核对编号。",
    # Queries
    "The query is empty. Try: {example}": "没有写要找的词。试试：{example}",
    "The query has {n} characters; at most {most} are taken. Try a few short phrases: {example}": (
        "查询有 {n} 个字符，最多 {most} 个。试试几个短词组：{example}"
    ),
    "The query begins with a slash: that is a command": "查询以斜线开头：那是命令",
    "The query has no words": "查询里没有词",
    "The query has {n} alternatives, and at most {most} are taken": "查询有 {n} 个选项，最多 {most} 个",
    "The query holds a character that cannot be written, {character}": "查询含有不可书写的字符 {character}",
    "This quotation mark is never closed": "这个引号没有闭合",
    "There is no field “{name}:”; did you mean “{near}:”?": "没有“{name}:”这个字段；您是想写“{near}:”吗？",
    "There is no field “{name}:”; the fields are {names}": "没有“{name}:”这个字段；可用的有 {names}",
    "OR needs a term on both sides": "OR 两边都要有词",
    "AND needs a term on both sides": "AND 两边都要有词",
    "AND needs a term after it": "AND 后面要有词",
    "NOT needs a term after it": "NOT 后面要有词",
    "NOT alone asks for nearly every paper; say what you want as well": (
        "只有 NOT 几乎会匹配所有论文；请同时写要找的词"
    ),
    "This alternative has {n} terms, and at most {most} are taken": "这个选项有 {n} 个词项，最多 {most} 个",
    "“{value}” stands in nearly every paper; say what you want as well": (
        "“{value}”几乎见于所有论文；请同时写要找的词"
    ),
    "“{value}” is both asked for and excluded, so that no paper can match": (
        "“{value}”既要求出现又被排除，不会有论文匹配"
    ),
    "“{name}:” has nothing after it": "“{name}:”后面没有内容",
    "Parentheses do not group; write every alternative out": "括号不能分组；请逐个写出各选项",
    "A phrase of {n} words stands in no abstract; at most {most} are taken": (
        "{n} 个词的词组不会出现在摘要里；最多 {most} 个"
    ),
    "“{word}*” would find too much; at least {least} letters must stand before “*”": (
        "“{word}*”匹配过多；“*”前至少要有 {least} 个字母"
    ),
    "“{value}” is an address, and addresses are not searched": "“{value}”是网址，不能用于查找",
    "There is no word between the quotation marks": "引号之间没有词",
    "“*” needs letters before it": "“*”前面要有字母",
    "“{value}” has no letter or digit": "“{value}”没有字母或数字",
    "“*” can stand only at the end of a phrase": "“*”只能放在词组末尾",
    "“author:” needs a family name": "“author:”后面要写姓",
    "“{value}” is not an arXiv category": "“{value}”不是 arXiv 分类",
    "“{value}” is not an arXiv identifier": "“{value}”不是 arXiv 编号",
}

# Why a channel is paused, as it is stored.
PAUSES: dict[str, str] = {
    "This person has blocked Paperboy; digests go on when they unblock it.": (
        "此人屏蔽了 Paperboy；解除屏蔽后继续推送。"
    ),
    "Paperboy was removed from this chat; add it again, and digests go on.": (
        "Paperboy 被移出了这个聊天；重新加入后继续推送。"
    ),
    "Telegram knows no such chat, or Paperboy is not in it; add it there, and digests go on.": (
        "Telegram 上没有这个聊天，或 Paperboy 不在其中；加入后继续推送。"
    ),
    "Paperboy may not write in this chat; let it send messages there, and digests go on.": (
        "Paperboy 在这个聊天里没有发言权限；允许它发消息后继续推送。"
    ),
    "This chat moved to {to}, which has subscriptions of its own; /subscribe there to what is missing.": (
        "这个聊天已迁移到 {to}，那里已有自己的订阅；缺少的请在那里用 /subscribe 订阅。"
    ),
    "The account or the group of this chat was deleted.": "这个聊天的账号或群组已被删除。",
    "The topic was deleted; /subscribe in another topic or in General.": (
        "话题已被删除；请在其他话题或 General 里发送 /subscribe。"
    ),
    "{what}. To go on: /invite @{bot} in the channel.": "{what}。要继续，请在频道里发送 /invite @{bot}。",
    "{what}. When that is mended: /digest resume there.": "{what}。解决后，请在那里发送 /digest resume。",
    "Slack knows no such channel, or I was removed from it": "Slack 上没有这个频道，或我已被移出",
    "I am not in this channel": "我不在这个频道里",
    "The channel is archived": "频道已归档",
    "Only some people may post in this channel": "这个频道只有部分人可以发言",
    "The app's Messages tab is off (App Home, Show Tabs)": (
        "应用的 Messages 标签页已关闭（App Home 的 Show Tabs）"
    ),
    "A bot cannot be written to": "无法给机器人发消息",
    "The person left the workspace": "此人已离开工作区",
    "This channel is in the Slack workspace {team}; SLACK_BOT_TOKEN is of {ours}.": (
        "这个频道属于 Slack 工作区 {team}，而 SLACK_BOT_TOKEN 属于 {ours}。"
    ),
}

# Why a platform takes nothing from us.
REFUSALS: dict[str, str] = {
    "Slack does not know the token in {setting}: copy it again, {what}.": (
        "Slack 不认识 {setting} 里的令牌：请重新复制{what}。"
    ),
    "The token in {setting} is revoked or expired: make a new one, {what}.": (
        "{setting} 里的令牌已被吊销或已过期：请换成新的{what}。"
    ),
    "The Slack app of {setting} is uninstalled, or its workspace is gone: install it again and copy the new "
    "token, {what}.": "{setting} 所属的 Slack 应用已被卸载，或工作区已不存在：请重新安装，并复制新的{what}。",
    "{setting} holds a token of another kind: it takes {what}.": "{setting} 里是别种令牌：应为{what}。",
    "The token in {setting} lacks the scope {scope}: it takes {what}.": (
        "{setting} 里的令牌缺少权限 {scope}：应为{what}。"
    ),
    "Socket Mode is off for the app: turn it on at {page}, Socket Mode.": (
        "应用的 Socket Mode 已关闭：请到 {page} 的 Socket Mode 页面打开。"
    ),
    "Slack refused the token in {setting} ({error}); it takes {what}.": (
        "Slack 拒绝 {setting} 里的令牌（{error}）；应为{what}。"
    ),
    "the Bot User OAuth Token (xoxb-…) on the app's page OAuth & Permissions, https://api.slack.com/apps": (
        "应用的 OAuth & Permissions 页面上的 Bot User OAuth Token（xoxb-…），见 https://api.slack.com/apps"
    ),
    "an App-Level Token (xapp-…) with connections:write, Basic Information at https://api.slack.com/apps": (
        "带 connections:write 的 App-Level Token（xapp-…），见 https://api.slack.com/apps "
        "的 Basic Information"
    ),
    "Telegram does not accept TELEGRAM_BOT_TOKEN; copy it again from @BotFather: /mybots, then API Token.": (
        "Telegram 不接受 TELEGRAM_BOT_TOKEN；请向 @BotFather 重新复制：/mybots，再选 API Token。"
    ),
}
