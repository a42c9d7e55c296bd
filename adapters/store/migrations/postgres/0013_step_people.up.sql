-- Who was at each step of the funnel on a day, as a bitmap of their numbers:
-- days can be put together, and who was there on two of them is one. An empty
-- source_id is all sources.
CREATE TABLE rollup_people (
    project_id TEXT NOT NULL,
    day        TEXT NOT NULL,
    source_id  TEXT NOT NULL,
    step       TEXT NOT NULL,
    people     BYTEA NOT NULL,
    PRIMARY KEY (project_id, source_id, day, step)
);
CREATE INDEX rollup_people_day ON rollup_people (project_id, day);

-- The numbers of people in those bitmaps.
CREATE TABLE rollup_numbers (
    project_id    TEXT NOT NULL,
    number        BIGINT NOT NULL,
    subscriber_id TEXT NOT NULL,
    PRIMARY KEY (project_id, number)
);
CREATE UNIQUE INDEX rollup_numbers_person ON rollup_numbers (project_id, subscriber_id);

-- The sums of all sources are kept, too.
CREATE INDEX rollup_steps_source ON rollup_steps (project_id, source_id, day);
