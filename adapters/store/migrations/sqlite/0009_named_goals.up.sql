-- Goals that go only to ad accounts which have a name for them.
ALTER TABLE waiting_goals ADD COLUMN named_only BOOLEAN NOT NULL DEFAULT FALSE;
