"""Papers written as plain text for tests: `# 1 Title` heads a section, a blank line ends a paragraph."""

from __future__ import annotations

import re

from digest.fulltext import Caption, FullText, Paragraph, Section, SectionRole
from digest.model import ArxivId, Paper

_ROLES = (
    (r"abstract", SectionRole.ABSTRACT),
    (r"introduction|einleitung|引言", SectionRole.INTRODUCTION),
    (r"related", SectionRole.RELATED_WORK),
    (r"experiment|evaluation|results|ablation", SectionRole.EXPERIMENTS),
    (r"conclusion", SectionRole.CONCLUSION),
    (r"limitation", SectionRole.LIMITATIONS),
    (r"acknowledg|author contrib", SectionRole.BACK_MATTER),
    (r"references", SectionRole.REFERENCES),
)
_LABEL = re.compile(r"((?:Figure|Table) \d+): (.*)", re.DOTALL)


def paper(title: str = "A Paper", abstract: str = "", *, comment: str | None = None) -> Paper:
    """Metadata of a paper that was never announced."""
    return Paper(id=ArxivId("2606.00001", 1), title=title, abstract=abstract, comment=comment)


def full_text(written: str, *, title: str = "A Paper", links: tuple[str, ...] = ()) -> FullText:
    """The written paper as reading would give it: captions apart, a page for every section."""
    sections: list[Section] = []
    captions: list[Caption] = []
    number = 0
    for page, part in enumerate(re.split(r"^# ", written.strip(), flags=re.MULTILINE)[1:], start=1):
        heading, _, body = part.partition("\n")
        paragraphs: list[Paragraph] = []
        for piece in filter(None, (" ".join(each.split()) for each in re.split(r"\n\s*\n", body))):
            caption = _LABEL.match(piece)
            if caption:
                captions.append(Caption(label=caption[1], page=page, text=caption[2]))
                continue
            number += 1
            paragraphs.append(Paragraph(id=number, page=page, text=piece))
        sections.append(_section(heading, page, tuple(paragraphs)))
    pages = len(sections)
    return FullText(
        pages=pages,
        pages_read=pages,
        title=title,
        sections=tuple(sections),
        captions=tuple(captions),
        links=links,
    )


def _section(heading: str, page: int, paragraphs: tuple[Paragraph, ...]) -> Section:
    numbered = re.match(r"((?:\d+|[A-H])(?:\.\d+)*) (.*)", heading)
    number, title = (numbered[1], numbered[2]) if numbered else ("", heading)
    role = next((role for words, role in _ROLES if re.search(words, title.lower())), SectionRole.OTHER)
    if number[:1].isalpha():
        role = SectionRole.APPENDIX
    return Section(number=number, title=title, page=page, role=role, paragraphs=paragraphs)


GRIPPER = """
# Abstract
Grasping unseen objects remains difficult because existing policies need thousands of demonstrations.
We present GripNet, a policy that learns to grasp new objects from ten demonstrations.
GripNet reaches 91.3% success on the ShelfPick benchmark, 12 points above the best earlier policy.

# 1 Introduction
Robots that tidy a shelf must handle objects they have never seen. However, current policies suffer from
a lack
of data, and collecting demonstrations is expensive. Existing methods need a new model for every gripper.

Our contributions are as follows:

• We propose GripNet, a policy that shares one encoder between all grippers.

• We release ShelfPick, a benchmark of 4,200 recorded grasps with force readings.

• We show that ten demonstrations are enough for 91.3% success.

# 2 Related Work
Smith et al. (2019) achieve 60% success with a large dataset of grasps.

# 3 The GripNet policy
We encode the depth image with a small convolutional network. The encoder is trained with a contrastive
loss on
unlabelled scenes. As shown above, this helps. Given the encoding, our policy predicts the next gripper
pose with
a transformer of six layers. F = ma + b · c

# 4 Experiments
# 4.1 Setup
We evaluate on the ShelfPick dataset, which consists of 4,200 grasps of 120 objects. We compare our
policy with
three baselines: PickNet [4], RT-1 [7] and a scripted controller. We report the success rate as our main
metric.
We train for 40 epochs with a learning rate of 3e-4 on four NVIDIA A100 GPUs.

Table 1: GripNet outperforms every baseline by at least 12 points on unseen objects.

Figure 2: Architecture.

# 4.2 Results
GripNet achieves a success rate of 91.3%, while PickNet reaches 79.1%. In Table 1 we report all numbers.

# 4.3 Ablation study
Removing the contrastive loss reduces success from 91.3% to 80.4%.

# 5 Conclusion
We presented GripNet, which learns to grasp from ten demonstrations. In future work, we plan to study
deformable
objects.

# Limitations
Our policy does not handle transparent objects. All experiments use one robot arm.

# Acknowledgements
We thank the robotics club for lending us the shelf.

# References
[4] A. Nobody. PickNet: outperforms everything by 40%. 2020.
"""
