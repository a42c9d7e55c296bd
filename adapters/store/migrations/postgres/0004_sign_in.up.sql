-- What one subscriber has of addresses: from where a session was opened.
ALTER TABLE sessions ADD COLUMN network TEXT NOT NULL DEFAULT '';

-- Sealed: of what a user's one-time codes are made; null for who has no second
-- factor. The step is the one of the last code, which works no second time.
ALTER TABLE users ADD COLUMN totp_secret BYTEA;
ALTER TABLE users ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;

-- Hashes of the codes that let users in who lost their second factor.
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL,
    hash    BYTEA NOT NULL,
    PRIMARY KEY (user_id, hash)
);
