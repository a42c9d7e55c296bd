-- What a database of before the first release is known by; it had more tables.
CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO projects (id, name) VALUES ('p', 'Bot of before');
CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL);
INSERT INTO schema_migrations (version, name, applied_at) VALUES
    (1, 'projects', '2025-12-01T00:00:00Z'),
    (2, 'people', '2025-12-01T00:00:00Z'),
    (3, 'events', '2025-12-01T00:00:00Z'),
    (4, 'conversions', '2025-12-01T00:00:00Z'),
    (5, 'rollups', '2025-12-01T00:00:00Z'),
    (6, 'replays', '2025-12-01T00:00:00Z'),
    (7, 'keeping', '2025-12-01T00:00:00Z'),
    (8, 'users', '2025-12-01T00:00:00Z'),
    (9, 'seen', '2025-12-01T00:00:00Z'),
    (10, 'costs', '2025-12-01T00:00:00Z'),
    (11, 'notify', '2025-12-01T00:00:00Z'),
    (12, 'search', '2025-12-01T00:00:00Z'),
    (13, 'step_people', '2025-12-01T00:00:00Z'),
    (14, 'lists', '2025-12-01T00:00:00Z');
