-- Times are UTC.
--
-- Rows of the large tables are told apart by numbers, which never leave the
-- database; outside they have the ids kept beside them. Ids that are
-- hexadecimal outside are bytes here.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Numbers are taken in blocks, one for a batch, so that a row and those that
-- name it can be written together.
CREATE SEQUENCE row_blocks;

-- ---- Projects --------------------------------------------------------------

CREATE TABLE projects (
    no           INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    messenger    TEXT NOT NULL DEFAULT 'telegram',
    -- The project's own channel, 0 while none is known.
    channel_id   BIGINT NOT NULL DEFAULT 0,
    username     TEXT NOT NULL,
    constructor  TEXT NOT NULL,
    mode         TEXT NOT NULL,
    timezone     TEXT NOT NULL,
    currency     TEXT NOT NULL,
    attribution  TEXT NOT NULL,
    send_guesses BOOLEAN NOT NULL,
    enabled      BOOLEAN NOT NULL,
    amount_unit  TEXT NOT NULL,
    per_second   BIGINT NOT NULL,
    per_hour     BIGINT NOT NULL,
    per_day      BIGINT NOT NULL,
    -- People who left so many days ago are erased; 0: the service's own setting.
    keep_people  BIGINT NOT NULL DEFAULT 0,
    created_at   TIMESTAMPTZ NOT NULL,
    -- A deleted project stays as a row until all that belongs to it is gone.
    deleted_at   TIMESTAMPTZ
);

CREATE TABLE api_keys (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,
    sealed     BYTEA,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX api_keys_project ON api_keys (project_id);

CREATE TABLE links (
    no          INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    project_id  TEXT NOT NULL,
    name        TEXT NOT NULL,
    invite_link TEXT NOT NULL,
    -- The invite link in the one form under which joins are looked up.
    invite_key  TEXT NOT NULL,
    utm         TEXT NOT NULL,
    start_value TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    -- Clicks that were too old to be kept: the link's count goes on.
    clicks_gone BIGINT NOT NULL DEFAULT 0,
    UNIQUE (project_id, start_value)
);
CREATE INDEX links_project ON links (project_id, id);
CREATE INDEX links_invite ON links (project_id, invite_key) WHERE invite_key <> '';
CREATE INDEX links_name ON links (project_id, name);

-- What a link cost on a local day, in millionths.
CREATE TABLE link_costs (
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    day        TEXT NOT NULL,
    amount     BIGINT NOT NULL,
    currency   TEXT NOT NULL,
    PRIMARY KEY (project_id, link_id, day)
);

-- Settings and goals belong to the network; settings are sealed. A deleted
-- account stays as a row, since its conversions name it.
CREATE TABLE ad_accounts (
    no               INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id               TEXT NOT NULL UNIQUE,
    project_id       TEXT NOT NULL,
    network          TEXT NOT NULL,
    name             TEXT NOT NULL,
    settings         BYTEA,
    settings_version BIGINT NOT NULL DEFAULT 1,
    activation_goal  TEXT NOT NULL,
    goals            TEXT NOT NULL,
    currency         TEXT NOT NULL,
    paused           BOOLEAN NOT NULL,
    health           TEXT NOT NULL,
    health_reason    TEXT NOT NULL,
    warnings         TEXT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    updated_at       TIMESTAMPTZ NOT NULL,
    deleted_at       TIMESTAMPTZ
);
CREATE INDEX ad_accounts_project ON ad_accounts (project_id, id);

CREATE TABLE counters (
    project_no INTEGER PRIMARY KEY,
    second_at  TIMESTAMPTZ,
    hour_at    TIMESTAMPTZ,
    day_at     TIMESTAMPTZ,
    in_second  BIGINT NOT NULL DEFAULT 0,
    in_hour    BIGINT NOT NULL DEFAULT 0,
    in_day     BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- ---- People ----------------------------------------------------------------

CREATE TABLE clicks (
    no            BIGINT PRIMARY KEY,
    project_no    INTEGER NOT NULL,
    link_no       INTEGER NOT NULL,
    id            BYTEA NOT NULL UNIQUE,
    start_value   TEXT NOT NULL,
    at            TIMESTAMPTZ NOT NULL,
    url           TEXT NOT NULL,
    raw_query     TEXT NOT NULL,
    params        TEXT NOT NULL,
    ip            TEXT NOT NULL,
    user_agent    TEXT NOT NULL,
    referrer      TEXT NOT NULL,
    cookies       TEXT NOT NULL,
    robot         BOOLEAN NOT NULL,
    claimed_by    BIGINT,
    claimed_guess BOOLEAN NOT NULL DEFAULT FALSE,
    claimed_at    TIMESTAMPTZ,
    UNIQUE (project_no, start_value)
);
CREATE INDEX clicks_free ON clicks (project_no, at DESC, no DESC) WHERE claimed_by IS NULL AND robot = FALSE;
CREATE INDEX clicks_free_of_link ON clicks (link_no, at DESC, no DESC) WHERE claimed_by IS NULL AND robot = FALSE;
CREATE INDEX clicks_counted ON clicks (link_no, at) WHERE robot = FALSE;
CREATE INDEX clicks_reported ON clicks (project_no, at) WHERE robot = FALSE;
CREATE INDEX clicks_claimed ON clicks (claimed_by) WHERE claimed_by IS NOT NULL;

-- Every event changes its person's row and no indexed column of it: room in
-- the page keeps such a change from touching the indexes. A start that names
-- nobody makes a person whose user_id is 0. place is the channel or group whose
-- subscription the row tells of, 0 for the chat with the bot. state is the rest
-- of what decides about the next event, as JSON.
CREATE TABLE people (
    no            BIGINT PRIMARY KEY,
    project_no    INTEGER NOT NULL,
    waiting_goals INTEGER NOT NULL DEFAULT 0,
    user_id       BIGINT NOT NULL,
    place         BIGINT NOT NULL DEFAULT 0,
    episode_no    BIGINT NOT NULL DEFAULT 0,
    seq           BIGINT NOT NULL DEFAULT 0,
    first_seen    TIMESTAMPTZ NOT NULL,
    episode_at    TIMESTAMPTZ,
    stopped_at    TIMESTAMPTZ,
    first_join    TIMESTAMPTZ,
    last_start    TIMESTAMPTZ,
    subscribed    BOOLEAN NOT NULL DEFAULT FALSE,
    is_premium    BOOLEAN,
    test          BOOLEAN NOT NULL DEFAULT FALSE,
    messenger     TEXT NOT NULL,
    id            BYTEA NOT NULL,
    episode_id    BYTEA NOT NULL,
    username      TEXT NOT NULL DEFAULT '',
    first_name    TEXT NOT NULL DEFAULT '',
    last_name     TEXT NOT NULL DEFAULT '',
    language      TEXT NOT NULL DEFAULT '',
    state         TEXT NOT NULL DEFAULT ''
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX people_person ON people (project_no, user_id, messenger) WHERE user_id <> 0;
CREATE INDEX people_project ON people (project_no, no) WHERE user_id <> 0;

-- What people are listed and searched by, filled in behind by the reports: the
-- beginnings of names; whether they are subscribed, with the source they came by
-- first; the day on which they left. It may be out of date.
CREATE UNLOGGED TABLE people_words (
    person_no  BIGINT PRIMARY KEY,
    project_no INTEGER NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    surname    TEXT COLLATE "C" NOT NULL,
    username   TEXT COLLATE "C" NOT NULL,
    source     TEXT COLLATE "C" NOT NULL,
    left_on    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX people_words_name ON people_words (project_no, name, person_no);
CREATE INDEX people_words_surname ON people_words (project_no, surname, person_no) WHERE surname <> '';
CREATE INDEX people_words_username ON people_words (project_no, username, person_no) WHERE username <> '';
CREATE INDEX people_words_source ON people_words (project_no, source, person_no);
CREATE INDEX people_words_left ON people_words (project_no, left_on, person_no) WHERE left_on <> '';
-- It is whole.
INSERT INTO people_words (person_no, project_no, name, surname, username, source, left_on)
    VALUES (0, 0, '', '', '', '', '');

-- An episode's id is that of the event that opened it. An empty touch is a
-- start without a known source, at the episode's beginning.
CREATE TABLE episodes (
    no         BIGINT PRIMARY KEY,
    project_no INTEGER NOT NULL,
    link_no    INTEGER NOT NULL DEFAULT 0,
    person_no  BIGINT NOT NULL,
    click_no   BIGINT NOT NULL DEFAULT 0,
    place      BIGINT NOT NULL DEFAULT 0,
    opened_at  TIMESTAMPTZ NOT NULL,
    closed_at  TIMESTAMPTZ,
    id         BYTEA NOT NULL,
    touch      TEXT NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX episodes_person ON episodes (person_no);
CREATE INDEX episodes_link ON episodes (link_no) WHERE link_no <> 0;

CREATE TABLE waiting_goals (
    event_id    BYTEA PRIMARY KEY,
    project_no  INTEGER NOT NULL,
    person_no   BIGINT NOT NULL,
    target      TEXT NOT NULL,
    amount      BIGINT,
    raw_amount  BIGINT,
    currency    TEXT NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    until       TIMESTAMPTZ NOT NULL
);
CREATE INDEX waiting_goals_person ON waiting_goals (person_no);
CREATE INDEX waiting_goals_until ON waiting_goals (until);

-- Starts that named a value of ours which is not known: their clicks may wait
-- for the database. attributes: it decides about the source of its episode.
CREATE TABLE unknown_starts (
    event_id    BYTEA PRIMARY KEY,
    project_no  INTEGER NOT NULL,
    person_no   BIGINT NOT NULL,
    episode_no  BIGINT NOT NULL,
    start_value TEXT NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    attributes  BOOLEAN NOT NULL
);
CREATE INDEX unknown_starts_value ON unknown_starts (start_value);
CREATE INDEX unknown_starts_person ON unknown_starts (person_no);
CREATE INDEX unknown_starts_age ON unknown_starts (received_at);

-- People who are erased here and perhaps not yet in the streams; a row goes as
-- soon as they are. person_no is what their events keep, start_values are those
-- whose clicks may wait in a stream.
CREATE TABLE erasures (
    person_no   BIGINT PRIMARY KEY,
    person_id   BYTEA NOT NULL,
    project_id  TEXT NOT NULL,
    user_id     BIGINT NOT NULL,
    person_hash TEXT NOT NULL,
    start_values TEXT NOT NULL DEFAULT '',
    erased_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX erasures_person ON erasures (person_hash);

-- ---- Events ----------------------------------------------------------------

-- The id is that of the request and the place in it. detail is what few events
-- have, as JSON. Months are made ahead by the
-- program. There is no default partition: it would stand in the way of making
-- and detaching others. A unique key would have to contain the month, so that
-- the keys against repeats have tables of their own.
CREATE TABLE events (
    recorded_at TIMESTAMPTZ NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    person_no   BIGINT NOT NULL,
    episode_no  BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    place       BIGINT NOT NULL,
    project_no  INTEGER NOT NULL,
    id          BYTEA NOT NULL,
    type        TEXT NOT NULL,
    change      TEXT NOT NULL,
    detail      TEXT NOT NULL
) PARTITION BY RANGE (recorded_at);
CREATE INDEX events_id ON events (id);
CREATE INDEX events_person ON events (person_no, seq);
CREATE INDEX events_project ON events (project_no, occurred_at);

-- same: the key is the body itself, which grows old and is used again.
CREATE TABLE event_keys (
    project_no INTEGER NOT NULL,
    messenger  TEXT NOT NULL,
    key        TEXT NOT NULL,
    event_id   BYTEA NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    same       BOOLEAN NOT NULL,
    PRIMARY KEY (project_no, messenger, key)
);
CREATE INDEX event_keys_age ON event_keys USING brin (at);
CREATE INDEX event_keys_same ON event_keys (at) WHERE same;

CREATE TABLE idempotency_keys (
    project_no INTEGER NOT NULL,
    method     TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  BYTEA NOT NULL,
    answer     BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (project_no, method, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- What a batch of arrivals leaves for those who read it: the stream and the
-- reports. It goes when the last of them has it.
CREATE TABLE batches (
    no     BIGINT PRIMARY KEY,
    at     TIMESTAMPTZ NOT NULL,
    events INTEGER NOT NULL,
    -- The numbers of the people whose words changed.
    people BYTEA NOT NULL,
    body   BYTEA NOT NULL
);
-- The body is compressed already.
ALTER TABLE batches ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE batch_readers (
    reader   TEXT NOT NULL,
    batch_no BIGINT NOT NULL,
    PRIMARY KEY (reader, batch_no)
);

-- ---- Conversions -----------------------------------------------------------

-- The id is the hash of what makes a conversion count once. While it is open
-- its status is '' and stands in sends; link, click and person are 0 where
-- there is none.
CREATE TABLE conversions (
    no            BIGINT PRIMARY KEY,
    project_no    INTEGER NOT NULL,
    account_no    INTEGER NOT NULL,
    person_no     BIGINT NOT NULL,
    click_no      BIGINT NOT NULL,
    episode_no    BIGINT NOT NULL,
    occurred_at   TIMESTAMPTZ NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    not_before    TIMESTAMPTZ,
    expires_at    TIMESTAMPTZ,
    delivered_at  TIMESTAMPTZ,
    value         BIGINT,
    attempts      INTEGER NOT NULL,
    id            BYTEA NOT NULL UNIQUE,
    event_id      BYTEA NOT NULL,
    network       TEXT NOT NULL,
    kind          TEXT NOT NULL,
    -- It counts once in its episode.
    once          BOOLEAN NOT NULL,
    target        TEXT NOT NULL,
    name          TEXT NOT NULL,
    currency      TEXT NOT NULL,
    source        TEXT NOT NULL,
    status        TEXT NOT NULL,
    reason_code   TEXT NOT NULL,
    reason        TEXT NOT NULL,
    upload        TEXT NOT NULL,
    handle        TEXT NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX conversions_project ON conversions (project_no, status, no);
CREATE INDEX conversions_account ON conversions (account_no, status, no);
CREATE INDEX conversions_person ON conversions (person_no) WHERE person_no <> 0;
CREATE INDEX conversions_goals ON conversions (project_no, occurred_at) WHERE kind = 'goal';
CREATE INDEX conversions_reached ON conversions (episode_no, target) WHERE kind = 'goal' AND once;

-- How many were made, counted when they were: what the ledger is held against.
CREATE TABLE conversion_totals (
    project_no INTEGER NOT NULL,
    network    TEXT NOT NULL,
    created    BIGINT NOT NULL,
    PRIMARY KEY (project_no, network)
) WITH (fillfactor = 50);

-- What is open: pending, retrying, parked or accepted. due_at is when the
-- relay looks at it next, to hand it over or to hand it over again; NULL: at
-- nobody's clock. attempt numbers the attempts: the one under way or the last;
-- asked counts those of them that the network was asked in.
CREATE TABLE sends (
    conversion_no BIGINT PRIMARY KEY,
    account_no    INTEGER NOT NULL,
    attempt       INTEGER NOT NULL DEFAULT 0,
    asked         INTEGER NOT NULL DEFAULT 0,
    due_at        TIMESTAMPTZ,
    next_at       TIMESTAMPTZ,
    expires_at    TIMESTAMPTZ,
    lease_until   TIMESTAMPTZ,
    -- An attempt was begun and its outcome never written.
    attempt_open  BOOLEAN NOT NULL DEFAULT FALSE,
    handed_over   BOOLEAN NOT NULL DEFAULT FALSE,
    -- Its ad account has more due than it can send: a sender takes it, in the
    -- order of due_at, when the account has room again.
    backlog       BOOLEAN NOT NULL DEFAULT FALSE,
    status        TEXT NOT NULL,
    reason_code   TEXT NOT NULL DEFAULT '',
    reason        TEXT NOT NULL DEFAULT '',
    lease_owner   TEXT NOT NULL DEFAULT '',
    upload        TEXT NOT NULL DEFAULT '',
    handle        TEXT NOT NULL DEFAULT ''
) WITH (fillfactor = 70);
CREATE INDEX sends_due ON sends (due_at) WHERE due_at IS NOT NULL AND NOT backlog;
CREATE INDEX sends_backlog ON sends (account_no, due_at) WHERE backlog;
CREATE INDEX sends_account ON sends (account_no);
CREATE INDEX sends_expiry ON sends (expires_at);

-- One row for each call to a network that was answered: what is the same for
-- all conversions in it. Each has its own part in attempts.
CREATE TABLE calls (
    no         BIGINT PRIMARY KEY,
    account_no INTEGER NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    upload     TEXT NOT NULL DEFAULT '',
    head       BYTEA,
    answer     BYTEA
);
CREATE INDEX calls_age ON calls (at);
CREATE TABLE attempts (
    conversion_no BIGINT NOT NULL,
    n             INTEGER NOT NULL,
    -- The first asks the network, later ones for the outcome of that.
    look          INTEGER NOT NULL,
    call_no       BIGINT NOT NULL,
    at            TIMESTAMPTZ NOT NULL,
    verdict       TEXT NOT NULL,
    reason_code   TEXT NOT NULL,
    reason        TEXT NOT NULL,
    body          BYTEA,
    answer        BYTEA,
    PRIMARY KEY (conversion_no, n, look)
);
CREATE INDEX attempts_age ON attempts (at);

-- ---- Reports ---------------------------------------------------------------

-- Figures of each local day of a project: what batches bring is added to them,
-- and a day of which something was corrected is counted anew. fingerprint says
-- what they depend on besides rows (time zone, currency); until all days are
-- made, reports are computed from the rows.
CREATE TABLE rollup_projects (
    project_no  INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    made        BOOLEAN NOT NULL DEFAULT FALSE
);

-- The id is a hash of the rest: UTM values are too long for a unique key. Of a
-- link only its number is kept, since its name and UTM are today's; the UTM
-- values here are the click's own then.
CREATE TABLE rollup_sources (
    id           TEXT PRIMARY KEY,
    project_no   INTEGER NOT NULL,
    link_no      INTEGER NOT NULL,
    source       TEXT NOT NULL,
    utm_source   TEXT NOT NULL,
    utm_medium   TEXT NOT NULL,
    utm_campaign TEXT NOT NULL,
    utm_content  TEXT NOT NULL,
    utm_term     TEXT NOT NULL,
    network      TEXT NOT NULL
);
CREATE INDEX rollup_sources_project ON rollup_sources (project_no);

-- A row with an empty source_id is the sum of the day. Money is in millionths.
CREATE TABLE rollup_days (
    project_no  INTEGER NOT NULL,
    source_id   TEXT NOT NULL,
    day         TEXT NOT NULL,
    clicks      BIGINT NOT NULL,
    presses     BIGINT NOT NULL,
    starts      BIGINT NOT NULL,
    joins       BIGINT NOT NULL,
    click_joins BIGINT NOT NULL,
    leaves      BIGINT NOT NULL,
    goals       BIGINT NOT NULL,
    revenue     BIGINT NOT NULL,
    costs       BIGINT NOT NULL,
    uncounted   BIGINT NOT NULL,
    left_1      BIGINT NOT NULL,
    left_7      BIGINT NOT NULL,
    left_30     BIGINT NOT NULL,
    PRIMARY KEY (project_no, source_id, day)
);
CREATE INDEX rollup_days_day ON rollup_days (project_no, day);

-- The figures of each local hour of a day; an empty source_id is the sum.
CREATE TABLE rollup_hours (
    project_no  INTEGER NOT NULL,
    day         TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    hour        BIGINT NOT NULL,
    clicks      BIGINT NOT NULL,
    presses     BIGINT NOT NULL,
    starts      BIGINT NOT NULL,
    joins       BIGINT NOT NULL,
    click_joins BIGINT NOT NULL,
    leaves      BIGINT NOT NULL,
    goals       BIGINT NOT NULL,
    revenue     BIGINT NOT NULL,
    costs       BIGINT NOT NULL,
    uncounted   BIGINT NOT NULL,
    PRIMARY KEY (project_no, day, source_id, hour)
);

-- Of those who joined on the day: how many left after so many whole weeks, and
-- how many seconds they lasted together.
CREATE TABLE rollup_durations (
    project_no INTEGER NOT NULL,
    day        TEXT NOT NULL,
    source_id  TEXT NOT NULL,
    weeks      BIGINT NOT NULL,
    people     BIGINT NOT NULL,
    seconds    BIGINT NOT NULL,
    PRIMARY KEY (project_no, day, source_id, weeks)
);

-- An empty label is the step itself. key_id is a hash of step, label and value.
CREATE TABLE rollup_steps (
    project_no  INTEGER NOT NULL,
    day         TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    key_id      TEXT NOT NULL,
    step        TEXT NOT NULL,
    label       TEXT NOT NULL,
    value       TEXT NOT NULL,
    events      BIGINT NOT NULL,
    in_progress BIGINT NOT NULL,
    success     BIGINT NOT NULL,
    failure     BIGINT NOT NULL,
    revenue     BIGINT NOT NULL,
    costs       BIGINT NOT NULL,
    uncounted   BIGINT NOT NULL,
    PRIMARY KEY (project_no, source_id, day, key_id)
);
CREATE INDEX rollup_steps_day ON rollup_steps (project_no, day);

-- Who was at each step of the funnel on a day, as a bitmap of their numbers:
-- days can be put together, and who was there on two of them is one. An empty
-- source_id is all sources.
CREATE TABLE rollup_people (
    project_no INTEGER NOT NULL,
    day        TEXT NOT NULL,
    source_id  TEXT NOT NULL,
    step       TEXT NOT NULL,
    people     BYTEA NOT NULL,
    PRIMARY KEY (project_no, source_id, day, step)
);
CREATE INDEX rollup_people_day ON rollup_people (project_no, day);

-- Moments, to the quarter of an hour, whose day must be counted anew. Rows are
-- only added and taken away: a shared one would make batches wait for each
-- other.
CREATE TABLE rollup_marks (
    no         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_no INTEGER NOT NULL,
    at         TIMESTAMPTZ NOT NULL
);
CREATE INDEX rollup_marks_project ON rollup_marks (project_no, no);

-- Numbers of UTM values, for programs that ask for numbers.
CREATE TABLE utm_tags (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    name       TEXT NOT NULL,
    UNIQUE (project_id, name_key)
);

-- ---- Running the service ---------------------------------------------------

-- Jobs over many things: what was received is taken again, what waits is sent.
-- They run in the server, step by step.
CREATE TABLE replays (
    id               TEXT PRIMARY KEY,
    kind             TEXT NOT NULL,
    -- Of the filter; empty: of all.
    project_id       TEXT NOT NULL DEFAULT '',
    account_id       TEXT NOT NULL DEFAULT '',
    filter           TEXT NOT NULL,
    dry_run          BOOLEAN NOT NULL,
    rate             INTEGER NOT NULL,
    state            TEXT NOT NULL,
    error            TEXT NOT NULL,
    progress         TEXT NOT NULL,
    created_at       TIMESTAMPTZ NOT NULL,
    started_at       TIMESTAMPTZ,
    updated_at       TIMESTAMPTZ NOT NULL,
    finished_at      TIMESTAMPTZ,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    lease_owner      TEXT NOT NULL DEFAULT '',
    lease_until      TIMESTAMPTZ
);
CREATE INDEX replays_open ON replays (created_at) WHERE state IN ('waiting', 'interrupted', 'running');
CREATE INDEX replays_project ON replays (project_id, id);
CREATE INDEX replays_account ON replays (account_id, id) WHERE account_id <> '';

-- People who log into the cabinet.
CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    admin         BOOLEAN NOT NULL,
    language      TEXT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE project_users (
    project_id TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    role       TEXT NOT NULL,
    since      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (project_id, user_id)
);
CREATE INDEX project_users_user ON project_users (user_id);

-- Of sessions, tokens and one-time links only a hash is kept.
CREATE TABLE sessions (
    hash       BYTEA PRIMARY KEY,
    user_id    TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    seen_at    TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_age ON sessions (expires_at);

CREATE TABLE user_tokens (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,
    scope      TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    used_at    TIMESTAMPTZ,
    expires_at TIMESTAMPTZ
);
CREATE INDEX user_tokens_user ON user_tokens (user_id);

-- setup makes the first owner, invite a member, reset a new password.
CREATE TABLE one_time_links (
    hash       BYTEA PRIMARY KEY,
    kind       TEXT NOT NULL,
    project_id TEXT NOT NULL,
    role       TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    created_by TEXT NOT NULL,
    -- The user who made it; empty for the operator.
    creator_id TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX one_time_links_age ON one_time_links (expires_at);

-- Attempts to log in that have not succeeded, for a while. The key is a hash
-- of an e-mail or of a network address.
CREATE TABLE login_attempts (
    id  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key TEXT NOT NULL,
    at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX login_attempts_key ON login_attempts (key, at);
CREATE INDEX login_attempts_age ON login_attempts (at);

-- Who changed what. It outlives the project and the user.
CREATE TABLE audit_log (
    id         TEXT PRIMARY KEY,
    at         TIMESTAMPTZ NOT NULL,
    user_id    TEXT NOT NULL,
    actor      TEXT NOT NULL,
    project_id TEXT NOT NULL,
    action     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL
);
CREATE INDEX audit_log_project ON audit_log (project_id, id);


-- What a project wants to be told.
CREATE TABLE notice_settings (
    project_id    TEXT PRIMARY KEY,
    language      TEXT NOT NULL,
    digest        BOOLEAN NOT NULL,
    digest_hour   INTEGER NOT NULL,
    digest_empty  BOOLEAN NOT NULL,
    alerts        BOOLEAN NOT NULL,
    silence_hours INTEGER NOT NULL,
    -- Address and secret as JSON, sealed; empty for none.
    webhook       BYTEA,
    updated_at    TIMESTAMPTZ NOT NULL
);

-- A code links the chat that sends it to the bot; a hash is kept.
CREATE TABLE notice_codes (
    hash       BYTEA PRIMARY KEY,
    project_id TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_by    BIGINT
);
CREATE INDEX notice_codes_age ON notice_codes (expires_at);

CREATE TABLE notice_chats (
    project_id  TEXT NOT NULL,
    chat_id     BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    title       TEXT NOT NULL,
    linked_by   TEXT NOT NULL,
    linked_at   TIMESTAMPTZ NOT NULL,
    -- The local date of the last digest that was made.
    digest_date TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (project_id, chat_id)
);
CREATE INDEX notice_chats_chat ON notice_chats (chat_id);

-- Messages to chats (chat_id) and to the project's webhook (0).
CREATE TABLE notices (
    id              TEXT PRIMARY KEY,
    project_id      TEXT NOT NULL,
    kind            TEXT NOT NULL,
    notice_key      TEXT NOT NULL,
    chat_id         BIGINT NOT NULL,
    body            TEXT NOT NULL,
    state           TEXT NOT NULL,
    reason          TEXT NOT NULL DEFAULT '',
    attempts        INTEGER NOT NULL DEFAULT 0,
    created_at      TIMESTAMPTZ NOT NULL,
    give_up_at      TIMESTAMPTZ NOT NULL,
    next_attempt_at TIMESTAMPTZ,
    claimed_until   TIMESTAMPTZ,
    sent_at         TIMESTAMPTZ,
    UNIQUE (project_id, notice_key, chat_id)
);
CREATE INDEX notices_due ON notices (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX notices_sending ON notices (claimed_until) WHERE state = 'sending';
CREATE INDEX notices_project ON notices (project_id, id);
CREATE INDEX notices_age ON notices (created_at);

CREATE TABLE alerts (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL,
    opened_at  TIMESTAMPTZ NOT NULL,
    told_at    TIMESTAMPTZ NOT NULL,
    told       INTEGER NOT NULL,
    closed_at  TIMESTAMPTZ
);
CREATE UNIQUE INDEX alerts_open ON alerts (project_id, kind, subject) WHERE closed_at IS NULL;
CREATE INDEX alerts_project ON alerts (project_id, id);
CREATE INDEX alerts_age ON alerts (closed_at) WHERE closed_at IS NOT NULL;

-- What one process at a time does.
CREATE TABLE leases (
    name  TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until TIMESTAMPTZ NOT NULL
);

-- The last change of each project, by the count of all changes: what other
-- processes are to read again.
CREATE TABLE project_changes (
    project_id TEXT PRIMARY KEY,
    version    BIGINT NOT NULL,
    at         TIMESTAMPTZ NOT NULL
);
CREATE INDEX project_changes_version ON project_changes (version);

-- Processes that use this database, each with its last sign of life. One that
-- stops takes its row out; one that dies leaves it.
CREATE TABLE processes (
    id         TEXT PRIMARY KEY,
    host       TEXT NOT NULL,
    address    TEXT NOT NULL,
    version    TEXT NOT NULL,
    roles      TEXT NOT NULL,
    max_conns  BIGINT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    seen_at    TIMESTAMPTZ NOT NULL
);
