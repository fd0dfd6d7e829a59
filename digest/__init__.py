"""What Paperboy is about: announcements, matches, readings, analyses and digests.

Knows no chat platform and no database. The values are in `digest.model`, the seams in `digest.ports`.
"""
