-- People's subscriptions to places that are not their project's own: the chat
-- with the bot of a channel project, the channels and groups of a bot project.
-- place is a chat id, 0 for the chat with the bot, 1 for a channel or group that
-- nobody named; so are place of people and episodes, which are of the project's
-- own. The episode is the last one of a place that was the project's own once.
CREATE TABLE memberships (
    person_no  BIGINT NOT NULL,
    place      BIGINT NOT NULL,
    project_no INTEGER NOT NULL,
    subscribed BOOLEAN NOT NULL,
    joined_at  TIMESTAMPTZ,
    left_at    TIMESTAMPTZ,
    -- When it was told of last.
    told_at    TIMESTAMPTZ NOT NULL,
    episode_no BIGINT NOT NULL DEFAULT 0,
    episode_id BYTEA NOT NULL,
    PRIMARY KEY (person_no, place)
);
CREATE INDEX memberships_place ON memberships (project_no, place);
-- What was told of joins and leaves in other places; what counts is not in it.
CREATE INDEX events_elsewhere ON events (project_no, occurred_at)
    WHERE change IN ('joined_elsewhere', 'left_elsewhere');

UPDATE people SET place = 1 WHERE project_no IN (SELECT no FROM projects WHERE kind = 'channel');

-- Sealed: with which constructors sign their requests, by name.
ALTER TABLE projects ADD COLUMN webhook_secrets BYTEA;
-- Whether payments that Telegram tells of are read, 'auto' or 'off'; what one
-- star is worth, in millionths of the project's currency, 0 while nobody said.
ALTER TABLE projects ADD COLUMN telegram_payments TEXT NOT NULL DEFAULT 'auto';
ALTER TABLE projects ADD COLUMN star_rate BIGINT NOT NULL DEFAULT 0;

-- Stars that nobody gave a rate for: what was paid less what went back.
ALTER TABLE rollup_days ADD COLUMN stars BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rollup_hours ADD COLUMN stars BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rollup_steps ADD COLUMN stars BIGINT NOT NULL DEFAULT 0;

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

-- Decoders that a process switched off because they do not answer, joined by
-- commas.
ALTER TABLE processes ADD COLUMN decoders_off TEXT NOT NULL DEFAULT '';

-- What a network warned of when it took a conversion, and when it did last.
ALTER TABLE ad_accounts ADD COLUMN network_warning TEXT NOT NULL DEFAULT '';
ALTER TABLE ad_accounts ADD COLUMN network_warned_at TIMESTAMPTZ;

-- Goals that go only to ad accounts which have a name for them.
ALTER TABLE waiting_goals ADD COLUMN named_only BOOLEAN NOT NULL DEFAULT FALSE;
