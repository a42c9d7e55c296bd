-- Clicks that were too old to be kept: a link's count goes on.
ALTER TABLE links ADD COLUMN clicks_gone BIGINT NOT NULL DEFAULT 0;

-- People who are erased here and perhaps not yet in the streams. The id is
-- that which their events keep; it and the hash name nobody.
CREATE TABLE erasures (
    subscriber_id TEXT PRIMARY KEY,
    project_id    TEXT NOT NULL,
    person_hash   TEXT NOT NULL,
    erased_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX erasures_person ON erasures (person_hash);
