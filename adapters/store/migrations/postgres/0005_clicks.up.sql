-- Whether a click link answers with a page of its own: off, auto, always.
ALTER TABLE links ADD COLUMN open_page TEXT NOT NULL DEFAULT 'off';

-- How start values of the owner's own are read, in the order in which they are
-- tried. What a value brings belongs to the link.
CREATE TABLE start_rules (
    project_id TEXT NOT NULL,
    position   INTEGER NOT NULL,
    pattern    TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    PRIMARY KEY (project_id, position)
);

-- What came in parameters of a link's clicks instead of values: the first of
-- each parameter, and how many there were.
CREATE TABLE link_placeholders (
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    param      TEXT NOT NULL,
    value      TEXT NOT NULL,
    first_at   TIMESTAMPTZ NOT NULL,
    last_at    TIMESTAMPTZ NOT NULL,
    clicks     BIGINT NOT NULL,
    PRIMARY KEY (project_id, link_id, param)
);

-- Visits of click links by robots, which make no clicks, by days of UTC.
CREATE TABLE robot_visits (
    project_id TEXT NOT NULL,
    day        TEXT NOT NULL,
    visits     BIGINT NOT NULL,
    PRIMARY KEY (project_id, day)
);
