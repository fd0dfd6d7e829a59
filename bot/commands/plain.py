"""What a sentence without a slash may mean: a word of thanks, a word to somebody else, a command."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.commands.naming import is_one_paper
from bot.commands.reading import is_command, tidy
from bot.commands.request import Verb

_COURTESY = frozenset(
    {
        *("thanks", "thank you", "thanks a lot", "many thanks", "thx", "ty", "ok", "okay", "great", "cool"),
        *("nice", "perfect", "got it", "谢谢", "多谢", "感谢", "好的", "好", "收到"),
    }
)
_GREETINGS = frozenset(
    {
        *("hi", "hey", "hello", "hallo", "good morning", "good afternoon", "good evening"),
        *("你好", "您好", "大家好", "嗨", "哈喽", "早上好", "早安", "下午好", "晚上好"),
    }
)
_GREETED = re.compile(r" (?:bot|paperboy|there|all|everyone|everybody|team|folks)$")
_EMOJI = re.compile(r":[a-z0-9_+'-]+:(?::skin-tone-\d:)?", re.IGNORECASE)
# From the first letter or digit to the last, in one pass over however many marks.
_CORE = re.compile(r"[^\W_](?:.*[^\W_])?", re.DOTALL)
# What begins a question or a wish in English, after a word or two that only lead to it.
_ASKS = re.compile(
    r"(?:(?:so|and|but|ok|okay|well|then|also|hi|hey|hello|yes|no|now|paperboy)[\s,]+){0,3}"
    r"(?:what|whats|who|whom|whose|which|when|where|why|how|is|are|was|were|am|do|does|did|can|could|would|will"
    r"|should|shall|has|have|any|anything|isn|aren|wasn|doesn|don|didn|hasn|haven"
    r"|tell|send|explain|describe|summari[sz]e|list|give|show|compare|define|find|translate|elaborate|expand"
    r"|clarify|outline|count|discuss|sketch|walk|remind|help|please|pls)\b",
    re.IGNORECASE,
)
_WISHES = re.compile(r"\b(?:please|pls|wonder|wondering|curious|paperboy)\b", re.IGNORECASE)
_ASKS_IN_CHINESE = re.compile(
    r"什么|什麼|啥|怎么|怎麼|怎样|怎樣|如何|为何|為何|哪|谁|誰|多少|多大|多长|多久|几[个種种篇倍次层轮]|是否|有没有|有沒有"
    r"|是不是|能不能|可否|能否|何[时處处]|[吗嗎呢么]\s*[。.!！]*$|[请請帮幫]|解释|解釋|说明|說明|总结|總結|概括|介绍|介紹"
    r"|列出|列举|比较|比較|对比|翻译|翻譯|讲讲|讲一下|说说|告诉|告訴"
)
_SOMEBODY = re.compile(r"@[^\W\d_][\w.-]*[\s,:，：]")
_WHAT_IT_CAN = re.compile(
    r"what (?:can|do) you do|what are you|who are you|你(?:能|会|可以)(?:做|干)(?:些)?(?:什么|啥)|你是谁"
)
_NEWS = re.compile(
    r"(?:what(?:['’]s| is|s) new|any(?:thing)? new(?: papers?)?)(?: (?:today|this morning|for (?:me|us)))*"
    r"|今天有(?:什么|啥|哪些)新(?:的|论文|文章)?"
)
_LANGUAGE_WANTED = re.compile(
    r"(?:(?:please|pls|can you|could you) )?(?:explain|translate|summari[sz]e|say)"
    r"(?: (?:it|this|that|(?:the|this) (?:paper|analysis)))? (?:in|into|to) (?P<language>chinese|english)"
    r"(?:,? (?:please|pls))?|请?(?:用|翻译成|翻成)(?P<also>中文|英文)(?:解释|讲|说|总结|介绍)?(?:一下|一遍)?"
)
_NEAR = 6  # words in which a verb is the matter of a sentence
# Names of verbs that stand in most sentences without being one.
_COMMON = frozenset({"about", "more", "ask", "help", "set", "like", "start", "report"})
# Those that are nouns as well: "digest looks good" is no wish.
_NOUNS = frozenset({"digest", "report", "status", "settings", "subscriptions", "saved", "menu"})
_POLITE = frozenset(
    {
        *("please", "pls", "kindly", "hey", "hi", "hello", "can", "could", "would", "will", "you", "i", "we"),
        *("want", "wish", "like", "to", "let", "me", "us"),
    }
)
_BEFORE = re.compile(r"(?:(?:me|us|this channel|to|from|for|the)\s+)+", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:please|pls|thanks|thank you|for me)$", re.IGNORECASE)
_PAUSES = {"pause": "/digest pause 7d", "resume": "/digest resume", "unpause": "/digest resume"}
_NEAR_END = 12  # characters in which a polite word has room
_LONGEST = 200  # characters of a command that is offered


def is_courtesy(text: str) -> bool:
    """Whether it is a word of thanks or of assent, or no word but an emoji, which wants no answer."""
    if is_command(text) or re.search(r"[?？]", text):
        return False
    return _bare(text) in _COURTESY or is_wordless(text)


def is_wordless(text: str) -> bool:
    """Whether there is not a letter or digit in it, beside the names of emoji: "👍", ":tada:", "???"."""
    return bool(tidy(text)) and not is_command(text) and not _bare(text)


def is_greeting(text: str) -> bool:
    """Whether it says hello, and nothing else."""
    return not is_command(text) and _GREETED.sub("", " ".join(_bare(text).split())) in _GREETINGS


def _bare(text: str) -> str:
    """The words in small letters, without emoji and punctuation around them."""
    core = _CORE.search(_EMOJI.sub(" ", tidy(text)))
    return core[0].lower() if core else ""


def is_question(text: str) -> bool:
    """Whether it asks or wants something, rather than being said to those who are there."""
    said = tidy(text)
    if re.search(r"[?？؟]", said) or _WISHES.search(said) or _ASKS_IN_CHINESE.search(said):
        return True
    return _ASKS.match(_bare(text)) is not None


def is_to_somebody(text: str) -> bool:
    """Whether it begins with the name of somebody else: "@Ada what do you think?"."""
    named = _SOMEBODY.match(tidy(text))
    return named is not None and "paperboy" not in named[0].lower()


def asks_what_it_can(text: str) -> bool:
    """Whether it asks what there is to say: "what can you do?"."""
    return not is_command(text) and _WHAT_IT_CAN.fullmatch(_bare(text)) is not None


def asks_for_news(text: str) -> bool:
    """Whether it asks for what the last digest tells: "what's new today?"."""
    return not is_command(text) and _NEWS.fullmatch(_bare(text)) is not None


def language_wanted(text: str) -> str:
    """The language of "explain in Chinese please"; empty where none is wanted."""
    found = None if is_command(text) else _LANGUAGE_WANTED.fullmatch(_bare(text))
    if found is None:
        return ""
    return "zh" if (found["language"] or found["also"]) in ("chinese", "中文") else "en"


def is_paper(text: str) -> bool:
    """Whether it is an identifier or a link and nothing else."""
    return not is_command(text) and is_one_paper(tidy(text))


def asks_to_follow(text: str) -> bool:
    """Whether it is a sentence that wants /subscribe or /unsubscribe: "subscribe to robots please"."""
    if is_command(text):
        return False
    before, name, rest = _parted(text, frozenset({"subscribe", "unsubscribe"}))
    if not name or any(word not in _POLITE for word in before):
        return False
    whole = rest.strip()
    return bool(before) or _BEFORE.match(f"{whole} ") is not None or _without_thanks(whole) != whole


def begins_with_verb(text: str, verbs: Mapping[str, Verb]) -> bool:
    """Whether it begins with what is to be done, maybe after a polite word: "please pause the digest"."""
    offered_ones = (name for name, verb in verbs.items() if not verb.hidden)
    before, name, _ = _parted(text, frozenset((*offered_ones, *_PAUSES)) - _COMMON - _NOUNS)
    return bool(name) and all(word in _POLITE for word in before)


def offered(text: str, verbs: Mapping[str, Verb]) -> str:
    """The command that a sentence may want, where a verb stands near its beginning; empty for none."""
    names = frozenset(name for name, verb in verbs.items() if not verb.hidden) - _COMMON
    if asks_for_news(text):
        return "/digest last"
    _, pause, _ = _parted(text, frozenset(_PAUSES))
    if pause:
        return _PAUSES[pause]
    _, name, rest = _parted(text, names)
    if not name:
        return ""
    verb, words = verbs[name], _without_thanks(_BEFORE.sub("", f"{rest.strip()} ", count=1))
    if not words and verb.takes("") and not verb.changes("") and "<" not in verb.usage:
        return f"/{verb.name}"
    fits = bool(words) and len(words) <= _LONGEST and verb.takes(words)
    return f"/{verb.name} {words}" if fits else verb.examples[0]


def _without_thanks(text: str) -> str:
    """The text without the polite words and the punctuation at its end, in one pass however long they are."""
    while True:
        text = text.rstrip(" \t\n,.!?")
        found = _AFTER.search(text, max(0, len(text) - _NEAR_END))
        if found is None:
            return text
        text = text[: found.start()]


def _parted(text: str, names: frozenset[str]) -> tuple[list[str], str, str]:
    """The words before the first of the names near the beginning, the name, and what follows it."""
    words = tidy(text).split()
    for place, word in enumerate(words[:_NEAR]):
        if word.lower().strip(",.!?:") in names:
            before = [each.lower().strip(",.!?:") for each in words[:place]]
            return before, word.lower().strip(",.!?:"), " ".join(words[place + 1 :])
    return [], "", ""
