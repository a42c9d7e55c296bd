-- What is sealed for its place opens there only. Versions before can not open it,
-- and say FALSE here: nothing is sealed so while one of them lives.
ALTER TABLE processes ADD COLUMN opens_bound BOOLEAN NOT NULL DEFAULT FALSE;
