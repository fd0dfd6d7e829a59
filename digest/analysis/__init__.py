"""Complete, checkable analyses of papers: written, verified, and told as JSON."""

from digest.analysis.extractive import ExtractiveAnalyzer
from digest.analysis.from_file import paper_of
from digest.analysis.to_json import analysis_from_json, analysis_to_json
from digest.analysis.verify import verify

__all__ = ["ExtractiveAnalyzer", "analysis_from_json", "analysis_to_json", "paper_of", "verify"]
