CREATE TABLE conversions (
    id              TEXT PRIMARY KEY,
    project_id      TEXT NOT NULL,
    account_id      TEXT NOT NULL,
    network         TEXT NOT NULL,
    kind            TEXT NOT NULL,
    target          TEXT NOT NULL,
    name            TEXT NOT NULL,
    value           BIGINT,
    currency        TEXT NOT NULL,
    occurred_at     TIMESTAMPTZ NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    event_id        TEXT NOT NULL,
    subscriber_id   TEXT NOT NULL,
    messenger       TEXT NOT NULL,
    user_id         BIGINT NOT NULL,
    source          TEXT NOT NULL,
    click_id        TEXT NOT NULL,
    episode_id      TEXT NOT NULL,
    status          TEXT NOT NULL,
    status_reason   TEXT NOT NULL,
    attempts        BIGINT NOT NULL,
    not_before      TIMESTAMPTZ,
    expires_at      TIMESTAMPTZ,
    next_attempt_at TIMESTAMPTZ,
    delivered_at    TIMESTAMPTZ,
    batch_id        TEXT NOT NULL,
    handle          TEXT NOT NULL,
    count_key       TEXT NOT NULL UNIQUE,
    -- An attempt was begun and its outcome never written.
    attempt_open    BOOLEAN NOT NULL DEFAULT FALSE,
    lease_owner     TEXT NOT NULL DEFAULT '',
    lease_until     TIMESTAMPTZ,
    -- When it was handed to the stream; empty again when it is settled.
    scheduled_at    TIMESTAMPTZ,
    schedules       BIGINT NOT NULL DEFAULT 0,
    settlements     BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
CREATE INDEX conversions_due ON conversions (next_attempt_at)
    WHERE status IN ('pending', 'retrying', 'accepted', 'parked') AND next_attempt_at IS NOT NULL AND scheduled_at IS NULL;
CREATE INDEX conversions_handed ON conversions (scheduled_at)
    WHERE status IN ('pending', 'retrying', 'accepted', 'parked') AND scheduled_at IS NOT NULL;
CREATE INDEX conversions_expiry ON conversions (expires_at)
    WHERE status IN ('pending', 'retrying', 'parked');
CREATE INDEX conversions_account ON conversions (account_id, status);
CREATE INDEX conversions_project ON conversions (project_id, id);
CREATE INDEX conversions_reported ON conversions (project_id, occurred_at);
CREATE INDEX conversions_person ON conversions (subscriber_id);

-- How many were made, counted when they were: what the ledger is held against.
CREATE TABLE conversion_totals (
    project_id TEXT NOT NULL,
    network    TEXT NOT NULL,
    created    BIGINT NOT NULL,
    PRIMARY KEY (project_id, network)
) WITH (fillfactor = 50);

CREATE TABLE attempts (
    id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversion_id TEXT NOT NULL,
    project_id    TEXT NOT NULL,
    at            TIMESTAMPTZ NOT NULL,
    verdict       TEXT NOT NULL,
    reason        TEXT NOT NULL,
    evidence      BYTEA
);
CREATE INDEX attempts_conversion ON attempts (conversion_id, id);
