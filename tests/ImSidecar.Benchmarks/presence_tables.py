"""Makes the SQLite file that Kamailio's module presence keeps subscriptions in, or without a name prints the same for
PostgreSQL; table versions as of Kamailio 5.6."""
import sqlite3
import sys

TEXT, NUMBER = "TEXT NOT NULL DEFAULT ''", "INTEGER NOT NULL DEFAULT 0"
WATCHER = {
    "presentity_uri": TEXT, "watcher_username": TEXT, "watcher_domain": TEXT, "to_user": TEXT, "to_domain": TEXT,
    "event": TEXT, "event_id": "TEXT", "to_tag": TEXT, "from_tag": TEXT, "callid": TEXT, "local_cseq": NUMBER,
    "remote_cseq": NUMBER, "contact": TEXT, "record_route": "TEXT", "expires": NUMBER, "status": NUMBER,
    "reason": "TEXT", "version": NUMBER, "socket_info": TEXT, "local_contact": TEXT, "from_user": TEXT,
    "from_domain": TEXT, "updated": NUMBER, "updated_winfo": NUMBER, "flags": NUMBER, "user_agent": "TEXT",
}


def columns(fields):
    return ", ".join(f"{name} {kind}" for name, kind in fields.items())


def tables(number, binary):
    return f"""
        CREATE TABLE version (table_name TEXT PRIMARY KEY, table_version INTEGER NOT NULL);
        INSERT INTO version VALUES ('presentity', 5), ('active_watchers', 12), ('watchers', 3);
        CREATE TABLE active_watchers (id {number} PRIMARY KEY, {columns(WATCHER)}, UNIQUE (callid, to_tag, from_tag));
        CREATE INDEX watchers_of ON active_watchers (presentity_uri, event);
        CREATE INDEX ends_at ON active_watchers (expires);
        CREATE TABLE watchers (id {number} PRIMARY KEY, presentity_uri {TEXT}, watcher_username {TEXT},
            watcher_domain {TEXT}, event {TEXT}, status {NUMBER}, reason TEXT, inserted_time {NUMBER},
            UNIQUE (presentity_uri, watcher_username, watcher_domain, event));
        CREATE TABLE presentity (id {number} PRIMARY KEY, username {TEXT}, domain {TEXT}, event {TEXT}, etag {TEXT},
            expires {NUMBER}, received_time {NUMBER}, body {binary}, sender {TEXT}, priority {NUMBER}, ruid TEXT UNIQUE,
            UNIQUE (username, domain, event, etag));
        """


if len(sys.argv) > 1:
    with sqlite3.connect(sys.argv[1]) as database:
        database.executescript("PRAGMA journal_mode = WAL;" + tables("INTEGER", "BLOB"))
else:
    print(tables("SERIAL", "BYTEA"))
