"""What strangers, authors and bad days do to Paperboy: addresses, PDFs, floods, forgeries and lost networks.

Each module is one promise of docs/reliability.md and has a `run` that gives its figures; `make chaos` runs
them in full, the tests beside them with small counts.
"""
