"""The SQLite schema, one plain function per step. A step that was released is never changed.

Papers are numbered by announcement day and order within it (`number`), whatever the order they were fetched
in, so "newest first" is a descending scan of the full-text index and never a sort.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("paperboy")


@migrations()
def m001_papers(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE papers (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER,
            title TEXT NOT NULL, abstract TEXT NOT NULL, authors TEXT NOT NULL, categories TEXT NOT NULL,
            comment TEXT, journal_ref TEXT, doi TEXT, licence TEXT, submitted TEXT
        ) STRICT;
        CREATE VIRTUAL TABLE papers_fts USING fts5 (
            title, abstract, content=papers, content_rowid=number,
            tokenize="porter unicode61 remove_diacritics 2"
        );
        CREATE TABLE announcements (
            day TEXT NOT NULL, category TEXT NOT NULL, paper TEXT NOT NULL,
            version INTEGER, type TEXT NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (day, category, paper)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE ledger (
            category TEXT NOT NULL, day TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (category, day)
        ) STRICT, WITHOUT ROWID;
        """
    )


@migrations()
def m002_channels(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE channels (
            key TEXT PRIMARY KEY, platform TEXT NOT NULL, next_run_at TEXT, settings TEXT NOT NULL
        ) STRICT;
        CREATE TABLE subscriptions (
            channel TEXT NOT NULL, number INTEGER NOT NULL, query TEXT NOT NULL, folded TEXT NOT NULL,
            created_by TEXT NOT NULL, created_at TEXT NOT NULL,
            PRIMARY KEY (channel, number), UNIQUE (channel, folded)
        ) STRICT;
        CREATE TABLE subscription_numbers (
            channel TEXT PRIMARY KEY, last INTEGER NOT NULL
        ) STRICT;
        """
    )


@migrations()
def m003_texts_and_analyses(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE texts (
            paper TEXT NOT NULL, version INTEGER NOT NULL, saved_at TEXT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (paper, version)
        ) STRICT;
        CREATE INDEX texts_by_age ON texts (saved_at);
        CREATE TABLE analyses (
            paper TEXT NOT NULL, version INTEGER NOT NULL, language TEXT NOT NULL, depth TEXT NOT NULL,
            analyzer TEXT NOT NULL, prompt_version TEXT NOT NULL,
            created_at TEXT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (paper, version, language, depth, analyzer, prompt_version)
        ) STRICT;
        """
    )


@migrations()
def m004_digests_and_outbox(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE digest_runs (
            channel TEXT NOT NULL, local_date TEXT NOT NULL, state TEXT NOT NULL, started_at TEXT NOT NULL,
            PRIMARY KEY (channel, local_date)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE digest_papers (
            channel TEXT NOT NULL, paper TEXT NOT NULL, local_date TEXT NOT NULL,
            PRIMARY KEY (channel, paper)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE digest_days (
            channel TEXT NOT NULL, category TEXT NOT NULL, day TEXT NOT NULL, local_date TEXT NOT NULL,
            PRIMARY KEY (channel, category, day)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE digests (
            channel TEXT NOT NULL, local_date TEXT NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (channel, local_date)
        ) STRICT;
        CREATE TABLE outbox (
            key TEXT PRIMARY KEY, channel TEXT NOT NULL, local_date TEXT NOT NULL, position INTEGER NOT NULL,
            document TEXT NOT NULL, parent_key TEXT, state TEXT NOT NULL, attempts INTEGER NOT NULL,
            message_id TEXT, not_before TEXT, error TEXT NOT NULL
        ) STRICT;
        CREATE INDEX outbox_by_channel ON outbox (channel, local_date, position);
        CREATE INDEX outbox_unsent ON outbox (channel, local_date, position)
            WHERE state IN ('pending', 'sending');
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
        """
    )


@migrations()
def m005_conversations_and_spending(db: Database) -> None:
    db.executescript(
        """
        CREATE TABLE answers (
            thread TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
            PRIMARY KEY (thread, number)
        ) STRICT;
        CREATE TABLE spending (
            day TEXT NOT NULL, channel TEXT NOT NULL, person TEXT NOT NULL, model TEXT NOT NULL,
            prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,
            completion_tokens INTEGER NOT NULL, cost REAL NOT NULL,
            PRIMARY KEY (day, channel, person, model)
        ) STRICT, WITHOUT ROWID;
        """
    )


@migrations()
def m006_people(db: Database) -> None:
    db.executescript(
        """
        ALTER TABLE outbox ADD COLUMN begun_at TEXT;
        CREATE INDEX outbox_by_message ON outbox (channel, message_id) WHERE message_id IS NOT NULL;
        CREATE TABLE inbox (
            id TEXT PRIMARY KEY, channel TEXT NOT NULL, received_at TEXT NOT NULL,
            answered_at TEXT, tries INTEGER NOT NULL, body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX inbox_waiting ON inbox (received_at) WHERE answered_at IS NULL;
        CREATE INDEX inbox_by_age ON inbox (received_at);
        CREATE TABLE messages (
            channel TEXT NOT NULL, message TEXT NOT NULL, paper TEXT NOT NULL, said_at TEXT NOT NULL,
            PRIMARY KEY (channel, message)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX messages_by_age ON messages (said_at);
        CREATE TABLE saved (
            channel TEXT NOT NULL, person TEXT NOT NULL, paper TEXT NOT NULL, saved_at TEXT NOT NULL,
            PRIMARY KEY (channel, person, paper)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE opinions (
            channel TEXT NOT NULL, person TEXT NOT NULL, paper TEXT NOT NULL, liked INTEGER NOT NULL,
            PRIMARY KEY (channel, person, paper)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE commands (token TEXT PRIMARY KEY, command TEXT NOT NULL) STRICT;
        """
    )


@migrations()
def m007_given_up(db: Database) -> None:
    # Looked for every minute, in an outbox that is never emptied.
    db.executescript("CREATE INDEX outbox_dead ON outbox (begun_at) WHERE state = 'dead';")


@migrations()
def m008_buried_at(db: Database) -> None:
    # A message may wait for days before it is refused: it is told of from then on, not from its first try.
    db.executescript(
        """
        ALTER TABLE outbox ADD COLUMN buried_at TEXT;
        UPDATE outbox SET buried_at = begun_at WHERE state = 'dead';
        DROP INDEX outbox_dead;
        CREATE INDEX outbox_dead ON outbox (buried_at) WHERE state = 'dead';
        """
    )
