-- From where a change, a login or a refusal came, kept for a while, and in which
-- request. An entry may stand for many alike: times says how many.
ALTER TABLE audit_log ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_log ADD COLUMN request_id TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_log ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
CREATE INDEX audit_log_addresses ON audit_log (at) WHERE address <> '';

ALTER TABLE users ADD COLUMN last_login_at TIMESTAMPTZ;
