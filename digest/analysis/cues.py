"""The phrases by which papers speak of their parts, each a pattern searched in one sentence.

They were written from papers read one by one. Word starts are anchored, word ends are not: "outperform" finds
"outperforms".
"""

from __future__ import annotations

import re


def phrases(text: str) -> re.Pattern[str]:
    """A pattern for any of the phrases, divided by ` | ` or line ends, each at the start of a word."""
    alternatives = [phrase.strip() for line in text.strip().splitlines() for phrase in line.split(" | ")]
    return re.compile(r"\b(?:" + "|".join(filter(None, alternatives)) + ")", re.IGNORECASE)


def _ignorecase(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


NOTHING = re.compile(r"(?!)")

# Whose voice, and what kind of sentence

OWN_VOICE = phrases(r"we\b | our\b | ours\b | us\b | this (?:paper|work|study|article)\b")
OTHERS_WORK = re.compile(
    r"""^(?:(?:Recently|More\ recently|Concurrently|Previously|Similarly),?\ )?
    (?: [A-Z][\w’'-]+(?:\ [A-Z][\w’'-]+)?(?:,?\ (?:and|&)\ [A-Z][\w’'-]+|\ et\ al\.)?,?\ (?:\(\d{4}|\[\d)
      | [A-Z][\w-]+\ \([A-Z][\w’'-]+[^()]{0,30}\d{4}[a-z]?\)
        \ (?:is|are|was|were|consists?|uses?|shows?|proposes?))""",
    re.VERBOSE,
)
POINTER = _ignorecase(
    r"""\b(?: (?:this|next|following)\ (?:sub)?section
      | (?:rest|remainder)\ of\ (?:the|this)\ (?:paper|article)
      | In\ Section\ \d[\d.]*,\ we
      | (?:organi[sz]ed|structured)\ as\ follows
      | (?:refer|direct)\ (?:the\ )?(?:interested\ )?readers? | we\ refer\ to
      | (?:more|further|additional|full)\ details
      | details?\ (?:are|is|can\ be\ found|for\ these|about|on)\b
      | (?:described|discussed|detailed|explained|defined)\ (?:below|above|in\ (?:Section|Appendix|§|Sec))
      | (?:shown|given|provided|presented|listed|reported|found|visuali[sz]ed|depicted|illustrated)
        \ in\ (?:the\ )?(?:Appendix|supplement|Tables?|Figures?|Fig)
        (?![^.]*\b(?:that|show|outperform|better|higher))
      | Section\ \d+\ (?:describes|presents|reviews|introduces)
      | see\ (?:the\ )?(?:Appendix|Section|Tables?|Figures?|§|Fig) | screenshots?
      | (?:Tables?|Figures?|Fig\.)\ \d+\ (?:shows?|presents?|summari[sz]es?|lists?|reports?|provides?
        |gives?)\b(?!\ that)
      | we\ (?:then\ |finally\ |first\ |next\ |also\ )?(?:present|report|show|discuss|describe
        |provide|give|list|plot)\b
        [^.]{0,50}\ (?:in\ (?:Section|Table|Figure|Fig|Appendix|§)|below\b) )
      | \(§\s?\d | \(Section\ \d[^)]{0,10}\)\s*[.,]"""
)

FLUFF = re.compile(r"^(?:We (?:hope|believe|thank|envision|invite|encourage)|Our hope)\b")

# What a paper says it did

_WE = r"(?:we|our|this (?:paper|work|study|article|survey))"
PROPOSES = phrases(
    _WE + r"[^.]{0,25}\b(?:propos|introduc|present|develop|releas|evaluat|find\b|show|demonstrat"
    r"|shed|conduct|stud[iy]|analy[sz]|investigat|explor|address|tackle|describ|aim)\w*"
    r" | in this (?:paper|work|article|study)"
)
CONTRIBUTES = phrases(
    _WE + r" (?:(?:also|further|then|first|thus|therefore|hereby|empirically|theoretically|finally|next) )?"
    r"(?:propos|introduc|present|develop|releas|provid|design|construct|creat|formali[sz]|prov[ei]|contribut|"
    r"open-sourc|publish|establish|buil[dt]|deriv|conduct|collect|curat|demonstrat|show|offer|identif)"
    r" | open-source | publicly available | is the first | to (?:the best of )?our knowledge"
)
SUPERLATIVE = phrases(r"first\b | largest\b | novel\b | new\b | unified\b")

# Why it was needed

GAP = phrases(
    r"""
    however | challeng | difficult | limited | limitations? | lack | problem | despite | suffer
    expensive | costly
    unfortunately | remain(?:s|ing)?\b | bottleneck | gaps?\b | crucial | critical | essential | cannot
    fails? | failure
    hinder | prohibitive | impractical | inefficien | labor-intensive | time-consuming | scarc | few\b
    little\b
    not (?:been|yet|always|scale|provide|account|consider|able) | under-?explored | struggl | insufficient
    tedious
    prone to | rarely | overlook | poorly | need (?:for|to)\b | degrad | unclear | vulnerable | ambigu
    domain-specific
    """
)
FIELD = phrases(
    r"""
    existing | prior\b | previous | current\b | recent | traditional | conventional | important | popular
    widely
    increasingly | gold standard | most (?:of the )?(?:existing|methods|approaches) | play an? | applications?
    standard (?:approach|method|practice) | fundamental | key (?:challenge|problem|component) | progress
    """
)
TURN = re.compile(r"^(?:However|Unfortunately|Yet|Despite|Although|While|Nevertheless)\b")

# How it works

ACTS = phrases(
    r"we (?:(?:first|then|also|next|further|finally|therefore|thus) )?(?:us(?:e|ed)\b|train|comput|"
    r"construct|deriv|defin|appl(?:y|ied)|select|extract|process|represent|model|encod|learn|optimi[sz]|minimi[sz]|maximi[sz]|"
    r"sampl|adopt|assembl|associat|combin|introduc|propos|design|buil[dt]|formulat|convert|aggregat|split|segment|collect|conduct|"
    r"develop|obtain|estimat|updat|filter|link|employ|replac|augment|decompos|generat|predict|parameteri|normali)"
)
WORKS = phrases(
    r"""
    our (?:model|method|approach|framework|algorithm|system|pipeline|procedure)
    our (?:architecture|encoder|network|objective)
    consists? of
    (?:is|are) (?:then )?(?:computed|trained|obtained|constructed|defined|composed|built|formed)
    (?:is|are) (?:then )?(?:based|processed|scored|derived|updated)
    (?:is|are) (?:then )?(?:linked|selected|extracted|concatenated|fed|assigned|filtered|encoded|used to)
    """
)
MACHINERY = phrases(
    r"algorithm | loss\b | objective | architecture | encoder | decoder | network | pipeline | model"
)
ASIDE = phrases(
    r"for example | for instance | note that | recall that | e\.g\. | similar(?:ly)? to | inspired by"
)

# How it was tested

DATA = phrases(
    r"""
    data ?sets?\b | corpus\b(?!-) | corpora\b | benchmarks?\b | test set | training (?:set|data)
    validation set | testbeds?
    simulators?\b | simulation environments?
    """
)
TESTED_ON = _ignorecase(
    r"""\b(?:we|experiments?|models?|our\ \w+)\b[^.]{0,60}\b(?:evaluat|us(?:e|ed)\b|test|train|conduct
    |experiment|collect|consider|sampl|select|annotat|compar|report)[^.]{0,90}
    \b(?:data\ ?sets?|corpus|corpora|benchmarks?|test\ sets?|tasks)\b"""
)
IS_DATA = _ignorecase(
    r"""\b(?:consists?\ of|contains?|compris(?:es|ing)|split\ into|a\ total\ of
    |is\ an?\b[^.]{0,50}\b(?:data\ ?set|corpus|benchmark))\b"""
)
DATA_SIZE = _ignorecase(
    r"""\b\d[\d,.]*\s?(?:[kMB]|million|billion|thousand)?\s(?:\w+\s){0,2}(?:images?|samples?|examples?|documents?
    |sentences?|tokens?|videos?|trajectories|episodes|questions?|instances|scenes|patients|demonstrations|annotations
    |frames|classes|categories|recordings)\b
    |\b\d{1,3},\d{3}\s[a-z]{4,}"""
)
BASELINE = phrases(
    r"""
    baselines?\b | competing methods | competitors
    we compare (?:our|against|with|to\b|\w+ (?:to|with|against)\b) | we benchmark | compare the performance
    compared? (?:our\b|against|(?:with|to) the following) | as (?:a )?point of comparison | for comparison
    comparison (?:with|to|against)\b | performs? (?:similarly|comparably) to
    """
)
NOT_BASELINE = phrases(
    r"serve as (?:a )?(?:strong )?baselines? | release | random(?: \w+)? baseline"
    r" | baseline for (?:future|research)"
)
CITES = re.compile(r"\([A-Z][\w’'-]+[^()]{0,60}\d{4}|\[\d+(?:,\s?\d+)*\]|[A-Z]\w+ et al\.,? \(\d{4}\)")
METRIC = phrases(
    r"""
    accuracy | F1\b | F-?scores? | BLEU | ROUGE | METEOR | CIDEr | BERTScore | mAP\b | m?IoU\b | FID\b
    PSNR | SSIM | LPIPS
    success rates? | perplexity | AU(?:RO|PR)?C\b | RMSE | MAE\b | MSE\b | MAPE | precision | recall
    Kendall | Pearson
    Spearman | R@ | pass@ | exact match | WER\b | NDCG | MRR\b | Dice\b | latency | throughput | FLOPs
    win rates? | collision rates? | regret | inter-?annotator agreement | Fleiss | Cohen | error rates?
    hit rates?
    calibration | wall-?clock | running times? | standard deviations? | confidence intervals?
    agreement scores? | scores?\b
    correlations? | speed-?up
    """
)
MEASURES = phrases(
    r"""
    reported (?:statistics|numbers|values|scores|results) are
    metrics?\b | we (?:\w+ )?(?:report|measure|compute|evaluate|use|adopt|calculate|collect)\b
    (?:is|are) measured
    evaluation (?:protocol|measures?|criteri) | is defined as | (?:is|are) (?:computed|calculated|evaluated)
    measured (?:by|using|with|as)\b | performance is
    """
)
METRIC_WORD = phrases(r"metrics?\b | evaluation measures? | criteri(?:a|on)\b | is measured")
HARDWARE = phrases(
    r"""
    GPUs?\b | TPUs?\b | [AVHB][12]00s?\b | A6000 | RTX | NVIDIA | CPUs?\b | CUDA | Intel\b | AMD\b
    GB (?:of )?(?:memory|RAM|VRAM) | TPU v
    """
)
TRAINING = phrases(
    r"""
    learning rates? | batch size | epochs? | optimi[sz]er | Adam(?:W)?\b | SGD\b | warm-?up | dropout
    weight decay
    hyper-?parameters? | random seeds? | PyTorch | TensorFlow | JAX\b | fine-?tun | pre-?train
    initiali[sz]ed
    (?:gradient|training) steps | implement(?:ed|ation) | temperature | grid search | early stopping
    context length
    LoRA\b | crowd-?workers? | annotators | Upwork | Mechanical Turk | freelancers
    """
)
QUANTITY = _ignorecase(
    r"""\b(?:learning\ rate|batch\ size|epochs?|seeds?|layers?|steps|dropout|weight\ decay|dimension)\b
      [^.]{0,40}\d
    | \d[\d,.e-]*\s?(?:epochs?|steps|layers|seeds|hours|days|weeks|GPUs?|TPUs?|iterations
      |parameters|annotators)\b
    \d+e-\d
    | \bsingle\ (?:\w+\ )?(?:GPU|TPU)"""
)
TRAINS = phrases(
    r"we (?:train|fine-?tune|implement|use|set|run|search|optimi[sz]e|hire|recruit|adopt)\b"
    r" | (?:is|are) (?:pre|fine-?)?-?tr?uned?"
)
ABLATES = phrases(
    r"""
    ablat | w/o\b | (?:removing|disabling) (?:the|our|any|all|each)\b | when (?:we )?(?:remov|disabl)
    contribution of each
    sensitivity (?:analysis|to|of)\b | variants? of (?:our|the)\b
    without (?:our|the) (?:proposed|module|loss|term)
    """
)
VARIES = phrases(
    r"(?:effects?|impact|influence|role|importance) of\b | we vary | varying"
    r" | different (?:values|choices|sizes|numbers) of\b"
)
FINDS = phrases(
    r"""
    outperform | achiev | surpass | exceed | state-of-the-art | sota\b
    (?:we|studies) (?:\w+ )?(?:find|found|observe|see)\b
    perform(?:s|ed)? (?:better|worse|best|similarly|comparabl|on par)
    (?:better|worse|higher|lower|faster|slower)(?: \w+){0,4} than\b
    (?:more|less|fewer|narrower|larger|smaller)(?: \w+){0,4} than\b(?! (?:\d|one\b|half))
    compar(?:able|ably) (?:to|with)\b | on par\b
    (?:results?|experiments?|findings|tables? \d+|figures? \d+)\b[^.]{0,40} (?:show|suggest|indicat|confirm)
    (?:results?|experiments?|findings)\b[^.]{0,40} (?:demonstrat|reveal) | significantly
    no (?:significant )?effect
    improv\w+ (?:\w+ ){0,4}(?:by|from|over)\b | reduc\w+ (?:\w+ ){0,4}(?:by|from|to)\b
    performs? best | best (?:performance|results?|scores?|accuracy|overall)
    (?:highest|lowest) (?:accuracy|performance|error|F1|overall|average)
    """
)
CHANGES = phrases(
    r"improv | reduc | yield | increas | decreas | drops?\b | gains? | degrad | correlat | match(?:es|ed)?"
)
MEASURED = re.compile(
    r"\d+(?:\.\d+)?\s?(?:%|×|x\b|percent|-fold|times\b|points?\b)"
    r"|(?<![\d.])\d+\.\d+(?![\d.])|\border of magnitude\b"
)
SUMS_UP = phrases(
    r"overall\b | we (?:find|found|observe|see)\b | compared (?:to|with)\b | in summary | across\b"
)
SHOWN = phrases(r"tables? \d | figures? \d | fig\. \d")

# What it does not do

LIMITS = phrases(
    r"""
    limitations? (?:of|is|are|in|to)\b | limited to (?:the|a|one|two|only|english|faithful)\b
    shortcomings? of our | caveats?
    threats? to validity | future (?:work|research|directions?|studies) | we leave | left (?:for|to) future
    may not (?:generali[sz]e|hold|be|apply|transfer)\b | out(?:side)? (?:of )?(?:the )?scope
    remains? (?:an )?(?:open|unclear|unknown)\b | open (?:problem|question) | failure (?:cases?|modes?)
    our (?:approach|method|model|analysis|study|work|paper|experiments?|evaluation|framework|findings|results)
    """.rstrip()
    + r" (?:is|are) (?:limited|restricted)"
    + r" | our (?:\w+ )?(?:approach|method|model|analysis|study|work|system|evaluation|framework) "
    r"(?:does not|do not|cannot|can not|still|only|fails?|struggles|assumes|relies)\b"
)
CONCEDES = phrases(
    r"""
    we (?:do|did) not\b | we (?:only|solely|exclusively)\b | cannot | does not
    fails? (?:to|when|in|on)\b | drawback
    restricted to | only\b | not without | difficult | challeng | expensive | assum | however | may\b
    might\b
    """
)
DEFENDS = phrases(
    r"to (?:address|overcome|solve|tackle|mitigate)\b | unlike (?:previous|prior|existing) | existing\b"
    r" | prior work\b | previous"
)
