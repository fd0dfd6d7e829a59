"""Wording that addresses a model or a reviewer.

Judged only inside hidden text: papers about such attacks print it for all to see.
"""

from __future__ import annotations

import re

from digest.reading.characters import clean

_WORDS = {
    "READER": r"(llms?|language models?|ai|chatbots?|(chat)?gpt|claude|gemini|assistants?|reviewers?)",
    "ORDERS": r"(instructions?|prompts?|guidelines?|rules?|orders?|context|directions?|commands?|polic\w+)",
    "BEFORE": r"(previous|prior|above|earlier|preceding)",
    "IGNORE": r"(ignore|disregard|forget|override|bypass)",
    "PRAISE": r"(positiv|favou?rabl|glowing|enthusiastic|excellent|outstanding|strong|high|best|good)\w*",
    "VERDICT": r"(reviews?|scores?|ratings?|recommendations?|evaluations?|assessments?|feedback|summar\w+)",
    "FAULTS": r"(negativ\w*|weakness\w*|limitations?|flaws?|shortcomings?|criticisms?|drawbacks?)",
    "PAPER": r"(paper|work|article|manuscript|submission|document)",
    "GIVE": r"(give|write|provide|produce|generate|output|return|submit|leave|assign|award|only)",
    "NOT": r"(do not|don t|never|avoid|refrain from)",
    "MENTION": r"(mention|highlight|giv|discuss|includ|list|report|point|rais)\w*",
    "JUDGE": r"(review|rate|score|evaluate|summari[sz]e|praise|endorse|describe|rank)",
    "CALL": r"(attention|dear|hey|notes?|message|instructions?|commands?|reminder)",
    "OBLIGED": r"(must|should|shall|please|are (instructed|required)|have to|need to)",
    "ACT": r"(includ|insert|embed|mention|say|state|output|respond|repl|rat|scor|recommend|accept|prais)",
    "PUT": r"(include|insert|embed|add|use|mention|begin|start|end)",
    "FINE": r"(positiv|favou?rabl|high|enthusias|as (excellent|groundbreaking|novel|outstanding))",
}
# A space stands for any separator or none, since PDF libraries lose the spaces of hidden text; "…" for a few
# words between. Words too short to be found safely in unspaced text are bounded by \b.
_PHRASES = (
    "IGNORE … (BEFORE|all|any|your) … ORDERS",
    "IGNORE (all |everything )?BEFORE",
    "new instructions?|system prompt|prompt injection|jailbreak|developer mode",
    "GIVE … PRAISE … VERDICT",
    "NOT … MENTION … FAULTS",
    "(recommend|suggest|vote for|argue for|advocate) … (accept|publication|award|oral)",
    "strong accept|accept this PAPER|(must|should|shall) be (accepted|published)",
    r"\b(as|if you are|you are|act as|acting as|being) (now )?an? (\w+ )?READER\b",
    r"\bCALL( to| for)?( the| any| all)? READER\b",
    r"\bREADER ((reviewer|model|system)s? )?OBLIGED\b",
    "(you|reviewers?) OBLIGED … ACT",
    "PUT … (the (exact |following )?(phrase|sentence|words?)|exact phrase)",
    "JUDGE (this|the) PAPER … FINE",
    "emphasi[sz]e … (exceptional|strengths|novelty|contributions|impact|rigor)",
    "exceptional novelty|impactful contributions?|methodological rigor|do not reveal",
)
_CHINESE = (
    r"(忽略|无视|忘记|忘掉|不要理会|跳过)\w{0,12}(指令|指示|提示|要求|内容|规则)",
    r"(给出|给予|提供|撰写|写出|仅给|只给|只能|输出|生成)\w{0,8}(正面|积极|好评|高分|肯定|最高)",
    r"(不要|请勿|切勿|避免|不得)\w{0,8}(提及|提到|指出|强调|批评|列出|讨论)\w{0,8}(缺点|不足|负面|局限|弱点|缺陷)",
    r"(推荐|建议|应当|必须|请)\w{0,4}(接收|录用|接受|发表|采纳)",
    r"(作为|如果你是|假如你是|你是|致|对于)\w{0,6}(ai|人工智能|语言模型|大模型|助手|审稿人|评审)",
    r"系统提示|提示词|新的指令|以下指令",
)


def _compiled(phrase: str) -> str:
    for name, words in _WORDS.items():
        phrase = phrase.replace(name, words)
    return phrase.replace("…", r"[\s\S]{0,30}?").replace(" ", r"[\W_]*")


_PATTERN = re.compile("|".join(f"(?:{_compiled(each)})" for each in _PHRASES) + "|" + "|".join(_CHINESE))
_JUDGED = 20_000  # characters


def is_instruction(text: str) -> bool:
    """Whether hidden text is worded as an instruction to a model or reviewer, in English or Chinese."""
    shown = clean(text).casefold()[:_JUDGED]
    return bool(_PATTERN.search(shown) or _PATTERN.search(re.sub(r"\s+", "", shown)))
