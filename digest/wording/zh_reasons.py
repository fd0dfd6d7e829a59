"""Why something was not had or not read, as it is worded in English where it is found, in simplified Chinese.

Patterns and replacements, each of one sentence or of a part of one, applied in this order.
"""

_HOST = r"(\b[\w.-]+(?::\d+)?)"  # as in an address: "export.arxiv.org", "127.0.0.1:8080"

REASONS = (
    # PDFs that arXiv does not give
    (
        r"arXiv has no PDF of (\S+) \(HTTP (\d+)\): unknown, withdrawn or not made yet\.",
        r"arXiv 没有 \1 的 PDF（HTTP \2）：编号不存在、已撤稿或尚未生成。",
    ),
    (
        r"The PDF of (\S+) may not be passed on by this server \(HTTP (\d+)\)\.",
        r"此服务器不得转发 \1 的 PDF（HTTP \2）。",
    ),
    (
        r"arXiv sent a web page.{0,300}? instead of the PDF of (\S+)\.(?= |$)",
        r"arXiv 给出的是网页，而不是 \1 的 PDF。",
    ),
    (r"arXiv sent something else instead of the PDF of (\S+)\.(?= |$)", r"arXiv 给出的不是 \1 的 PDF。"),
    # arXiv out of reach
    (
        rf"{_HOST} refuses us \(HTTP 403\)\. Is CONTACT set\? arXiv's terms ask for one\.",
        r"\1 拒绝访问（HTTP 403）。是否设置了 CONTACT？arXiv 的条款要求填写。",
    ),
    (rf"{_HOST} refuses us \(HTTP 403\)", r"\1 拒绝访问（HTTP 403）"),
    (rf"{_HOST} answered HTTP (\d+), too many requests", r"\1 返回 HTTP \2（请求过多）"),
    (rf"{_HOST} answered HTTP (\d+), a fault of its own", r"\1 返回 HTTP \2（服务器故障）"),
    (rf"{_HOST} answered HTTP (\d+)\.", r"\1 返回 HTTP \2。"),
    (rf"{_HOST} did not finish the [\w ]+ in (\S+) s\b", r"\1 未能在 \2 秒内传完"),
    (rf"{_HOST} stalled: no byte of the [\w ]+ in (\S+) s\b", r"\1 停顿：\2 秒内没有数据"),
    (rf"{_HOST} cannot be reached \((\w+)\)", r"无法连接 \1（\2）"),
    (rf"The [\w ]+ from {_HOST} broke off", r"\1 的传输中断"),
    (rf"The [\w ]+ from {_HOST} cannot be unpacked", r"\1 的数据无法解压"),
    (r"The [\w ]+ at (\S+) is larger than (\S+) MiB\.", r"\1 超过 \2 MiB。"),
    (r", (\d+) times in a row", r"，连续 \1 次"),
    (r"; it asks to wait (\d+) s\b", r"；要求等待 \1 秒"),
    (r"; it asks to wait (\d+) min\b", r"；要求等待 \1 分钟"),
    (r"; not asked again for (\d+) s\b", r"；\1 秒内不再请求"),
    (r"; not asked again for (\d+) min\b", r"；\1 分钟内不再请求"),
    # PDFs that cannot be read
    (r"The PDF has (\d+) MB; Paperboy reads up to (\d+) MB\.", r"PDF 有 \1 MB；Paperboy 最多读 \2 MB。"),
    (r"The process that reads PDFs could not be started\.", "读 PDF 的进程无法启动。"),
    (r"The reading of the PDF was called off\.", "PDF 的阅读已取消。"),
    (r"The PDF holds more text than can be handled\.", "PDF 的文字多得无法处理。"),
    (r"The PDF is damaged in a way that crashed the PDF library\.", "PDF 已损坏，致使 PDF 程序库崩溃。"),
    (r"The PDF is damaged and cannot be opened\.", "PDF 已损坏，无法打开。"),
    (r"The PDF is damaged and could not be read \((\w+)\)\.", r"PDF 已损坏，无法阅读（\1）。"),
    (r"Reading the PDF took longer than (\S+) seconds\.", r"阅读 PDF 超过 \1 秒。"),
    (r"Reading the PDF needs more than (\d+) MB of memory\.", r"阅读 PDF 需要超过 \1 MB 内存。"),
    (
        r"None of the PDF's pages can be read: it is damaged or far too large\.",
        "PDF 没有一页可读：已损坏或页面过大。",
    ),
    (r"The PDF is locked with a password\.", "PDF 有密码保护。"),
    (r"The PDF has no pages\.", "PDF 没有页面。"),
    (r"The file is empty\.", "文件是空的。"),
    (r"The file is a web page, not a PDF\.", "文件是网页，不是 PDF。"),
    (r"The file is a (ZIP|gzip) archive, not a PDF\.", r"文件是 \1 压缩包，不是 PDF。"),
    (r"The file is PostScript, not a PDF\.", "文件是 PostScript，不是 PDF。"),
    (r"The file is not a PDF\.", "文件不是 PDF。"),
    # What a reading lacks
    (r"The PDF holds no text\.", "PDF 没有文字。"),
    (r"The PDF has no text layer: its pages are images or empty\.", "PDF 没有文字层：页面是图片或空白。"),
    (
        r"The PDF's fonts do not say which letters they show, so its text may be nonsense\.",
        "PDF 的字体没有说明对应的文字，文本可能是乱码。",
    ),
    (r"Damaged pages were left out: ([\d, -]+(?: and \d+ more)?)\.", r"略去了损坏的页：\1。"),
    (
        r"Pages with more text than a page can show were cut: ([\d, -]+(?: and \d+ more)?)\.",
        r"截短了文字过多的页：\1。",
    ),
    (r"Only the first (\d+) of (\d+) pages were read\.", r"只读了 \2 页中的前 \1 页。"),
    (
        r"Pages? ([\d, -]+(?: and \d+ more)?) holds? no text; the file may be damaged\.",
        r"第 \1 页没有文字；文件可能已损坏。",
    ),
    (
        r"Pages? ([\d, -]+(?: and \d+ more)?) holds? no text; they are images, empty or damaged\.",
        r"第 \1 页没有文字：是图片、空白或已损坏。",
    ),
    (
        r"Pages? ([\d, -]+(?: and \d+ more)?) (?:is|are) damaged; some of the text may be missing\.",
        r"第 \1 页已损坏，文字可能不全。",
    ),
    (
        r"The file is damaged and was repaired for reading; some of its text may be missing\.",
        "文件已损坏，修复后阅读，文字可能不全。",
    ),
    (
        r"hidden instructions found in this PDF, p\. ([\d, ]+) \(ignored\)",
        r"此 PDF 第 \1 页含有隐藏指令（已忽略）",
    ),
    # What is left of a sentence of several parts
    (r"((?:第 |：)[\d, -]+) and \d+ more ?", r"\1 等"),
    (r"(?<=[\u4e00-\u9fff）])\.(?= |$)", "。"),
    (r"(?<=。) (?=[\u4e00-\u9fff])", ""),
)
