"""Getting papers from arXiv: feeds, listing pages, the export API, PDFs, and when each of them is due.

`source` is the way in. `feed`, `listing` and `api` turn what arXiv sends into values; `client` asks for it
politely.
"""
