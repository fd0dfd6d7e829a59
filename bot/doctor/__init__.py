"""`paperboy doctor`: each part tried once, and for each that fails what to do."""

from bot.doctor.basics import SAMPLE
from bot.doctor.examination import examine
from bot.doctor.finding import Finding

__all__ = ["SAMPLE", "Finding", "examine"]
