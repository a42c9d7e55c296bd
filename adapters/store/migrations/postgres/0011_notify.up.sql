-- What a project wants to be told.
CREATE TABLE notice_settings (
    project_id    TEXT PRIMARY KEY,
    language      TEXT NOT NULL,
    digest        BOOLEAN NOT NULL,
    digest_hour   INTEGER NOT NULL,
    digest_empty  BOOLEAN NOT NULL,
    alerts        BOOLEAN NOT NULL,
    silence_hours INTEGER NOT NULL,
    -- Address and secret as JSON, sealed; empty for none.
    webhook       BYTEA,
    updated_at    TIMESTAMPTZ NOT NULL
);

-- A code links the chat that sends it to the bot; a hash is kept.
CREATE TABLE notice_codes (
    hash       BYTEA PRIMARY KEY,
    project_id TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_by    BIGINT
);
CREATE INDEX notice_codes_age ON notice_codes (expires_at);

CREATE TABLE notice_chats (
    project_id  TEXT NOT NULL,
    chat_id     BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    title       TEXT NOT NULL,
    linked_by   TEXT NOT NULL,
    linked_at   TIMESTAMPTZ NOT NULL,
    -- The local date of the last digest that was made.
    digest_date TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (project_id, chat_id)
);
CREATE INDEX notice_chats_chat ON notice_chats (chat_id);

-- Messages to chats (chat_id) and to the project's webhook (0).
CREATE TABLE notices (
    id              TEXT PRIMARY KEY,
    project_id      TEXT NOT NULL,
    kind            TEXT NOT NULL,
    notice_key      TEXT NOT NULL,
    chat_id         BIGINT NOT NULL,
    body            TEXT NOT NULL,
    state           TEXT NOT NULL,
    reason          TEXT NOT NULL DEFAULT '',
    attempts        INTEGER NOT NULL DEFAULT 0,
    created_at      TIMESTAMPTZ NOT NULL,
    give_up_at      TIMESTAMPTZ NOT NULL,
    next_attempt_at TIMESTAMPTZ,
    claimed_until   TIMESTAMPTZ,
    sent_at         TIMESTAMPTZ,
    UNIQUE (project_id, notice_key, chat_id)
);
CREATE INDEX notices_due ON notices (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX notices_sending ON notices (claimed_until) WHERE state = 'sending';
CREATE INDEX notices_project ON notices (project_id, id);
CREATE INDEX notices_age ON notices (created_at);

CREATE TABLE alerts (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL,
    opened_at  TIMESTAMPTZ NOT NULL,
    told_at    TIMESTAMPTZ NOT NULL,
    told       INTEGER NOT NULL,
    closed_at  TIMESTAMPTZ
);
CREATE UNIQUE INDEX alerts_open ON alerts (project_id, kind, subject) WHERE closed_at IS NULL;
CREATE INDEX alerts_project ON alerts (project_id, id);
CREATE INDEX alerts_age ON alerts (closed_at) WHERE closed_at IS NOT NULL;

-- What one process at a time does.
CREATE TABLE leases (
    name  TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until TIMESTAMPTZ NOT NULL
);
