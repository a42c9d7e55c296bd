-- People who log into the cabinet.
CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    admin         BOOLEAN NOT NULL,
    language      TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE project_users (
    project_id TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    role       TEXT NOT NULL,
    since      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (project_id, user_id)
);
CREATE INDEX project_users_user ON project_users (user_id);

-- Of sessions, tokens and one-time links only a hash is kept.
CREATE TABLE sessions (
    hash       BYTEA PRIMARY KEY,
    user_id    TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    seen_at    TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_age ON sessions (expires_at);

CREATE TABLE user_tokens (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,
    scope      TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    used_at    TIMESTAMPTZ,
    expires_at TIMESTAMPTZ
);
CREATE INDEX user_tokens_user ON user_tokens (user_id);

-- setup makes the first owner, invite a member, reset a new password.
CREATE TABLE one_time_links (
    hash       BYTEA PRIMARY KEY,
    kind       TEXT NOT NULL,
    project_id TEXT NOT NULL,
    role       TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX one_time_links_age ON one_time_links (expires_at);

-- Attempts to log in that have not succeeded, for a while. The key is a hash
-- of an e-mail or of a network address.
CREATE TABLE login_attempts (
    id  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key TEXT NOT NULL,
    at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX login_attempts_key ON login_attempts (key, at);
CREATE INDEX login_attempts_age ON login_attempts (at);

-- Who changed what. It outlives the project and the user.
CREATE TABLE audit_log (
    id         TEXT PRIMARY KEY,
    at         TIMESTAMPTZ NOT NULL,
    user_id    TEXT NOT NULL,
    actor      TEXT NOT NULL,
    project_id TEXT NOT NULL,
    action     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL
);
CREATE INDEX audit_log_project ON audit_log (project_id, id);

-- People of the project who left so many days ago are erased; 0: the service's
-- own setting.
ALTER TABLE projects ADD COLUMN keep_people BIGINT NOT NULL DEFAULT 0;
