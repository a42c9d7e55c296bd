-- From an event to the conversions that it made.
CREATE INDEX conversions_event ON conversions (event_id);
