-- Jobs that take again what was received; they run in the server.
CREATE TABLE replays (
    id               TEXT PRIMARY KEY,
    kind             TEXT NOT NULL,
    filter           TEXT NOT NULL,
    dry_run          BOOLEAN NOT NULL,
    rate             INTEGER NOT NULL,
    state            TEXT NOT NULL,
    error            TEXT NOT NULL,
    progress         TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    started_at       INTEGER,
    updated_at       INTEGER NOT NULL,
    finished_at      INTEGER,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    lease_owner      TEXT NOT NULL DEFAULT '',
    lease_until      INTEGER
);
CREATE INDEX replays_open ON replays (created_at) WHERE state IN ('waiting', 'interrupted', 'running');
