-- Reports that are shown to whoever has an address: of it the hash is kept, and
-- of the password, which may be empty.
CREATE TABLE report_shares (
    id            TEXT NOT NULL PRIMARY KEY,
    hash          BYTEA NOT NULL,
    project_id    TEXT NOT NULL,
    page          TEXT NOT NULL,
    query         TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_by    TEXT NOT NULL,
    creator_id    TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX report_shares_hash ON report_shares (hash);
CREATE INDEX report_shares_project ON report_shares (project_id);
CREATE INDEX report_shares_age ON report_shares (expires_at);
