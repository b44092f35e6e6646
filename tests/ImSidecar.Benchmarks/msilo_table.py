"""Makes the SQLite file that Kamailio's module msilo keeps messages in; table version as of Kamailio 5.6."""
import sqlite3
import sys

with sqlite3.connect(sys.argv[1]) as database:
    database.executescript("""
        PRAGMA journal_mode = WAL;
        CREATE TABLE version (table_name TEXT PRIMARY KEY, table_version INTEGER NOT NULL);
        INSERT INTO version VALUES ('silo', 8);
        CREATE TABLE silo (id INTEGER PRIMARY KEY, src_addr TEXT NOT NULL DEFAULT '', dst_addr TEXT NOT NULL DEFAULT '',
            username TEXT NOT NULL DEFAULT '', domain TEXT NOT NULL DEFAULT '', inc_time INTEGER NOT NULL DEFAULT 0,
            exp_time INTEGER NOT NULL DEFAULT 0, snd_time INTEGER NOT NULL DEFAULT 0, ctype TEXT NOT NULL DEFAULT '',
            body BLOB, extra_hdrs TEXT, callid TEXT NOT NULL DEFAULT '', status INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX account_idx ON silo (username, domain);
        """)
