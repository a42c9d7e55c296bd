-- The readable address of a link's click link, empty for none; words by which
-- lists tell links apart, joined by commas; since when lists leave the link out.
ALTER TABLE links ADD COLUMN slug TEXT NOT NULL DEFAULT '';
ALTER TABLE links ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE links ADD COLUMN archived_at INTEGER;

-- All readable addresses that a link has or had: each goes on leading to it.
CREATE TABLE link_addresses (
    address    TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX link_addresses_link ON link_addresses (project_id, link_id);

-- Names that links had: people are searched by the name that the link of their
-- source had when they came.
CREATE TABLE link_names (
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    PRIMARY KEY (project_id, link_id, name)
) WITHOUT ROWID;

-- How the UTM of a project's links is written, with {name} where something else
-- stands each time.
CREATE TABLE utm_templates (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    name       TEXT NOT NULL,
    utm        TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (project_id, name)
) WITHOUT ROWID;
