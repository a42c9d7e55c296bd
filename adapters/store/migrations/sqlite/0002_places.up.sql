-- People's subscriptions to places that are not their project's own: the chat
-- with the bot of a channel project, the channels and groups of a bot project.
-- place is a chat id, 0 for the chat with the bot, 1 for a channel or group that
-- nobody named; so are place of people and episodes, which are of the project's
-- own. The episode is the last one of a place that was the project's own once.
CREATE TABLE memberships (
    person_no  INTEGER NOT NULL,
    place      INTEGER NOT NULL,
    project_no INTEGER NOT NULL,
    subscribed BOOLEAN NOT NULL,
    joined_at  INTEGER,
    left_at    INTEGER,
    -- When it was told of last.
    told_at    INTEGER NOT NULL,
    episode_no INTEGER NOT NULL DEFAULT 0,
    episode_id BLOB NOT NULL,
    PRIMARY KEY (person_no, place)
) WITHOUT ROWID;
CREATE INDEX memberships_place ON memberships (project_no, place);
-- What was told of joins and leaves in other places; what counts is not in it.
CREATE INDEX events_elsewhere ON events (project_no, occurred_at)
    WHERE change IN ('joined_elsewhere', 'left_elsewhere');

UPDATE people SET place = 1 WHERE project_no IN (SELECT no FROM projects WHERE kind = 'channel');
