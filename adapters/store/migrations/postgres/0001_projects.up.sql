CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE projects (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    username     TEXT NOT NULL,
    constructor  TEXT NOT NULL,
    mode         TEXT NOT NULL,
    timezone     TEXT NOT NULL,
    currency     TEXT NOT NULL,
    attribution  TEXT NOT NULL,
    send_guesses BOOLEAN NOT NULL,
    enabled      BOOLEAN NOT NULL,
    amount_unit  TEXT NOT NULL,
    per_second   BIGINT NOT NULL,
    per_hour     BIGINT NOT NULL,
    per_day      BIGINT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    -- A deleted project stays as a row until all that belongs to it is gone.
    deleted_at   TIMESTAMPTZ
);

CREATE TABLE api_keys (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,
    sealed     BYTEA,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX api_keys_project ON api_keys (project_id);

CREATE TABLE links (
    id          TEXT PRIMARY KEY,
    project_id  TEXT NOT NULL,
    name        TEXT NOT NULL,
    invite_link TEXT NOT NULL,
    -- The invite link in the one form under which joins are looked up.
    invite_key  TEXT NOT NULL,
    utm         TEXT NOT NULL,
    start_value TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (project_id, start_value)
);
CREATE INDEX links_project ON links (project_id, id);
CREATE INDEX links_invite ON links (project_id, invite_key) WHERE invite_key <> '';
CREATE INDEX links_name ON links (project_id, name);

-- Settings and goals belong to the network; settings are sealed.
CREATE TABLE ad_accounts (
    id              TEXT PRIMARY KEY,
    project_id      TEXT NOT NULL,
    network         TEXT NOT NULL,
    name            TEXT NOT NULL,
    settings        BYTEA,
    activation_goal TEXT NOT NULL,
    goals           TEXT NOT NULL,
    currency        TEXT NOT NULL,
    paused          BOOLEAN NOT NULL,
    health          TEXT NOT NULL,
    health_reason   TEXT NOT NULL,
    warnings        TEXT NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL
);
CREATE INDEX ad_accounts_project ON ad_accounts (project_id, id);

CREATE TABLE counters (
    project_id TEXT PRIMARY KEY,
    second_at  TIMESTAMPTZ,
    hour_at    TIMESTAMPTZ,
    day_at     TIMESTAMPTZ,
    in_second  BIGINT NOT NULL DEFAULT 0,
    in_hour    BIGINT NOT NULL DEFAULT 0,
    in_day     BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
