-- What a database of before the first release is known by; it had more tables.
CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO projects (id, name) VALUES ('p', 'Bot of before');
CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
INSERT INTO schema_migrations (version, name, applied_at) VALUES
    (1, 'projects', 1764547200000000),
    (2, 'people', 1764547200000000),
    (3, 'events', 1764547200000000),
    (4, 'conversions', 1764547200000000),
    (5, 'rollups', 1764547200000000),
    (6, 'replays', 1764547200000000),
    (7, 'keeping', 1764547200000000),
    (8, 'users', 1764547200000000),
    (9, 'seen', 1764547200000000),
    (10, 'costs', 1764547200000000),
    (11, 'notify', 1764547200000000),
    (12, 'search', 1764547200000000),
    (13, 'step_people', 1764547200000000),
    (14, 'lists', 1764547200000000);
