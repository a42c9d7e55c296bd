CREATE TABLE clicks (
    id            TEXT PRIMARY KEY,
    project_id    TEXT NOT NULL,
    link_id       TEXT NOT NULL,
    start_value   TEXT NOT NULL,
    at            INTEGER NOT NULL,
    url           TEXT NOT NULL,
    raw_query     TEXT NOT NULL,
    params        TEXT NOT NULL,
    ip            TEXT NOT NULL,
    user_agent    TEXT NOT NULL,
    referrer      TEXT NOT NULL,
    fbp           TEXT NOT NULL,
    fbc           TEXT NOT NULL,
    robot         BOOLEAN NOT NULL,
    claimed_by    TEXT,
    claimed_guess BOOLEAN NOT NULL DEFAULT FALSE,
    claimed_at    INTEGER,
    UNIQUE (project_id, start_value)
);
CREATE INDEX clicks_free ON clicks (project_id, at DESC, id DESC) WHERE claimed_by IS NULL AND robot = FALSE;
CREATE INDEX clicks_free_of_link ON clicks (link_id, at DESC, id DESC) WHERE claimed_by IS NULL AND robot = FALSE;
CREATE INDEX clicks_counted ON clicks (link_id, at) WHERE robot = FALSE;
CREATE INDEX clicks_reported ON clicks (project_id, at) WHERE robot = FALSE;
CREATE INDEX clicks_claimed ON clicks (claimed_by) WHERE claimed_by IS NOT NULL;

CREATE TABLE subscribers (
    id               TEXT PRIMARY KEY,
    project_id       TEXT NOT NULL,
    messenger        TEXT NOT NULL,
    user_id          INTEGER NOT NULL,
    username         TEXT NOT NULL DEFAULT '',
    first_name       TEXT NOT NULL DEFAULT '',
    last_name        TEXT NOT NULL DEFAULT '',
    language         TEXT NOT NULL DEFAULT '',
    is_premium       BOOLEAN,
    first_seen       INTEGER NOT NULL,
    seq              INTEGER NOT NULL DEFAULT 0,
    subscribed       BOOLEAN NOT NULL DEFAULT FALSE,
    episode_id       TEXT NOT NULL DEFAULT '',
    episode_at       INTEGER,
    stopped_at       INTEGER,
    first_join       INTEGER,
    last_start       INTEGER,
    first_source     TEXT NOT NULL DEFAULT '',
    first_utm        TEXT NOT NULL DEFAULT '',
    first_attributed BOOLEAN NOT NULL DEFAULT FALSE,
    touches          TEXT NOT NULL DEFAULT '',
    waiting_goals    INTEGER NOT NULL DEFAULT 0,
    -- Id, username and names in lower case: SQLite folds ASCII letters only.
    search           TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX subscribers_person ON subscribers (project_id, messenger, user_id) WHERE user_id <> 0;
CREATE INDEX subscribers_project ON subscribers (project_id, id);

CREATE TABLE episodes (
    id            TEXT PRIMARY KEY,
    project_id    TEXT NOT NULL,
    subscriber_id TEXT NOT NULL,
    opened_at     INTEGER NOT NULL,
    closed_at     INTEGER,
    link_id       TEXT NOT NULL,
    click_id      TEXT NOT NULL,
    touch         TEXT NOT NULL
);
CREATE INDEX episodes_person ON episodes (subscriber_id, opened_at);
CREATE INDEX episodes_reported ON episodes (project_id, opened_at);
CREATE INDEX episodes_link ON episodes (link_id) WHERE link_id <> '';

CREATE TABLE waiting_goals (
    event_id      TEXT PRIMARY KEY,
    project_id    TEXT NOT NULL,
    subscriber_id TEXT NOT NULL,
    target        TEXT NOT NULL,
    amount        INTEGER,
    raw_amount    INTEGER,
    currency      TEXT NOT NULL,
    occurred_at   INTEGER NOT NULL,
    until         INTEGER NOT NULL
);
CREATE INDEX waiting_goals_person ON waiting_goals (subscriber_id);
CREATE INDEX waiting_goals_until ON waiting_goals (until);
