"""What part a section plays."""

from __future__ import annotations

import pytest

from digest.fulltext import SectionRole
from digest.reading.roles import Place, role_of, roles_of

R = SectionRole


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Abstract", R.ABSTRACT),
        ("INTRODUCTION", R.INTRODUCTION),
        ("Related Work", R.RELATED_WORK),
        ("Related works and background", R.RELATED_WORK),
        ("Experimental Setup", R.EXPERIMENTS),
        ("Results and Discussion", R.EXPERIMENTS),
        ("Ablation Studies", R.EXPERIMENTS),
        ("Empirical analysis", R.EXPERIMENTS),
        ("FlashAttention: Algorithm, Analysis, and Extensions", R.METHOD),
        ("Proposed Approach", R.METHOD),
        ("Conclusions and Future Work", R.CONCLUSION),
        ("Discussion", R.CONCLUSION),
        ("Limitations", R.LIMITATIONS),
        ("Conclusion and Limitations", R.CONCLUSION),
        ("Threats to Validity", R.LIMITATIONS),
        ("Acknowledgements", R.BACK_MATTER),
        ("Ethical Considerations", R.BACK_MATTER),
        ("Broader Impact Statement", R.BACK_MATTER),
        ("References", R.REFERENCES),
        ("Supplementary Material", R.APPENDIX),
        ("结论", R.CONCLUSION),
        ("实验结果", R.EXPERIMENTS),
        ("The Corpus", R.OTHER),
    ],
)
def test_a_title_tells_its_role(title: str, role: SectionRole) -> None:
    assert role_of(title) is role


def test_an_unclear_title_before_the_experiments_is_the_method() -> None:
    assert role_of("GripNet", Place.BEFORE_EXPERIMENTS) is R.METHOD
    assert role_of("GripNet", Place.BODY) is R.OTHER
    assert role_of("Proof of Theorem 1", Place.BACK) is R.APPENDIX


def test_subsections_inherit_unless_their_own_title_is_clear() -> None:
    titles = [
        ("Introduction", 1, False),
        ("GripNet", 1, False),
        ("Overview", 2, False),
        ("Related Work", 2, False),
        ("Experiments", 1, False),
        ("Model variants", 2, False),
        ("References", 1, False),
        ("Experiments in detail", 1, True),
        ("Introduction to grasping", 2, True),
    ]

    assert roles_of(titles) == (
        R.INTRODUCTION,
        R.METHOD,
        R.METHOD,
        R.RELATED_WORK,
        R.EXPERIMENTS,
        R.EXPERIMENTS,
        R.REFERENCES,
        R.APPENDIX,
        R.APPENDIX,
    )


def test_a_paper_about_evaluation_still_has_a_method() -> None:
    titles = [
        ("Introduction", 1, False),
        ("Survey of human evaluation", 1, False),
        ("Guidelines for evaluation", 1, False),
        ("Conclusion", 1, False),
    ]

    assert roles_of(titles) == (R.INTRODUCTION, R.METHOD, R.EXPERIMENTS, R.CONCLUSION)
