-- Clicks that were too old to be kept: a link's count goes on.
ALTER TABLE links ADD COLUMN clicks_gone BIGINT NOT NULL DEFAULT 0;

-- People who are erased here and perhaps not yet in the streams; a row goes as
-- soon as they are. subscriber_id is what their events keep.
CREATE TABLE erasures (
    subscriber_id TEXT PRIMARY KEY,
    project_id    TEXT NOT NULL,
    user_id       BIGINT NOT NULL,
    person_hash   TEXT NOT NULL,
    erased_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX erasures_person ON erasures (person_hash);
