"""What one check of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found, in a sentence; `advice` says what to do where it is not well."""

    name: str
    well: bool
    says: str
    advice: str = ""
