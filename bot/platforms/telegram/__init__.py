"""Telegram: what the bot hears and says there, and how its messages are found again."""
