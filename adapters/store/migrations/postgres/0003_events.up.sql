-- Months are made ahead by the program. There is no default partition: it
-- would stand in the way of making and detaching others.
CREATE TABLE events (
    id            TEXT NOT NULL,
    project_id    TEXT NOT NULL,
    recorded_at   TIMESTAMPTZ NOT NULL,
    request_id    TEXT NOT NULL,
    subscriber_id TEXT NOT NULL,
    episode_id    TEXT NOT NULL,
    type          TEXT NOT NULL,
    occurred_at   TIMESTAMPTZ NOT NULL,
    received_at   TIMESTAMPTZ NOT NULL,
    seq           BIGINT NOT NULL,
    change        TEXT NOT NULL,
    link_id       TEXT NOT NULL,
    click_id      TEXT NOT NULL,
    touch         TEXT NOT NULL,
    chat_id       BIGINT NOT NULL,
    invite_link   TEXT NOT NULL,
    name          TEXT NOT NULL,
    target        TEXT NOT NULL,
    result        TEXT NOT NULL,
    amount        BIGINT,
    raw_amount    BIGINT,
    currency      TEXT NOT NULL,
    labels        TEXT NOT NULL,
    goal_state    TEXT NOT NULL,
    PRIMARY KEY (id, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX events_person ON events (project_id, subscriber_id, seq);
CREATE INDEX events_reported ON events (project_id, occurred_at);

-- A unique key of a partitioned table must contain the month, so that the
-- keys against repeats have tables of their own.
CREATE TABLE event_keys (
    project_id TEXT NOT NULL,
    key        TEXT NOT NULL,
    event_id   TEXT NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (project_id, key)
);
CREATE INDEX event_keys_age ON event_keys USING brin (at);
CREATE INDEX event_keys_short ON event_keys (at) WHERE substr(key, 1, 5) = 'same:';

CREATE TABLE idempotency_keys (
    project_id TEXT NOT NULL,
    method     TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  BYTEA NOT NULL,
    answer     BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (project_id, method, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- The order of the ids is not the order of the commits: the relay takes what
-- is there, never what lies behind the last id seen.
CREATE TABLE outbox (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id   TEXT NOT NULL,
    project_id TEXT NOT NULL,
    type       TEXT NOT NULL,
    payload    BYTEA NOT NULL
);
