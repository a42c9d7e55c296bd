CREATE TABLE events (
    id            TEXT NOT NULL,
    project_id    TEXT NOT NULL,
    recorded_at   INTEGER NOT NULL,
    request_id    TEXT NOT NULL,
    subscriber_id TEXT NOT NULL,
    episode_id    TEXT NOT NULL,
    type          TEXT NOT NULL,
    occurred_at   INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    change        TEXT NOT NULL,
    link_id       TEXT NOT NULL,
    click_id      TEXT NOT NULL,
    touch         TEXT NOT NULL,
    chat_id       INTEGER NOT NULL,
    invite_link   TEXT NOT NULL,
    name          TEXT NOT NULL,
    target        TEXT NOT NULL,
    result        TEXT NOT NULL,
    amount        INTEGER,
    raw_amount    INTEGER,
    currency      TEXT NOT NULL,
    labels        TEXT NOT NULL,
    goal_state    TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX events_person ON events (project_id, subscriber_id, seq);
CREATE INDEX events_reported ON events (project_id, occurred_at);

CREATE TABLE event_keys (
    project_id TEXT NOT NULL,
    key        TEXT NOT NULL,
    event_id   TEXT NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (project_id, key)
) WITHOUT ROWID;
CREATE INDEX event_keys_age ON event_keys (at);
CREATE INDEX event_keys_short ON event_keys (at) WHERE substr(key, 1, 5) = 'same:';

CREATE TABLE idempotency_keys (
    project_id TEXT NOT NULL,
    method     TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  BLOB NOT NULL,
    answer     BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (project_id, method, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id   TEXT NOT NULL,
    project_id TEXT NOT NULL,
    type       TEXT NOT NULL,
    payload    BLOB NOT NULL
);
