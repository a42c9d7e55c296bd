-- Who users are at providers of OpenID Connect. Without a subject: the user was
-- tied to the provider, and is not to be found by e-mail again.
CREATE TABLE user_identities (
    issuer     TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    subject    TEXT,
    email      TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer, user_id)
);
CREATE UNIQUE INDEX user_identities_subject ON user_identities (issuer, subject);
