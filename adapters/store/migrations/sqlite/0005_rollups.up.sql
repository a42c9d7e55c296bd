-- Figures of each local day of a project, made from the rows above and made
-- anew whenever something of the day changes.

-- basis says what the figures depend on besides rows (time zone, currency);
-- under another basis they are not read but made anew. One process at a time
-- works on a project.
CREATE TABLE rollup_projects (
    project_id  TEXT PRIMARY KEY,
    basis       TEXT NOT NULL DEFAULT '',
    next_at     INTEGER,
    lease_owner TEXT NOT NULL DEFAULT '',
    lease_until INTEGER
);

-- The id is a hash of the rest: UTM values are too long for a unique key.
CREATE TABLE rollup_sources (
    id           TEXT PRIMARY KEY,
    project_id   TEXT NOT NULL,
    source       TEXT NOT NULL,
    link_id      TEXT NOT NULL,
    utm_source   TEXT NOT NULL,
    utm_medium   TEXT NOT NULL,
    utm_campaign TEXT NOT NULL,
    utm_content  TEXT NOT NULL,
    utm_term     TEXT NOT NULL,
    network      TEXT NOT NULL
);
CREATE INDEX rollup_sources_project ON rollup_sources (project_id);

-- A row with an empty source_id is the sum of the day. Money is in millionths.
CREATE TABLE rollup_days (
    project_id  TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    day         TEXT NOT NULL,
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
    left_1      INTEGER NOT NULL,
    left_7      INTEGER NOT NULL,
    left_30     INTEGER NOT NULL,
    PRIMARY KEY (project_id, source_id, day)
);
CREATE INDEX rollup_days_day ON rollup_days (project_id, day);

-- Of those who joined on the day: how many left after so many whole weeks.
CREATE TABLE rollup_lives (
    project_id TEXT NOT NULL,
    day        TEXT NOT NULL,
    source_id  TEXT NOT NULL,
    weeks      INTEGER NOT NULL,
    people     INTEGER NOT NULL,
    PRIMARY KEY (project_id, day, source_id, weeks)
);

-- An empty label is the step itself.
CREATE TABLE rollup_steps (
    project_id  TEXT NOT NULL,
    day         TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    step        TEXT NOT NULL,
    label       TEXT NOT NULL,
    value       TEXT NOT NULL,
    events      INTEGER NOT NULL,
    in_progress INTEGER NOT NULL,
    success     INTEGER NOT NULL,
    failure     INTEGER NOT NULL,
    revenue     INTEGER NOT NULL,
    costs       INTEGER NOT NULL,
    uncounted   INTEGER NOT NULL
);
CREATE INDEX rollup_steps_day ON rollup_steps (project_id, day);

-- Moments, to the quarter of an hour, whose day must be made anew. Rows are
-- only added and taken away: a shared one would make batches wait for each
-- other.
CREATE TABLE rollup_marks (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id TEXT NOT NULL,
    at         INTEGER NOT NULL
);
CREATE INDEX rollup_marks_project ON rollup_marks (project_id, id);

-- Numbers of UTM values, for programs that ask for numbers.
CREATE TABLE utm_tags (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    name       TEXT NOT NULL,
    UNIQUE (project_id, name_key)
);

CREATE INDEX episodes_closed ON episodes (project_id, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX conversions_counted ON conversions (episode_id, target) WHERE kind = 'goal';
CREATE INDEX events_steps ON events (project_id, occurred_at, name, subscriber_id) WHERE type = 'funnel_event';

-- New events are in the stream. What changes without one leaves a mark here,
-- whoever changes it: clicks, and corrections of what was there before
-- (episodes that move, end or lose a guess, erasure, merged people).
CREATE TRIGGER rollup_clicks AFTER INSERT ON clicks WHEN NEW.robot = FALSE BEGIN
    INSERT INTO rollup_marks (project_id, at) VALUES (NEW.project_id, NEW.at - NEW.at % 900000000);
END;
CREATE TRIGGER rollup_erased_clicks AFTER UPDATE OF params ON clicks WHEN OLD.params <> NEW.params BEGIN
    INSERT INTO rollup_marks (project_id, at) VALUES (NEW.project_id, NEW.at - NEW.at % 900000000);
END;
CREATE TRIGGER rollup_episodes AFTER UPDATE ON episodes BEGIN
    INSERT INTO rollup_marks (project_id, at) SELECT NEW.project_id, x.at - x.at % 900000000 FROM (
        SELECT OLD.opened_at AS at UNION SELECT OLD.closed_at UNION SELECT NEW.opened_at UNION SELECT NEW.closed_at
    ) AS x WHERE x.at IS NOT NULL;
END;
-- Another source: that of all that happened in the episode.
CREATE TRIGGER rollup_sourced_episodes AFTER UPDATE OF touch ON episodes WHEN OLD.touch <> NEW.touch BEGIN
    INSERT INTO rollup_marks (project_id, at)
    SELECT v.project_id, v.occurred_at - v.occurred_at % 900000000 FROM events v
    WHERE v.project_id = NEW.project_id AND v.subscriber_id = NEW.subscriber_id AND v.episode_id = NEW.id AND NEW.subscriber_id <> ''
    UNION SELECT v.project_id, v.occurred_at - v.occurred_at % 900000000 FROM conversions v WHERE v.episode_id = NEW.id AND v.kind = 'goal';
END;
CREATE TRIGGER rollup_events AFTER UPDATE ON events BEGIN
    INSERT INTO rollup_marks (project_id, at) VALUES (NEW.project_id, NEW.occurred_at - NEW.occurred_at % 900000000);
END;
CREATE TRIGGER rollup_conversions AFTER UPDATE OF click_id ON conversions WHEN OLD.click_id <> NEW.click_id BEGIN
    INSERT INTO rollup_marks (project_id, at) VALUES (NEW.project_id, NEW.occurred_at - NEW.occurred_at % 900000000);
END;
