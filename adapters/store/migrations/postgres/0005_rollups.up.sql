-- Figures of each local day of a project, made from the rows above and made
-- anew whenever something of the day changes.

-- basis says what the figures depend on besides rows (time zone, currency);
-- under another basis they are not read but made anew. One process at a time
-- works on a project.
CREATE TABLE rollup_projects (
    project_id  TEXT PRIMARY KEY,
    basis       TEXT NOT NULL DEFAULT '',
    next_at     TIMESTAMPTZ,
    lease_owner TEXT NOT NULL DEFAULT '',
    lease_until TIMESTAMPTZ
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
    left_1      BIGINT NOT NULL,
    left_7      BIGINT NOT NULL,
    left_30     BIGINT NOT NULL,
    PRIMARY KEY (project_id, source_id, day)
);
CREATE INDEX rollup_days_day ON rollup_days (project_id, day);

-- Of those who joined on the day: how many left after so many whole weeks.
CREATE TABLE rollup_lives (
    project_id TEXT NOT NULL,
    day        TEXT NOT NULL,
    source_id  TEXT NOT NULL,
    weeks      BIGINT NOT NULL,
    people     BIGINT NOT NULL,
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
    events      BIGINT NOT NULL,
    in_progress BIGINT NOT NULL,
    success     BIGINT NOT NULL,
    failure     BIGINT NOT NULL,
    revenue     BIGINT NOT NULL,
    costs       BIGINT NOT NULL,
    uncounted   BIGINT NOT NULL
);
CREATE INDEX rollup_steps_day ON rollup_steps (project_id, day);

-- Moments, to the quarter of an hour, whose day must be made anew. Rows are
-- only added and taken away: a shared one would make batches wait for each
-- other.
CREATE TABLE rollup_marks (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id TEXT NOT NULL,
    at         TIMESTAMPTZ NOT NULL
);
CREATE INDEX rollup_marks_project ON rollup_marks (project_id, id);

-- Numbers of UTM values, for programs that ask for numbers.
CREATE TABLE utm_tags (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
CREATE FUNCTION rollup_mark_clicks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollup_marks (project_id, at)
    SELECT DISTINCT n.project_id, date_bin('15 minutes', n.at, 'epoch'::timestamptz) FROM added n WHERE n.robot = FALSE;
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_clicks AFTER INSERT ON clicks
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_clicks();

CREATE FUNCTION rollup_mark_click() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollup_marks (project_id, at) VALUES (NEW.project_id, date_bin('15 minutes', NEW.at, 'epoch'::timestamptz));
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_erased_clicks AFTER UPDATE OF params ON clicks
    FOR EACH ROW WHEN (OLD.params IS DISTINCT FROM NEW.params) EXECUTE FUNCTION rollup_mark_click();

CREATE FUNCTION rollup_mark_episodes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed RECORD;
BEGIN
    INSERT INTO rollup_marks (project_id, at)
    SELECT DISTINCT x.project_id, date_bin('15 minutes', x.at, 'epoch'::timestamptz) FROM (
        SELECT o.project_id, o.opened_at FROM was o UNION ALL SELECT o.project_id, o.closed_at FROM was o
        UNION ALL SELECT n.project_id, n.opened_at FROM now_is n UNION ALL SELECT n.project_id, n.closed_at FROM now_is n
    ) AS x(project_id, at) WHERE x.at IS NOT NULL;
    -- Another source: that of all that happened in the episode. One at a
    -- time, since they are few and the planner expects many.
    FOR changed IN SELECT n.id, n.project_id, n.subscriber_id FROM now_is n JOIN was o ON o.id = n.id AND o.touch <> n.touch LOOP
        INSERT INTO rollup_marks (project_id, at)
        SELECT v.project_id, date_bin('15 minutes', v.occurred_at, 'epoch'::timestamptz) FROM events v
        WHERE v.project_id = changed.project_id AND v.subscriber_id = changed.subscriber_id AND v.episode_id = changed.id AND changed.subscriber_id <> ''
        UNION SELECT v.project_id, date_bin('15 minutes', v.occurred_at, 'epoch'::timestamptz) FROM conversions v
        WHERE v.episode_id = changed.id AND v.kind = 'goal';
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_episodes AFTER UPDATE ON episodes
    REFERENCING OLD TABLE AS was NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_episodes();

CREATE FUNCTION rollup_mark_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollup_marks (project_id, at)
    SELECT DISTINCT n.project_id, date_bin('15 minutes', n.occurred_at, 'epoch'::timestamptz) FROM now_is n;
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_events AFTER UPDATE ON events
    REFERENCING NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_events();

CREATE FUNCTION rollup_mark_conversion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollup_marks (project_id, at) VALUES (NEW.project_id, date_bin('15 minutes', NEW.occurred_at, 'epoch'::timestamptz));
    RETURN NULL;
END $$;
CREATE TRIGGER rollup_conversions AFTER UPDATE OF click_id ON conversions
    FOR EACH ROW WHEN (OLD.click_id IS DISTINCT FROM NEW.click_id) EXECUTE FUNCTION rollup_mark_conversion();
