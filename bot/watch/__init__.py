"""Looks after a running Paperboy: how it fares, in figures, on pages and in words to whoever runs it."""
