"""Slack: documents as messages of blocks."""
