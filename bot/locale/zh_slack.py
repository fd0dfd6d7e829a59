"""What Slack's adapter says in simplified Chinese, by the English sentence."""

from __future__ import annotations

from collections.abc import Mapping

SLACK_SENTENCES: Mapping[str, str] = {
    "Your message was longer than {n} characters; I read the first {n}.": (
        "您的消息超过 {n} 个字符，我只读了前 {n} 个。"
    ),
    "I am not a member of this channel, so no digest can reach it. Please say here: /invite @{bot}": (
        "我不在这个频道里，推送无法送达。请在此输入：/invite @{bot}"
    ),
    "I am not a member of this channel, so only you see this. To let all see it: /invite @{bot}": (
        "我不在这个频道里，所以只有您能看到这条消息。要让所有人看到：/invite @{bot}"
    ),
    "Only you see this. {because}": "只有您能看到这条消息。{because}",
    "{name} could not be uploaded: {why}": "无法上传 {name}：{why}",
    "{name} is in our direct messages.": "{name} 已发到您与我的私信中。",
    "{name}, as you asked in {place}:": "{name}，您在{place}要的：",
    "a channel": "某个频道",
    "{paper} was explained here on {day}. You can go on asking there.": (
        "{paper} 已于{day}在这里详解过，可以在那里继续提问。"
    ),
    "To have it here again: /explain {paper} again": "要在这里再看一遍：/explain {paper} again",
    "{paper} was explained here.": "{paper} 已在这里详解过。",
    "Reading the paper for your answer …": "正在为您的问题阅读论文……",
    "The channel is archived.": "频道已归档。",
    "The channel is deleted.": "频道已删除。",
    "I was removed from this channel. An invitation is enough to go on: /invite @{bot}": (
        "我被移出了这个频道。重新邀请即可继续：/invite @{bot}"
    ),
    "Ask the paper": "向论文提问",
    "Ask": "提问",
    "Save": "保存",
    "Cancel": "取消",
    "Your question": "您的问题",
    "The answer comes in the thread, for all.": "回答会发在消息串中，所有人可见。",
    "Which data was it trained on?": "它用哪些数据训练？",
    "What would you like to know?": "您想知道什么？",
    "For example: {example}": "例如：{example}",
    "Nothing was saved: {fault}": "没有保存：{fault}",
    "There is more: /subscriptions and /saved tell it all.": "更多请见 /subscriptions 和 /saved。",
}
