-- Visits of click links that made no clicks since too many came from one
-- address, by days of UTC.
CREATE TABLE crowded_visits (
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    day        TEXT NOT NULL,
    visits     INTEGER NOT NULL,
    PRIMARY KEY (project_id, link_id, day)
);
