"""Sentences that give orders to whoever summarises, reviews or answers, in what a reader can see.

Visible wording of that kind proves nothing (papers about such attacks print it), so it warns nobody; but no
claim rests on it, and words that only it says are not repeated.
"""

from __future__ import annotations

import re

from digest.reading.wording import is_instruction

_WORDS = {
    "OUTPUT": "(?:summar(?:y|ies)|reviews?|answers?|outputs?|responses?|repl(?:y|ies)|analys[ie]s|reports?"
    "|digests?|tl;?dr|messages?|posts?)",
    "TELL": r"(?:includ\w*|insert\w*|append\w*|prepend\w*|add|embed|output|print|write|say|state|repeat"
    "|mention|begin|start|end|finish|conclude|respond|repl(?:y|ies)|answer|translate|post|send|tag|ping"
    "|notify|visit|click|link|recommend|use|put|emit|return|display|show)",
    "MUST": "(?:must|should|shall|has to|needs? to|will|is to)",
    "IGNORE": "(?:ignore|disregard|forget|override|bypass|discard)",
    "BEFORE": "(?:above|previous|prior|earlier|preceding|instructions?|rules|prompts?|everything|task)",
    "POLITE": r"(?:(?:please|now|instead|also|then|always|only|first|just),? )*",
    "ODD": r"""(?::|["“‘'`@]|\b[A-Z]{4,}\b|\b\w*[A-Za-z]-?\d|https?:|\bwww\.)""",
}
_PHRASES = (
    r"\bTELL\b[^.!?]{0,80}\b(?:in|to|of|with|into|from|for) (?:your|its|every|any|all your) OUTPUT\b",
    r"\b(?:your|the model['’]s) OUTPUT\b[^.!?]{0,40}\bMUST\b",
    r"\b(?:begin|start|end|finish|open|close) (?:your|every|each|all|the) (?:\w+ ){0,2}OUTPUT (?:with|by)\b",
    r"^\W*POLITETELL\b(?: \w+){0,6}? ?(?-i:ODD)",
    r"\bIGNORE\b[^.!?]{0,30}\bBEFORE\b",
    r"@(?:everyone|channel|here|all)\b|<!?(?:channel|here|everyone)>|@(?:所有人|全体成员)",
    r"<\|[a-z_]+\|>|\[/?INST\]|^\W*(?:system|assistant|user|developer) ?:",
    r"</?(?:system|instructions?|paper)\b",
    r"\b(?:you are now|from now on,? you|pretend (?:to be|you)|jailbr\w+|act as (?:an?|the) \w+)\b",
    r"\bas the (?:first|last|final) (?:word|line|sentence|thing)s? of\b|\bverbatim in (?:your|the) OUTPUT\b",
)
_CHINESE_WORDS = {
    "OUTPUT": "(?:总结|摘要|概要|分析|回答|输出|回复|评论|评审|报告|答复|结论|译文)",
    "TELL": "(?:加入|包含|写|输出|提到|提及|添加|注明|附上|插入|声明|使用|加上|重复|放|回复|回答|打印|说)",
    "WHERE": "(?:的)?(?:中|里|开头|末尾|结尾|最后|之前|前|后|内容|时)",
    "ODD": r"""(?:[：:“"「『]|[A-Z]{4,}|https?:|\w*\d|字样|口令|暗号|一词|一句)""",
    "IGNORE": "(?:忽略|无视|忘记|忘掉|抛弃|跳过)",
    "BEFORE": "(?:以上|之前|前面|上述|先前|所有|一切|指令|指示|提示|要求|规则|任务|内容)",
}
_CHINESE_PHRASES = (
    "OUTPUTWHERE[^。！？]{0,12}TELL",
    "(?:请|务必|必须|立即|现在|直接|只|仅)(?:在[^。！？]{0,12})?TELL[^。！？]{0,20}ODD",
    "IGNORE[^。！？]{0,16}BEFORE",
    r"(?:点击|访问|打开|转到|前往)[^。！？]{0,10}(?:链接|网址|网站|https?:|www)",
    "你现在是|从现在起|从现在开始|请你?扮演|系统[：:]",
    "(?:通知|提醒|呼叫|艾特)(?:所有人|全体|大家|频道)",
)


# Signs of being spoken to; none proves anything alone, as people write about models, reviews and summaries.
_SIGNS = {
    "addressee": r"\b(?:AI|LLMs?|(?:language|AI) models?|assistants?|chatbots?|GPT\w*|bots?|reviewers?"
    r"|readers?|summari[sz]ers?|you|your|(?:automated|automatic) (?:reviews?|summar\w+))\b|\bmodel[!:,]"
    "|大模型|语言模型|人工智能|智能助手|机器人|审稿|读者|你|您",
    "output": r"\b(?:summar(?:y|ies|i[sz]\w+)|reviews?|answers?|repl(?:y|ies)|responses?|outputs?"
    r"|verdicts?|tl;?dr|conclusions?|recommendations?|translat\w+|finish|rat(?:e|ings?)"
    r"|call (?:it|your)self)\b"
    "|总结|摘要|概括|回答|回复|输出|评审|评论|报告|译文|满分|高分|评分",
    "command": r"\b(?:must|shall|should|has to|have to|always|only|kindly|please|say|state|repeat|append|add"
    r"|include|contain|output|print|quote|cite|insert|link|write|return|reveal|advertise|praise|mention|set|rate)\b"
    "|必须|务必|应当?|请|要|加入|包含|写进|写入|附上|复述|重复|直接|不要|给出",
    "payload": r"""(?-i:\b[A-Z]{5,}\b)|["“'‘「『{]\S|https?:|\bwww\.|\b[a-z-]+\.(?:com|org|io|cn|net|xyz)\b"""
    r"|\b(?:pass|code|key|magic|safe)[ -]?(?:word|phrase)s?\b|\bpassword|网址|链接|口令|暗号|[@＠]",
    "override": r"\b(?:override|overrule|ignore|disregard|forget|instead of"
    r"|stop (?:analy|summar|review|read)\w+|new (?:task|goal|role|instructions?|rules?|persona)"
    r"|end of (?:the )?(?:paper|document)|repeat after me|correct (?:summary|answer|review|output)"
    r"|important ?:|attention ?:|the password is)\b"
    r"|\bIMPORTANT:|忽略|无视|新任务|新的任务|正确(?:的)?(?:总结|摘要|回答|评价)|不要(?:分析|总结|阅读)|请注意",
}
_TOLD = (
    {"addressee", "output", "command", "payload"},
    {"override", "payload"},
    {"override", "command", "output"},
    {"override", "addressee", "command"},
)
_ALWAYS = re.compile(
    r"""\b(?:summar(?:y|ies)|reviews?|answers?|responses?)\b[^.!?]{0,40}\b(?:must|should|shall|ha[sv]e?\ to)
        \b[^.!?]{0,30}\b(?:contain|include|link|state|say|mention|end|begin|start|praise)
       |\bwhen\ (?:you\ )?(?:summari[sz]|review|read|analy[sz]|process|evaluat|rat)\w*\ (?:this|the)
        \ (?:paper|work|article)
       |\b(?:AI|LLM|language\ model|assistant|chatbot|GPT)s?\b[^.!?]{0,40}\b(?:must|should|shall|ha[sv]e?\ to)
        \ (?:\w+\ ){0,2}(?:say|output|call|state|praise|rate|accept|recommend|write|reply|answer|print|quote)
       |\bnew\ (?:task|goal|role|instructions?|rules?)\ ?:|\bdo\ as\ i\ say\b|新(?:的)?任务[:：]
       |\bin\ every\ (?:summary|review|answer|response|reply)
       |\b(?:magic|code|pass|secret)[ -]?(?:word|phrase)\ (?:is\ )?["“'‘]?(?-i:[A-Z])
       |\btranslate\ (?:this|the)\ (?:paper|text|document)\ into\ (?:\w+\ ){0,2}and
       |\b(?:for|to)\ (?:AI|LLM|machine|model)\ (?:readers?|reviewers?|summari[sz]ers?)\ ?(?:only)?\ ?[:,]
       |(?:写进|写入|加进)(?:你的|您的)?(?:总结|摘要|回答|报告|评审)
       |(?:总结|摘要|回答|评审|报告)[^。！？]{0,6}(?:必须|务必|都应|应当|要)[^。！？]{0,4}(?:以|包含|写|提|附)
       |(?:复述|重复|说出|写出|输出)[^。！？]{0,4}(?:暗号|口令|密码)
       |(?:给|打)(?:出)?(?:满分|最高分|高分)[^。！？]{0,8}(?:附|写|并)
       |(?:务必|请|必须)[^。！？]{0,6}[@＠]""",
    re.VERBOSE | re.IGNORECASE,
)


def _compiled(phrases: tuple[str, ...], words: dict[str, str]) -> re.Pattern[str]:
    pattern = "|".join(f"(?:{phrase})" for phrase in phrases)
    for name, meaning in words.items():
        pattern = pattern.replace(name, meaning)
    return re.compile(pattern, re.IGNORECASE)


_PATTERN = _compiled(_PHRASES, _WORDS)
_CHINESE = _compiled(_CHINESE_PHRASES, _CHINESE_WORDS)
_SIGN_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _SIGNS.items()}
_LONGEST = 4_000  # characters judged of one sentence


def is_order(sentence: str) -> bool:
    """Whether a visible sentence tells its summariser, reviewer or assistant what to say or do."""
    shown = sentence[:_LONGEST]
    if _PATTERN.search(shown) or _CHINESE.search(shown) or _ALWAYS.search(shown):
        return True
    signs = {name for name, pattern in _SIGN_PATTERNS.items() if pattern.search(shown)}
    return any(told <= signs for told in _TOLD) or is_instruction(shown)
