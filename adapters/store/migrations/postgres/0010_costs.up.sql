-- What a link cost on a local day, in millionths.
CREATE TABLE link_costs (
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    day        TEXT NOT NULL,
    amount     BIGINT NOT NULL,
    currency   TEXT NOT NULL,
    PRIMARY KEY (project_id, link_id, day)
);

-- The figures of each local hour of a day; an empty source_id is the sum.
CREATE TABLE rollup_hours (
    project_id  TEXT NOT NULL,
    day         TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    hour        BIGINT NOT NULL,
    clicks      BIGINT NOT NULL,
    presses     BIGINT NOT NULL,
    starts      BIGINT NOT NULL,
    joins       BIGINT NOT NULL,
    click_joins BIGINT NOT NULL,
    leaves      BIGINT NOT NULL,
    goals       BIGINT NOT NULL,
    revenue     BIGINT NOT NULL,
    costs       BIGINT NOT NULL,
    uncounted   BIGINT NOT NULL,
    PRIMARY KEY (project_id, day, source_id, hour)
);

-- How long they lasted together, and of how many that is known: not of those
-- that were counted before.
ALTER TABLE rollup_lives ADD COLUMN seconds BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rollup_lives ADD COLUMN known BIGINT NOT NULL DEFAULT 0;
