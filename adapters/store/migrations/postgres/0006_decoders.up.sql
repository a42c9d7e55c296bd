-- Decoders that a process switched off because they do not answer, joined by
-- commas.
ALTER TABLE processes ADD COLUMN decoders_off TEXT NOT NULL DEFAULT '';
