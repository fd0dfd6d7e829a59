"""Parsers of what strangers write, under bytes that nobody would: `make fuzz` (atheris), a minute a target.

`targets` are plain functions; the tests give them what hypothesis makes up.
"""
