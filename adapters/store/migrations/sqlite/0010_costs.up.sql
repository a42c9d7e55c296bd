-- What a link cost on a local day, in millionths.
CREATE TABLE link_costs (
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    day        TEXT NOT NULL,
    amount     INTEGER NOT NULL,
    currency   TEXT NOT NULL,
    PRIMARY KEY (project_id, link_id, day)
);

-- The figures of each local hour of a day; an empty source_id is the sum.
CREATE TABLE rollup_hours (
    project_id  TEXT NOT NULL,
    day         TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    hour        INTEGER NOT NULL,
    clicks      INTEGER NOT NULL,
    presses     INTEGER NOT NULL,
    starts      INTEGER NOT NULL,
    joins       INTEGER NOT NULL,
    click_joins INTEGER NOT NULL,
    leaves      INTEGER NOT NULL,
    goals       INTEGER NOT NULL,
    revenue     INTEGER NOT NULL,
    costs       INTEGER NOT NULL,
    uncounted   INTEGER NOT NULL,
    PRIMARY KEY (project_id, day, source_id, hour)
);

-- How long they lasted together, and of how many that is known: not of those
-- that were counted before.
ALTER TABLE rollup_lives ADD COLUMN seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup_lives ADD COLUMN known INTEGER NOT NULL DEFAULT 0;
