"""What Paperboy does when it is killed, cut off, lied to and hurried: `make chaos`, some 35 minutes.

Each module is one promise of docs/reliability.md and has a `run` that gives its figures.
"""
