CREATE TABLE ad_accounts (
    no               INTEGER PRIMARY KEY AUTOINCREMENT,
    id               TEXT NOT NULL UNIQUE,
    project_id       TEXT NOT NULL,
    network          TEXT NOT NULL,
    name             TEXT NOT NULL,
    settings         BLOB,
    settings_version INTEGER NOT NULL DEFAULT 1,
    activation_goal  TEXT NOT NULL,
    goals            TEXT NOT NULL,
    currency         TEXT NOT NULL,
    paused           BOOLEAN NOT NULL,
    health           TEXT NOT NULL,
    health_reason    TEXT NOT NULL,
    warnings         TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    deleted_at       INTEGER
, network_warning TEXT NOT NULL DEFAULT '', network_warned_at INTEGER);
CREATE TABLE alerts (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL,
    opened_at  INTEGER NOT NULL,
    told_at    INTEGER NOT NULL,
    told       INTEGER NOT NULL,
    closed_at  INTEGER
);
CREATE TABLE api_keys (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    kind       TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    sealed     BLOB,
    expires_at INTEGER,
    revoked_at INTEGER,
    created_at INTEGER NOT NULL
);
CREATE TABLE attempts (
    conversion_no INTEGER NOT NULL,
    n             INTEGER NOT NULL,
    -- The first asks the network, later ones for the outcome of that.
    look          INTEGER NOT NULL,
    call_no       INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    verdict       TEXT NOT NULL,
    reason_code   TEXT NOT NULL,
    reason        TEXT NOT NULL,
    body          BLOB,
    answer        BLOB,
    PRIMARY KEY (conversion_no, n, look)
) WITHOUT ROWID;
CREATE TABLE audit_log (
    id         TEXT PRIMARY KEY,
    at         INTEGER NOT NULL,
    user_id    TEXT NOT NULL,
    actor      TEXT NOT NULL,
    project_id TEXT NOT NULL,
    action     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL
, address TEXT NOT NULL DEFAULT '', request_id TEXT NOT NULL DEFAULT '', times INTEGER NOT NULL DEFAULT 1);
CREATE TABLE batch_readers (
    reader   TEXT NOT NULL,
    batch_no INTEGER NOT NULL,
    PRIMARY KEY (reader, batch_no)
) WITHOUT ROWID;
CREATE TABLE batches (
    no     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    events INTEGER NOT NULL,
    -- The numbers of the people whose words changed.
    people BLOB NOT NULL,
    body   BLOB NOT NULL
);
CREATE TABLE calls (
    no         INTEGER PRIMARY KEY,
    account_no INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    upload     TEXT NOT NULL DEFAULT '',
    head       BLOB,
    answer     BLOB
);
CREATE TABLE clicks (
    no            INTEGER PRIMARY KEY,
    project_no    INTEGER NOT NULL,
    link_no       INTEGER NOT NULL,
    id            BLOB NOT NULL UNIQUE,
    start_value   TEXT NOT NULL,
    at            INTEGER NOT NULL,
    url           TEXT NOT NULL,
    raw_query     TEXT NOT NULL,
    params        TEXT NOT NULL,
    ip            TEXT NOT NULL,
    user_agent    TEXT NOT NULL,
    referrer      TEXT NOT NULL,
    cookies       TEXT NOT NULL,
    robot         BOOLEAN NOT NULL,
    claimed_by    INTEGER,
    claimed_guess BOOLEAN NOT NULL DEFAULT FALSE,
    claimed_at    INTEGER,
    UNIQUE (project_no, start_value)
);
CREATE TABLE conversion_totals (
    project_no INTEGER NOT NULL,
    network    TEXT NOT NULL,
    created    INTEGER NOT NULL,
    PRIMARY KEY (project_no, network)
);
CREATE TABLE conversions (
    no            INTEGER PRIMARY KEY,
    project_no    INTEGER NOT NULL,
    account_no    INTEGER NOT NULL,
    person_no     INTEGER NOT NULL,
    click_no      INTEGER NOT NULL,
    episode_no    INTEGER NOT NULL,
    occurred_at   INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    not_before    INTEGER,
    expires_at    INTEGER,
    delivered_at  INTEGER,
    value         INTEGER,
    attempts      INTEGER NOT NULL,
    id            BLOB NOT NULL UNIQUE,
    event_id      BLOB NOT NULL,
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
);
CREATE TABLE counters (
    project_no INTEGER PRIMARY KEY,
    second_at  INTEGER,
    hour_at    INTEGER,
    day_at     INTEGER,
    in_second  INTEGER NOT NULL DEFAULT 0,
    in_hour    INTEGER NOT NULL DEFAULT 0,
    in_day     INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE crowded_visits (
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    day        TEXT NOT NULL,
    visits     INTEGER NOT NULL,
    PRIMARY KEY (project_id, link_id, day)
);
CREATE TABLE episodes (
    no         INTEGER PRIMARY KEY,
    project_no INTEGER NOT NULL,
    link_no    INTEGER NOT NULL DEFAULT 0,
    person_no  INTEGER NOT NULL,
    click_no   INTEGER NOT NULL DEFAULT 0,
    place      INTEGER NOT NULL DEFAULT 0,
    opened_at  INTEGER NOT NULL,
    closed_at  INTEGER,
    id         BLOB NOT NULL,
    touch      TEXT NOT NULL
);
CREATE TABLE erasures (
    person_no   INTEGER PRIMARY KEY,
    person_id   BLOB NOT NULL,
    project_id  TEXT NOT NULL,
    user_id     INTEGER NOT NULL,
    person_hash TEXT NOT NULL,
    start_values TEXT NOT NULL DEFAULT '',
    erased_at   INTEGER NOT NULL
);
CREATE TABLE event_keys (
    project_no INTEGER NOT NULL,
    messenger  TEXT NOT NULL,
    key        TEXT NOT NULL,
    event_id   BLOB NOT NULL,
    at         INTEGER NOT NULL,
    same       BOOLEAN NOT NULL,
    PRIMARY KEY (project_no, messenger, key)
) WITHOUT ROWID;
CREATE TABLE events (
    recorded_at INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    person_no   INTEGER NOT NULL,
    episode_no  INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    place       INTEGER NOT NULL,
    project_no  INTEGER NOT NULL,
    id          BLOB NOT NULL,
    type        TEXT NOT NULL,
    change      TEXT NOT NULL,
    detail      TEXT NOT NULL
);
CREATE TABLE idempotency_keys (
    project_no INTEGER NOT NULL,
    method     TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  BLOB NOT NULL,
    answer     BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (project_no, method, key)
);
CREATE TABLE leases (
    name  TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until INTEGER NOT NULL
);
CREATE TABLE link_addresses (
    address    TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE link_costs (
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    day        TEXT NOT NULL,
    amount     INTEGER NOT NULL,
    currency   TEXT NOT NULL,
    PRIMARY KEY (project_id, link_id, day)
);
CREATE TABLE link_names (
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    PRIMARY KEY (project_id, link_id, name)
) WITHOUT ROWID;
CREATE TABLE link_placeholders (
    project_id TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    param      TEXT NOT NULL,
    value      TEXT NOT NULL,
    first_at   INTEGER NOT NULL,
    last_at    INTEGER NOT NULL,
    clicks     INTEGER NOT NULL,
    PRIMARY KEY (project_id, link_id, param)
);
CREATE TABLE links (
    no          INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    project_id  TEXT NOT NULL,
    name        TEXT NOT NULL,
    invite_link TEXT NOT NULL,
    -- The invite link in the one form under which joins are looked up.
    invite_key  TEXT NOT NULL,
    utm         TEXT NOT NULL,
    start_value TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    -- Clicks that were too old to be kept: the link's count goes on.
    clicks_gone INTEGER NOT NULL DEFAULT 0, open_page TEXT NOT NULL DEFAULT 'off', slug TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '', archived_at INTEGER,
    UNIQUE (project_id, start_value)
);
CREATE TABLE login_attempts (
    id  INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    at  INTEGER NOT NULL
);
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
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE notice_chats (
    project_id  TEXT NOT NULL,
    chat_id     INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    title       TEXT NOT NULL,
    linked_by   TEXT NOT NULL,
    linked_at   INTEGER NOT NULL,
    -- The local date of the last digest that was made.
    digest_date TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (project_id, chat_id)
);
CREATE TABLE notice_codes (
    hash       BLOB PRIMARY KEY,
    project_id TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_by    INTEGER
);
CREATE TABLE notice_settings (
    project_id    TEXT PRIMARY KEY,
    language      TEXT NOT NULL,
    digest        BOOLEAN NOT NULL,
    digest_hour   INTEGER NOT NULL,
    digest_empty  BOOLEAN NOT NULL,
    alerts        BOOLEAN NOT NULL,
    silence_hours INTEGER NOT NULL,
    -- Address and secret as JSON, sealed; empty for none.
    webhook       BLOB,
    updated_at    INTEGER NOT NULL
);
CREATE TABLE notices (
    id              TEXT PRIMARY KEY,
    project_id      TEXT NOT NULL,
    kind            TEXT NOT NULL,
    notice_key      TEXT NOT NULL,
    chat_id         INTEGER NOT NULL,
    body            TEXT NOT NULL,
    state           TEXT NOT NULL,
    reason          TEXT NOT NULL DEFAULT '',
    attempts        INTEGER NOT NULL DEFAULT 0,
    created_at      INTEGER NOT NULL,
    give_up_at      INTEGER NOT NULL,
    next_attempt_at INTEGER,
    claimed_until   INTEGER,
    sent_at         INTEGER,
    UNIQUE (project_id, notice_key, chat_id)
);
CREATE TABLE one_time_links (
    hash       BLOB PRIMARY KEY,
    kind       TEXT NOT NULL,
    project_id TEXT NOT NULL,
    role       TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    created_by TEXT NOT NULL,
    -- The user who made it; empty for the operator.
    creator_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE TABLE people (
    no            INTEGER PRIMARY KEY,
    project_no    INTEGER NOT NULL,
    waiting_goals INTEGER NOT NULL DEFAULT 0,
    user_id       INTEGER NOT NULL,
    place         INTEGER NOT NULL DEFAULT 0,
    episode_no    INTEGER NOT NULL DEFAULT 0,
    seq           INTEGER NOT NULL DEFAULT 0,
    first_seen    INTEGER NOT NULL,
    episode_at    INTEGER,
    stopped_at    INTEGER,
    first_join    INTEGER,
    last_start    INTEGER,
    subscribed    BOOLEAN NOT NULL DEFAULT FALSE,
    is_premium    BOOLEAN,
    test          BOOLEAN NOT NULL DEFAULT FALSE,
    messenger     TEXT NOT NULL,
    id            BLOB NOT NULL,
    episode_id    BLOB NOT NULL,
    username      TEXT NOT NULL DEFAULT '',
    first_name    TEXT NOT NULL DEFAULT '',
    last_name     TEXT NOT NULL DEFAULT '',
    language      TEXT NOT NULL DEFAULT '',
    state         TEXT NOT NULL DEFAULT ''
);
CREATE TABLE people_words (
    person_no  INTEGER PRIMARY KEY,
    project_no INTEGER NOT NULL,
    name       TEXT NOT NULL,
    surname    TEXT NOT NULL,
    username   TEXT NOT NULL,
    source     TEXT NOT NULL,
    left_on    TEXT NOT NULL
);
CREATE TABLE processes (
    id         TEXT PRIMARY KEY,
    host       TEXT NOT NULL,
    address    TEXT NOT NULL,
    version    TEXT NOT NULL,
    roles      TEXT NOT NULL,
    max_conns  INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
, decoders_off TEXT NOT NULL DEFAULT '', opens_bound BOOLEAN NOT NULL DEFAULT FALSE);
CREATE TABLE project_changes (
    project_id TEXT PRIMARY KEY,
    version    INTEGER NOT NULL,
    at         INTEGER NOT NULL
);
CREATE TABLE project_users (
    project_id TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    role       TEXT NOT NULL,
    since      INTEGER NOT NULL,
    PRIMARY KEY (project_id, user_id)
);
CREATE TABLE projects (
    no           INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    messenger    TEXT NOT NULL DEFAULT 'telegram',
    -- The project's own channel, 0 while none is known.
    channel_id   INTEGER NOT NULL DEFAULT 0,
    username     TEXT NOT NULL,
    constructor  TEXT NOT NULL,
    mode         TEXT NOT NULL,
    timezone     TEXT NOT NULL,
    currency     TEXT NOT NULL,
    attribution  TEXT NOT NULL,
    send_guesses BOOLEAN NOT NULL,
    enabled      BOOLEAN NOT NULL,
    amount_unit  TEXT NOT NULL,
    per_second   INTEGER NOT NULL,
    per_hour     INTEGER NOT NULL,
    per_day      INTEGER NOT NULL,
    -- People who left so many days ago are erased; 0: the service's own setting.
    keep_people  INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    -- A deleted project stays as a row until all that belongs to it is gone.
    deleted_at   INTEGER
, webhook_secrets BLOB, telegram_payments TEXT NOT NULL DEFAULT 'auto', star_rate INTEGER NOT NULL DEFAULT 0);
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL,
    hash    BLOB NOT NULL,
    PRIMARY KEY (user_id, hash)
) WITHOUT ROWID;
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
    created_at       INTEGER NOT NULL,
    started_at       INTEGER,
    updated_at       INTEGER NOT NULL,
    finished_at      INTEGER,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    lease_owner      TEXT NOT NULL DEFAULT '',
    lease_until      INTEGER
);
CREATE TABLE robot_visits (
    project_id TEXT NOT NULL,
    day        TEXT NOT NULL,
    visits     INTEGER NOT NULL,
    PRIMARY KEY (project_id, day)
);
CREATE TABLE rollup_days (
    project_no  INTEGER NOT NULL,
    source_id   TEXT NOT NULL,
    day         TEXT NOT NULL,
    clicks      INTEGER NOT NULL,
    presses     INTEGER NOT NULL,
    starts      INTEGER NOT NULL,
    joins       INTEGER NOT NULL,
    click_joins INTEGER NOT NULL,
    leaves      INTEGER NOT NULL,
    goals       INTEGER NOT NULL,
    revenue     INTEGER NOT NULL,
    costs       INTEGER NOT NULL,
    uncounted   INTEGER NOT NULL,
    left_1      INTEGER NOT NULL,
    left_7      INTEGER NOT NULL,
    left_30     INTEGER NOT NULL, stars INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (project_no, source_id, day)
);
CREATE TABLE rollup_durations (
    project_no INTEGER NOT NULL,
    day        TEXT NOT NULL,
    source_id  TEXT NOT NULL,
    weeks      INTEGER NOT NULL,
    people     INTEGER NOT NULL,
    seconds    INTEGER NOT NULL,
    PRIMARY KEY (project_no, day, source_id, weeks)
);
CREATE TABLE rollup_hours (
    project_no  INTEGER NOT NULL,
    day         TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    hour        INTEGER NOT NULL,
    clicks      INTEGER NOT NULL,
    presses     INTEGER NOT NULL,
    starts      INTEGER NOT NULL,
    joins       INTEGER NOT NULL,
    click_joins INTEGER NOT NULL,
    leaves      INTEGER NOT NULL,
    goals       INTEGER NOT NULL,
    revenue     INTEGER NOT NULL,
    costs       INTEGER NOT NULL,
    uncounted   INTEGER NOT NULL, stars INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (project_no, day, source_id, hour)
);
CREATE TABLE rollup_marks (
    no         INTEGER PRIMARY KEY AUTOINCREMENT,
    project_no INTEGER NOT NULL,
    at         INTEGER NOT NULL
);
CREATE TABLE rollup_people (
    project_no INTEGER NOT NULL,
    day        TEXT NOT NULL,
    source_id  TEXT NOT NULL,
    step       TEXT NOT NULL,
    people     BLOB NOT NULL,
    PRIMARY KEY (project_no, source_id, day, step)
);
CREATE TABLE rollup_projects (
    project_no  INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    made        BOOLEAN NOT NULL DEFAULT FALSE
);
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
CREATE TABLE rollup_steps (
    project_no  INTEGER NOT NULL,
    day         TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    key_id      TEXT NOT NULL,
    step        TEXT NOT NULL,
    label       TEXT NOT NULL,
    value       TEXT NOT NULL,
    events      INTEGER NOT NULL,
    in_progress INTEGER NOT NULL,
    success     INTEGER NOT NULL,
    failure     INTEGER NOT NULL,
    revenue     INTEGER NOT NULL,
    costs       INTEGER NOT NULL,
    uncounted   INTEGER NOT NULL, stars INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (project_no, source_id, day, key_id)
);
CREATE TABLE row_blocks (
    last INTEGER NOT NULL
);
CREATE TABLE schema_migrations
		(version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
CREATE TABLE sends (
    conversion_no INTEGER PRIMARY KEY,
    account_no    INTEGER NOT NULL,
    attempt       INTEGER NOT NULL DEFAULT 0,
    asked         INTEGER NOT NULL DEFAULT 0,
    due_at        INTEGER,
    next_at       INTEGER,
    expires_at    INTEGER,
    lease_until   INTEGER,
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
);
CREATE TABLE sessions (
    hash       BLOB PRIMARY KEY,
    user_id    TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
, network TEXT NOT NULL DEFAULT '');
CREATE TABLE start_rules (
    project_id TEXT NOT NULL,
    position   INTEGER NOT NULL,
    pattern    TEXT NOT NULL,
    link_id    TEXT NOT NULL,
    PRIMARY KEY (project_id, position)
);
CREATE TABLE unknown_starts (
    event_id    BLOB PRIMARY KEY,
    project_no  INTEGER NOT NULL,
    person_no   INTEGER NOT NULL,
    episode_no  INTEGER NOT NULL,
    start_value TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    attributes  BOOLEAN NOT NULL
) WITHOUT ROWID;
CREATE TABLE user_identities (
    issuer     TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    subject    TEXT,
    email      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, user_id)
);
CREATE TABLE user_tokens (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    scope      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at    INTEGER,
    expires_at INTEGER
);
CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    admin         BOOLEAN NOT NULL,
    language      TEXT NOT NULL,
    created_at    INTEGER NOT NULL
, totp_secret BLOB, totp_step INTEGER NOT NULL DEFAULT 0, last_login_at INTEGER);
CREATE TABLE utm_tags (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    name       TEXT NOT NULL,
    UNIQUE (project_id, name_key)
);
CREATE TABLE utm_templates (
    id         TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    name       TEXT NOT NULL,
    utm        TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (project_id, name)
) WITHOUT ROWID;
CREATE TABLE waiting_goals (
    event_id    BLOB PRIMARY KEY,
    project_no  INTEGER NOT NULL,
    person_no   INTEGER NOT NULL,
    target      TEXT NOT NULL,
    amount      INTEGER,
    raw_amount  INTEGER,
    currency    TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    until       INTEGER NOT NULL
, named_only BOOLEAN NOT NULL DEFAULT FALSE) WITHOUT ROWID;
INSERT INTO ad_accounts (no, id, project_id, network, name, settings, settings_version, activation_goal, goals, currency, paused, health, health_reason, warnings, created_at, updated_at, deleted_at, network_warning, network_warned_at) VALUES (1, '01a22d5069207ad3a0796ac4ede06e20', '01a22d50691672e8b544f1028a7c6068', 'facebook', 'Meta', X'02CFF0AEE34598B2527E4EB0D826F6744ED55BCBA576D30A3494EFBAC33D151714C3C87CEE117B4F180A34481FAA5A6645F15E516D7017DA9E33E107AC478190001E7B26655D19B8C1C72C98C04C', 1, 'Lead', '', '', 0, 'healthy', '', '', 1796056574240262, 1796056574240277, NULL, '', NULL);
INSERT INTO ad_accounts (no, id, project_id, network, name, settings, settings_version, activation_goal, goals, currency, paused, health, health_reason, warnings, created_at, updated_at, deleted_at, network_warning, network_warned_at) VALUES (2, '01a22d5069217059afb261743f9e9537', '01a22d50691672e8b544f1028a7c6068', 'webhook', 'Own', X'02BAAAC354A05446C2A2CBB99379A2001847412890DB35E8908598F512EBAC1D1C91AB722D5EF2BBEE65E9CDCBF63CDDC1125D3869FAD277881F56E54102456D371D41C6E196F89842BB40662C5CB199F1E33A56798C9E97547C0B538773709D401F469C5E1FB7E045512328DB1E36266D7EE751C1DD3AD5F21CA4F285', 2, 'start', '', '', 1, 'healthy', '', '', 1796056574241420, 1796056574242509, NULL, '', NULL);
INSERT INTO alerts (id, project_id, kind, subject, detail, opened_at, told_at, told, closed_at) VALUES ('kept', 'kept', 'kept', 'kept', 'kept', 4102444800000000, 4102444800000000, 4102444800000000, NULL);
INSERT INTO api_keys (id, project_id, kind, hash, sealed, expires_at, revoked_at, created_at) VALUES ('01a22d506916725a8f231b547c43f968', '01a22d50691672e8b544f1028a7c6068', 'api', X'053C6A8C9BDF26ACEDCBBB268636CC25F105C08F4FB819CDC4B332739478191B', X'027FC7EFD6D15AF83CB92A0EC4804746758B249D8E8050267E3AC048ABDD2B20C7DBF5500F43DD07EFE169AB4289ED9B29E6F77506FE413832982E', NULL, NULL, 1796056574230527);
INSERT INTO api_keys (id, project_id, kind, hash, sealed, expires_at, revoked_at, created_at) VALUES ('01a22d506916747892afffe16cb8a93a', '01a22d50691672e8b544f1028a7c6068', 'report', X'24B8BBE07BEB2ED89600A1BE4DBBD9DE4F7F420E2E8BB18CB0D7667429883B60', X'02BF37AEC64F78373FB1E9F9C04F21A1BFE807ABAA19DA761AF9B612DDFC128B5BB94233B1FF7165AA6F1E8CD363F1F2AE4503DDC00DF4624E44A4', NULL, NULL, 1796056574230529);
INSERT INTO attempts (conversion_no, n, look, call_no, at, verdict, reason_code, reason, body, answer) VALUES (2051, 1, 0, 7168, 1796056574270219, 'delivered', '', '', X'7B226576656E745F6E616D65223A224C656164222C226576656E745F74696D65223A313739363035363537342C226576656E745F6964223A223261396231383936663964343633613565383830316666336631336334323962222C22616374696F6E5F736F75726365223A2263686174222C226576656E745F736F757263655F75726C223A22687474703A2F2F2A2A2A3A33383036372F632F30316132326435303639316637343130613032386139656635366165363836333F6662636C69643D4B657074222C22757365725F64617461223A7B2265787465726E616C5F6964223A5B2230613239643138653832643836663366666531326133376365376636623935663062613664353365383166326463383639653237646364666430656364303361225D2C22666263223A2266622E312E313739363035363537343235312E4B657074222C22666270223A2266622E312E313739363035363537343235312E31313330393733373538222C22636C69656E745F757365725F6167656E74223A224D6F7A696C6C612F352E3020284C696E75783B20416E64726F696420313429204368726F6D652F3134312E30204D6F62696C65205361666172692F3533372E3336227D7D', NULL);
INSERT INTO attempts (conversion_no, n, look, call_no, at, verdict, reason_code, reason, body, answer) VALUES (3073, 1, 0, 7168, 1796056574270219, 'delivered', '', '', X'7B226576656E745F6E616D65223A2275736572446964536861726550686F6E65222C226576656E745F74696D65223A313739363035363537342C226576656E745F6964223A223962316533353561353137386135386334653134626362373130373436656232222C22616374696F6E5F736F75726365223A2263686174222C226576656E745F736F757263655F75726C223A22687474703A2F2F2A2A2A3A33383036372F632F30316132326435303639316637343130613032386139656635366165363836333F6662636C69643D4B657074222C22757365725F64617461223A7B2265787465726E616C5F6964223A5B2230613239643138653832643836663366666531326133376365376636623935663062613664353365383166326463383639653237646364666430656364303361225D2C22666263223A2266622E312E313739363035363537343235312E4B657074222C22666270223A2266622E312E313739363035363537343235312E31313330393733373538222C22636C69656E745F757365725F6167656E74223A224D6F7A696C6C612F352E3020284C696E75783B20416E64726F696420313429204368726F6D652F3134312E30204D6F62696C65205361666172692F3533372E3336227D7D', NULL);
INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail, address, request_id, times) VALUES ('01a22d50691674f28a50f2ba17ccfca9', 1796056574230530, '', 'admin token', '01a22d50691672e8b544f1028a7c6068', 'project.create', 'Upgrade bot', '', '127.0.0.1', '01a22d5069167bed981319e7540a45c0', 1);
INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail, address, request_id, times) VALUES ('01a22d50691c7a52b15e9859faa645f4', 1796056574236403, '', 'admin token', '01a22d50691672e8b544f1028a7c6068', 'project.update', 'Upgrade bot', '{"limits.per_second":"3 → 0"}', '127.0.0.1', '01a22d50691972e4a47d8b2035444b2e', 1);
INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail, address, request_id, times) VALUES ('01a22d50691f7a52a85e3e2cc4f06229', 1796056574239133, '', 'admin token', '01a22d50691672e8b544f1028a7c6068', 'link.create', 'Autumn', '', '127.0.0.1', '01a22d50691e7697b9c28c6459a4242e', 1);
INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail, address, request_id, times) VALUES ('01a22d5069207789912a947c5eb9fc6c', 1796056574240404, '', 'admin token', '01a22d50691672e8b544f1028a7c6068', 'ad_account.create', 'Meta', '{"network":"facebook"}', '127.0.0.1', '01a22d5069207b9daa4b54d6b83529b2', 1);
INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail, address, request_id, times) VALUES ('01a22d506921775abe83b3ace2ed42f5', 1796056574241589, '', 'admin token', '01a22d50691672e8b544f1028a7c6068', 'ad_account.create', 'Own', '{"network":"webhook"}', '127.0.0.1', '01a22d506921754684a262625fdbecf1', 1);
INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail, address, request_id, times) VALUES ('01a22d5069227612bf6a90bf2fc5dce8', 1796056574242514, '', 'admin token', '01a22d50691672e8b544f1028a7c6068', 'ad_account.update', 'Own', '{"paused":"true"}', '127.0.0.1', '01a22d506922774fbe6618edb9b9835e', 1);
INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail, address, request_id, times) VALUES ('01a22d5069237df2a8121d0ff112134c', 1796056574243990, '', 'admin token', '01a22d50691672e8b544f1028a7c6068', 'cost.set', 'Autumn', '{"amount":"150.5","from":"2026-01-01","to":"2026-01-02"}', '127.0.0.1', '01a22d506923710c8df9a76b0eb64898', 1);
INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail, address, request_id, times) VALUES ('01a22d5069257992a5f5035034810b67', 1796056574245897, '', 'admin token', '01a22d50691672e8b544f1028a7c6068', 'notifications.update', '', '{"alerts":"true","webhook_url":"set"}', '127.0.0.1', '01a22d5069257a19807a673d3c7d33fb', 1);
INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail, address, request_id, times) VALUES ('01a22d50692674a49fa42fe573625c10', 1796056574246995, '', 'admin token', '01a22d50691672e8b544f1028a7c6068', 'notifications.test', '', '', '127.0.0.1', '01a22d5069267841a1e4ba3dcb3dccd4', 1);
INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail, address, request_id, times) VALUES ('01a22d50691677e4a64193e633ebb41b', 1796056574230276, '', 'admin token', '', 'token.use', '', '', '127.0.0.1', '01a22d5069167bed981319e7540a45c0', 15);
INSERT INTO audit_log (id, at, user_id, actor, project_id, action, subject, detail, address, request_id, times) VALUES ('01a22d50692a7617a6cf45e830ed8acb', 1796056574250559, '', 'report key', '01a22d50691672e8b544f1028a7c6068', 'report.export', 'get_tags', '', '127.0.0.1', '01a22d50692976ddb63131f8490cf7de', 1);
INSERT INTO batch_readers (reader, batch_no) VALUES ('kept', 4102444800000000);
INSERT INTO batches (no, at, events, people, body) VALUES (4102444800000000, 4102444800000000, 4102444800000000, X'6B657074', X'6B657074');
INSERT INTO calls (no, account_no, at, upload, head, answer) VALUES (7168, 1, 1796056574270219, '', X'7B226D6574686F64223A22504F5354222C2275726C223A22687474703A2F2F2A2A2A3A34313430372F66616365626F6F6B2F7632362E302F313030312F6576656E7473222C2268656164657273223A7B22436F6E74656E742D54797065223A226170706C69636174696F6E2F6A736F6E227D2C2272657175657374223A227B5C22646174615C223A5C223220726F77735C222C5C226163636573735F746F6B656E5C223A5C222A2A2A5C227D227D', X'7B227374617475735F636F6465223A3230302C22726573706F6E7365223A227B5C226576656E74735F72656365697665645C223A322C5C22666274726163655F69645C223A5C224173696D756C6174656454726163655C227D227D');
INSERT INTO clicks (no, project_no, link_no, id, start_value, at, url, raw_query, params, ip, user_agent, referrer, cookies, robot, claimed_by, claimed_guess, claimed_at) VALUES (1024, 1, 1, X'01A22D50692B769E84F842D43D5AF4F6', 'PJe4554b82d8814def121e', 1796056574251455, 'http://127.0.0.1:38067/c/01a22d50691f7410a028a9ef56ae6863?', 'a0&a1', '{"fbclid":"Kept","yclid":"123456789"}', '127.0.0.1', 'Mozilla/5.0 (Linux; Android 14) Chrome/141.0 Mobile Safari/537.36', '', '{"_fbc":"fb.1.1796056574251.Kept","_fbp":"fb.1.1796056574251.1130973758"}', 0, 2048, 0, 1796056574253042);
INSERT INTO conversion_totals (project_no, network, created) VALUES (1, 'facebook', 2);
INSERT INTO conversion_totals (project_no, network, created) VALUES (1, 'webhook', 2);
INSERT INTO conversions (no, project_no, account_no, person_no, click_no, episode_no, occurred_at, created_at, not_before, expires_at, delivered_at, value, attempts, id, event_id, network, kind, once, target, name, currency, source, status, reason_code, reason, upload, handle) VALUES (2051, 1, 1, 2048, 1024, 2049, 1796056574251455, 1796056574253042, 1796056574251455, 4102444800000000, 1796056574270182, NULL, 1, X'2A9B1896F9D463A5E8801FF3F13C429B', X'01A22D50692C799B926378CDEB148B4B0000', 'facebook', 'activation', 1, 'Lead', 'Lead', 'RUB', 'Autumn', 'delivered', '', '', '01a22d50693a74229a20336c0b8e2768', '');
INSERT INTO conversions (no, project_no, account_no, person_no, click_no, episode_no, occurred_at, created_at, not_before, expires_at, delivered_at, value, attempts, id, event_id, network, kind, once, target, name, currency, source, status, reason_code, reason, upload, handle) VALUES (2052, 1, 2, 2048, 1024, 2049, 1796056574251455, 1796056574253042, 1796056574251455, 4102444800000000, NULL, NULL, 0, X'A6EEE9A1CD4544F877554BD17DDBDFF6', X'01A22D50692C799B926378CDEB148B4B0000', 'webhook', 'activation', 1, 'start', 'start', 'RUB', 'Autumn', '', '', '', '', '');
INSERT INTO conversions (no, project_no, account_no, person_no, click_no, episode_no, occurred_at, created_at, not_before, expires_at, delivered_at, value, attempts, id, event_id, network, kind, once, target, name, currency, source, status, reason_code, reason, upload, handle) VALUES (3073, 1, 1, 2048, 1024, 2049, 1796056574255163, 1796056574255225, 1796056574255163, 4102444800000000, 1796056574270183, NULL, 1, X'9B1E355A5178A58C4E14BCB710746EB2', X'01A22D50692F7F16985CFF3782B01BCA0000', 'facebook', 'goal', 1, 'userDidSharePhone', 'userDidSharePhone', 'RUB', 'Autumn', 'delivered', '', '', '01a22d50693a74229a20336c0b8e2768', '');
INSERT INTO conversions (no, project_no, account_no, person_no, click_no, episode_no, occurred_at, created_at, not_before, expires_at, delivered_at, value, attempts, id, event_id, network, kind, once, target, name, currency, source, status, reason_code, reason, upload, handle) VALUES (3074, 1, 2, 2048, 1024, 2049, 1796056574255163, 1796056574255225, 1796056574255163, 4102444800000000, NULL, NULL, 0, X'138C8C7EEA7CC41F8121DD634396C3D6', X'01A22D50692F7F16985CFF3782B01BCA0000', 'webhook', 'goal', 1, 'userDidSharePhone', 'userDidSharePhone', 'RUB', 'Autumn', '', '', '', '', '');
INSERT INTO counters (project_no, second_at, hour_at, day_at, in_second, in_hour, in_day) VALUES (1, 1796056574000000, 1796054400000000, 1795996800000000, 6, 6, 6);
INSERT INTO crowded_visits (project_id, link_id, day, visits) VALUES ('kept', 'kept', 'kept', 4102444800000000);
INSERT INTO episodes (no, project_no, link_no, person_no, click_no, place, opened_at, closed_at, id, touch) VALUES (2049, 1, 1, 2048, 1024, 0, 1796056574000000, NULL, X'01A22D50692C799B926378CDEB148B4B0000', '{"v":"PJe4554b82d8814def121e","l":"01a22d50691f7410a028a9ef56ae6863","c":"01a22d50692b769e84f842d43d5af4f6","s":"Autumn","u":{"source":"yandex","campaign":"may"},"r":"click"}');
INSERT INTO episodes (no, project_no, link_no, person_no, click_no, place, opened_at, closed_at, id, touch) VALUES (4097, 1, 0, 4096, 0, 0, 1796056574256620, NULL, X'01A22D5069307D8D9F6F31BF84138CDA0000', '{"v":"friend","s":"friend","r":"start_value"}');
INSERT INTO erasures (person_no, person_id, project_id, user_id, person_hash, start_values, erased_at) VALUES (4102444800000000, X'6B657074', 'kept', 4102444800000000, 'kept', 'kept', 4102444800000000);
INSERT INTO event_keys (project_no, messenger, key, event_id, at, same) VALUES (1, 'telegram', 'same:add_event:0:bec2b9b6a35f39c3ba1de91217bec2fe', X'01A22D5069377B22A13F7CE7630D995F0000', 4102444800000000, 1);
INSERT INTO event_keys (project_no, messenger, key, event_id, at, same) VALUES (1, 'telegram', 'update:1:bot_started:11:1796056574000000', X'01A22D50692C799B926378CDEB148B4B0000', 4102444800000000, 0);
INSERT INTO events (recorded_at, occurred_at, received_at, person_no, episode_no, seq, place, project_no, id, type, change, detail) VALUES (1796056574253042, 1796056574000000, 1796056574252915, 2048, 2049, 1, 0, 1, X'01A22D50692C799B926378CDEB148B4B0000', 'bot_started', 'opened', '{"touch":{"v":"PJe4554b82d8814def121e","l":"01a22d50691f7410a028a9ef56ae6863","c":"01a22d50692b769e84f842d43d5af4f6","s":"Autumn","u":{"source":"yandex","campaign":"may"},"r":"click"}}');
INSERT INTO events (recorded_at, occurred_at, received_at, person_no, episode_no, seq, place, project_no, id, type, change, detail) VALUES (1796056574255225, 1796056574255163, 1796056574255163, 2048, 2049, 2, 0, 1, X'01A22D50692F7F16985CFF3782B01BCA0000', 'goal_reached', '', '{"name":"userDidSharePhone","goal_state":"counts"}');
INSERT INTO events (recorded_at, occurred_at, received_at, person_no, episode_no, seq, place, project_no, id, type, change, detail) VALUES (1796056574256715, 1796056574256620, 1796056574256620, 4096, 4097, 1, 0, 1, X'01A22D5069307D8D9F6F31BF84138CDA0000', 'bot_started', 'opened', '{"touch":{"v":"friend","s":"friend","r":"start_value"}}');
INSERT INTO events (recorded_at, occurred_at, received_at, person_no, episode_no, seq, place, project_no, id, type, change, detail) VALUES (1796056574261877, 1796056574261824, 1796056574261824, 5120, 0, 1, 0, 1, X'01A22D5069357B2398D7CE26AAD38CC40000', 'goal_reached', '', '{"name":"waits","goal_state":"waits"}');
INSERT INTO events (recorded_at, occurred_at, received_at, person_no, episode_no, seq, place, project_no, id, type, change, detail) VALUES (1796056574266220, 1796056574265527, 1796056574265527, 2048, 2049, 3, 0, 1, X'01A22D5069377B22A13F7CE7630D995F0000', 'funnel_event', '', '{"name":"survey","result":"in_progress"}');
INSERT INTO idempotency_keys (project_no, method, key, body_hash, answer, created_at) VALUES (1, 'send_reach_goal', 'kept-key', X'3C3363B35166048066086126442682E758A8A9E359F9ACB4913D619AB6A323C4', X'7B226576656E7473223A5B7B226964223A2230316132326435303639326637663136393835636666333738326230316263612D30222C2274797065223A22676F616C5F72656163686564222C226475706C6963617465223A66616C73657D5D7D', 4102444800000000);
INSERT INTO leases (name, owner, until) VALUES ('reports', '01a22d50685e72fd90febfe7db0bae46', 1796056591231635);
INSERT INTO link_addresses (address, project_id, link_id) VALUES ('kept', 'kept', 'kept');
INSERT INTO link_costs (project_id, link_id, day, amount, currency) VALUES ('01a22d50691672e8b544f1028a7c6068', '01a22d50691f7410a028a9ef56ae6863', '2026-01-01', 75250000, 'RUB');
INSERT INTO link_costs (project_id, link_id, day, amount, currency) VALUES ('01a22d50691672e8b544f1028a7c6068', '01a22d50691f7410a028a9ef56ae6863', '2026-01-02', 75250000, 'RUB');
INSERT INTO link_names (project_id, link_id, name) VALUES ('kept', 'kept', 'kept');
INSERT INTO link_placeholders (project_id, link_id, param, value, first_at, last_at, clicks) VALUES ('kept', 'kept', 'kept', 'kept', 4102444800000000, 4102444800000000, 4102444800000000);
INSERT INTO links (no, id, project_id, name, invite_link, invite_key, utm, start_value, created_at, clicks_gone, open_page, slug, tags, archived_at) VALUES (1, '01a22d50691f7410a028a9ef56ae6863', '01a22d50691672e8b544f1028a7c6068', 'Autumn', '', '', '{"source":"yandex","campaign":"may"}', 'PJ346dd740e665db7b3908', 1796056574239128, 0, 'off', '', '', NULL);
INSERT INTO login_attempts (id, key, at) VALUES (1, 'kept', 4102444800000000);
INSERT INTO memberships (person_no, place, project_no, subscribed, joined_at, left_at, told_at, episode_no, episode_id) VALUES (4102444800000000, 4102444800000000, 4102444800000000, 0, NULL, NULL, 4102444800000000, 4102444800000000, X'6B657074');
INSERT INTO meta (key, value) VALUES ('secret_key_id', '10a04a2b4c229f59');
INSERT INTO meta (key, value) VALUES ('network:facebook', '{"Name":"facebook","Title":"Meta Conversions API","TitleRU":"","Docs":"https://developers.facebook.com/documentation/ads-commerce/conversions-api/using-the-api","Evidence":"documented","ClickIDs":["fbclid"],"Cookies":[{"Name":"_fbp","Param":"","Lifetime":7776000000000000},{"Name":"_fbc","Param":"","Lifetime":7776000000000000}],"Fields":[{"Name":"dataset_id","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Dataset (pixel)","Help":"Number of the dataset (pixel) in Events Manager.","LabelRU":"Набор данных (пиксель)","HelpRU":"Номер набора данных (пикселя) в Events Manager."},{"Name":"access_token","Required":true,"Secret":true,"Kind":"text","Values":null,"Label":"Access token","Help":"Events Manager, settings of the dataset, Conversions API, Generate access token.","LabelRU":"Токен доступа","HelpRU":"Events Manager, настройки набора данных, Conversions API, «Создать маркер доступа»."},{"Name":"test_event_code","Required":false,"Secret":false,"Kind":"text","Values":null,"Label":"Test event code","Help":"Code from the tab Test events; such events are shown there but count all the same.","LabelRU":"Код тестовых событий","HelpRU":"Код с вкладки «Тестирование событий»; события видны там, но всё равно учитываются."},{"Name":"action_source","Required":false,"Secret":false,"Kind":"enum","Values":["auto","website","chat","app","email","phone_call","physical_store","system_generated","other"],"Label":"Where it happens","Help":"auto: website when address, browser and page of the click are known, chat otherwise.","LabelRU":"Где происходит действие","HelpRU":"auto: website, если известны адрес, браузер и страница клика, иначе chat."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://graph.facebook.com","Least":0,"Form":"","Example":"","Help":"","Ends":null},{"Name":"version","Kind":"word","Default":"v26.0","Least":0,"Form":"^v[0-9]+\\.[0-9]+$","Example":"a version such as v26.0","Help":"Version of the Graph API. Meta serves each for about two years: tgtrack doctor tells in time.","Ends":{"v19.0":"2026-05-21T00:00:00Z","v20.0":"2026-09-24T00:00:00Z","v21.0":"2027-01-21T00:00:00Z","v22.0":"2027-05-20T00:00:00Z","v23.0":"2027-10-08T00:00:00Z","v24.0":"2028-02-18T00:00:00Z","v25.0":"2028-07-29T00:00:00Z","v26.0":"2028-11-04T00:00:00Z","v27.0":"0001-01-01T00:00:00Z"}}],"Says":null,"Batch":1000,"About":{"Sends":"Conversions API","SendsRU":"","Click":"","ClickRU":"","Data":"events with `fbc`, `fbp`, address, browser, a hashed id","Repeats":"harmless: dropped by event id for 48 h","Outcome":"at once"},"Window":601200000000000,"FromClick":false,"Dedup":true,"DedupFor":172800000000000,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta (key, value) VALUES ('network:ga4', '{"Name":"ga4","Title":"Google Analytics 4","TitleRU":"","Docs":"https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference","Evidence":"documented","ClickIDs":null,"Cookies":[{"Name":"_ga","Param":"","Lifetime":0},{"Name":"_ga_*","Param":"","Lifetime":0}],"Fields":[{"Name":"measurement_id","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Measurement ID","Help":"Analytics, Admin, Data streams, your web stream: Measurement ID, G-…","LabelRU":"Идентификатор потока","HelpRU":"Аналитика, «Администратор», «Потоки данных», ваш веб-поток: идентификатор показателя, G-…"},{"Name":"api_secret","Required":true,"Secret":true,"Kind":"text","Values":null,"Label":"API secret","Help":"Analytics, Admin, Data streams, your web stream, Measurement Protocol API secrets.","LabelRU":"Секретный ключ API","HelpRU":"Аналитика, «Администратор», «Потоки данных», ваш веб-поток, «Секретные ключи Measurement Protocol API»."},{"Name":"receive","Required":false,"Secret":false,"Kind":"enum","Values":["matched","all"],"Label":"Whose conversions","Help":"matched: clicks that carry Analytics'' cookie _ga; all: everybody, others as new users without a source.","LabelRU":"Чьи конверсии отправлять","HelpRU":"matched: кликов, у которых есть cookie Аналитики _ga; all: всех, остальные будут новыми пользователями без источника."},{"Name":"resend_uncertain","Required":false,"Secret":false,"Kind":"boolean","Values":null,"Label":"Send again when the answer was lost","Help":"true: send again when the answer was lost, at the risk of counting twice; otherwise it is shown as uncertain.","LabelRU":"Отправлять ещё раз, если ответ потерян","HelpRU":"Конверсия может посчитаться дважды; иначе её статус будет «неизвестно»."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://www.google-analytics.com","Least":0,"Form":"","Example":"","Help":"","Ends":null}],"Says":null,"Batch":1,"About":{"Sends":"Measurement Protocol","SendsRU":"","Click":"cookie `_ga`","ClickRU":"cookie `_ga`","Data":"one event with `client_id`","Repeats":"counted, but for `purchase` and `refund`; so not repeated","Outcome":"never"},"Window":255600000000000,"FromClick":false,"Dedup":false,"DedupFor":0,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta (key, value) VALUES ('network:google', '{"Name":"google","Title":"Google Ads (Data Manager)","TitleRU":"Google Реклама (Data Manager)","Docs":"https://developers.google.com/data-manager/api/devguides/events/google-ads/offline/send-events","Evidence":"documented","ClickIDs":["gclid","gbraid","wbraid"],"Cookies":null,"Fields":[{"Name":"customer_id","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Account number","Help":"Number of the Google Ads account that owns the conversion actions, such as 123-456-7890.","LabelRU":"Номер аккаунта","HelpRU":"Номер аккаунта Google Рекламы, которому принадлежат действия-конверсии, вида 123-456-7890."},{"Name":"login_customer_id","Required":false,"Secret":false,"Kind":"text","Values":null,"Label":"Manager account number","Help":"Number of the manager account, when access goes through one.","LabelRU":"Номер управляющего аккаунта","HelpRU":"Указывается, если доступ идёт через управляющий аккаунт."},{"Name":"conversion_actions","Required":true,"Secret":false,"Kind":"mapping","Values":null,"Label":"Conversion actions","Help":"Goal → id of a conversion action of the kind \"import from clicks\": ctId in the address of its page in Google Ads.","LabelRU":"Действия-конверсии","HelpRU":"Цель = id действия-конверсии вида «импорт из кликов»: ctId в адресе её страницы в Google Рекламе."},{"Name":"client_id","Required":false,"Secret":false,"Kind":"text","Values":null,"Label":"OAuth client","Help":"OAuth client of a Google Cloud project with the Data Manager API switched on.","LabelRU":"OAuth-клиент","HelpRU":"Клиент проекта Google Cloud, в котором включён Data Manager API."},{"Name":"client_secret","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"OAuth client secret","Help":"Secret of the OAuth client.","LabelRU":"Секрет OAuth-клиента","HelpRU":"Секрет этого клиента."},{"Name":"refresh_token","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Refresh token","Help":"Refresh token of a user of the Google Ads account, scope https://www.googleapis.com/auth/datamanager.","LabelRU":"Токен обновления","HelpRU":"Refresh token пользователя аккаунта Google Рекламы с правом https://www.googleapis.com/auth/datamanager."},{"Name":"service_account","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Service account key","Help":"Instead of the three OAuth values: a service account''s key file, the JSON text.","LabelRU":"Ключ сервисного аккаунта","HelpRU":"Вместо трёх значений OAuth: файл ключа сервисного аккаунта, текст JSON."},{"Name":"event_source","Required":false,"Secret":false,"Kind":"enum","Values":["WEB","APP","IN_STORE","PHONE","MESSAGE","OTHER"],"Label":"Where conversions happen","Help":"Where conversions happen; must fit the conversion action.","LabelRU":"Где происходят конверсии","HelpRU":"Должно подходить к действию-конверсии."},{"Name":"consent_ad_user_data","Required":false,"Secret":false,"Kind":"enum","Values":["unspecified","granted","denied"],"Label":"Consent: data for ads","Help":"Consent to send data to Google, needed for people in Europe.","LabelRU":"Согласие: данные для рекламы","HelpRU":"Согласие на передачу данных в Google, нужно для людей из Европы."},{"Name":"consent_ad_personalization","Required":false,"Secret":false,"Kind":"enum","Values":["unspecified","granted","denied"],"Label":"Consent: personalised ads","Help":"Consent to personalised ads, needed for people in Europe.","LabelRU":"Согласие: персонализация","HelpRU":"Согласие на персонализированную рекламу, нужно для людей из Европы."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://datamanager.googleapis.com","Least":0,"Form":"","Example":"","Help":"","Ends":null},{"Name":"min_click_age","Kind":"duration","Default":"6h","Least":0,"Form":"","Example":"","Help":"How old a click must be before its conversion is sent.","Ends":null},{"Name":"poll_after","Kind":"duration","Default":"30m","Least":1000000,"Form":"","Example":"","Help":"First look at what became of an event.","Ends":null},{"Name":"google_oauth.base_url","Kind":"address","Default":"https://oauth2.googleapis.com","Least":0,"Form":"","Example":"","Help":"Google: access tokens.","Ends":null}],"Says":null,"Batch":1,"About":{"Sends":"Data Manager","SendsRU":"","Click":"","ClickRU":"","Data":"one event, `transactionId` is the conversion''s id","Repeats":"harmless: the same `transactionId` with the same value is dropped","Outcome":"later, per event"},"Window":7776000000000000,"FromClick":true,"Dedup":true,"DedupFor":0,"Resumes":false,"Async":true,"DefaultActivation":"","Hold":21600000000000,"MinAge":0,"Gather":0}');
INSERT INTO meta (key, value) VALUES ('network:postback', '{"Name":"postback","Title":"Postback (S2S)","TitleRU":"Постбэк (S2S)","Docs":"https://docs.keitaro.io/en/campaigns-and-streams/postbacks.html","Evidence":"documented","ClickIDs":null,"Cookies":null,"Fields":[{"Name":"url","Required":true,"Secret":true,"Kind":"url","Values":null,"Label":"Address","Help":"Address with macros, such as https://tracker.example/KEY/postback?subid={click.subid}\u0026payout={value}.","LabelRU":"Адрес","HelpRU":"Адрес с макросами, например https://tracker.example/KEY/postback?subid={click.subid}\u0026payout={value}."},{"Name":"method","Required":false,"Secret":false,"Kind":"enum","Values":["GET","POST","PUT","PATCH"],"Label":"Method","Help":"GET, or POST when there is a body.","LabelRU":"Метод","HelpRU":"GET, или POST, если есть тело."},{"Name":"body","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Body","Help":"Body with macros: JSON, or a form.","LabelRU":"Тело запроса","HelpRU":"Тело с макросами: JSON или форма."},{"Name":"headers","Required":false,"Secret":true,"Kind":"mapping","Values":null,"Label":"Headers","Help":"Headers with macros.","LabelRU":"Заголовки","HelpRU":"Заголовки с макросами, по одному в строке."},{"Name":"receive","Required":false,"Secret":false,"Kind":"enum","Values":["matched","all"],"Label":"Whose conversions","Help":"matched: people whose click has every {click.…} of the template; all: organic people too.","LabelRU":"Чьи конверсии отправлять","HelpRU":"matched: тех, у чьего клика есть все {click.…} шаблона; all: всех, в том числе пришедших сами."},{"Name":"expected_status","Required":false,"Secret":false,"Kind":"text","Values":null,"Label":"Answers that mean success","Help":"Answers that mean success, such as 200, 302; empty: any 2xx.","LabelRU":"Какой ответ считать успехом","HelpRU":"Например 200, 302; пусто: любой 2xx."},{"Name":"resend_uncertain","Required":false,"Secret":false,"Kind":"boolean","Values":null,"Label":"Send again when the answer was lost","Help":"true: send again when the answer was lost, at the risk of counting twice; otherwise it is shown as uncertain.","LabelRU":"Отправлять ещё раз, если ответ потерян","HelpRU":"Конверсия может посчитаться дважды; иначе её статус будет «неизвестно»."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":[{"Name":"keitaro","Title":"Keitaro","Docs":"https://docs.keitaro.io","Settings":{"method":"GET","url":"https://TRACKER/KEY/postback?subid={click.subid}\u0026status={target}\u0026payout={value}\u0026currency={currency}\u0026tid={event_id}"},"ActivationGoal":"","Goals":null,"Link":"","StartRule":""},{"Name":"binom","Title":"Binom","Docs":"https://docs.binom.org","Settings":{"method":"GET","url":"https://TRACKER/click.php?cnv_id={click.clickid}\u0026payout={value}\u0026cnv_status={target}"},"ActivationGoal":"","Goals":null,"Link":"","StartRule":""},{"Name":"voluum","Title":"Voluum","Docs":"https://doc.voluum.com","Settings":{"method":"GET","url":"https://TRACKER/postback?cid={click.cid}\u0026payout={value}\u0026txid={event_id}\u0026et={target}"},"ActivationGoal":"","Goals":null,"Link":"","StartRule":""},{"Name":"redtrack","Title":"RedTrack","Docs":"https://help.redtrack.io","Settings":{"method":"GET","url":"https://TRACKER/postback?clickid={click.clickid}\u0026sum={value}\u0026type={target}"},"ActivationGoal":"","Goals":null,"Link":"","StartRule":""},{"Name":"adsgram","Title":"AdsGram","Docs":"https://docs.adsgram.ai/advertiser/telegram-tracking-links","Settings":{"method":"GET","url":"https://api.adsgram.ai/confirm_conversion?token=TOKEN\u0026tgid={user_id}\u0026campaignid={click.campaignid}\u0026goaltype={name}"},"ActivationGoal":"1","Goals":{"payment_created":"2","subscription_renewed":"3"},"Link":"https://t.me/BOT?start=adsgram_{campaign_id}","StartRule":"adsgram_{campaignid}"},{"Name":"adsgram_web","Title":"AdsGram, web links","Docs":"https://docs.adsgram.ai/advertiser/tg-ads-tracking-links","Settings":{"method":"GET","url":"https://api.adsgram.ai/confirm_conversion?token=TOKEN\u0026campaignid={click.campaignid}\u0026goaltype={name}\u0026record={click.record}"},"ActivationGoal":"1","Goals":{"payment_created":"2","subscription_renewed":"3"},"Link":"","StartRule":""},{"Name":"richads","Title":"RichAds","Docs":"https://docs.richads.com/advertiser/overview.html","Settings":{"method":"GET","url":"https://us.ahows.co/log?action=conversion\u0026key={click.click_id}"},"ActivationGoal":"","Goals":null,"Link":"https://t.me/BOT?start=promo123__clickId=[CLICK_ID]","StartRule":"promo123__clickId={click}"}],"Options":null,"Says":null,"Batch":1,"About":{"Sends":"a request by your template: Keitaro, Binom, Voluum, RedTrack, AdsGram, RichAds, any tracker","SendsRU":"запрос по вашему шаблону: Keitaro, Binom, Voluum, RedTrack, AdsGram, RichAds, любой трекер","Click":"the parameters the template names","ClickRU":"параметры из шаблона","Data":"your address with macros","Repeats":"counted by most trackers; so not repeated","Outcome":"by the HTTP status"},"Window":2592000000000000,"FromClick":false,"Dedup":false,"DedupFor":0,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta (key, value) VALUES ('network:tiktok', '{"Name":"tiktok","Title":"TikTok Events API","TitleRU":"","Docs":"https://business-api.tiktok.com/portal/docs?id=1771100779668482","Evidence":"documented","ClickIDs":["ttclid"],"Cookies":[{"Name":"_ttp","Param":"","Lifetime":0}],"Fields":[{"Name":"pixel_code","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Pixel ID","Help":"TikTok Events Manager, your web data source: the pixel''s ID.","LabelRU":"Код пикселя","HelpRU":"TikTok Events Manager, ваш веб-источник данных: ID пикселя."},{"Name":"access_token","Required":true,"Secret":true,"Kind":"text","Values":null,"Label":"Access token","Help":"TikTok Events Manager, your web data source, Settings, Events API: Generate Access Token.","LabelRU":"Токен доступа","HelpRU":"TikTok Events Manager, ваш веб-источник, Settings, Events API: Generate Access Token."},{"Name":"test_event_code","Required":false,"Secret":false,"Kind":"text","Values":null,"Label":"Test event code","Help":"Code of the Test events tab; while it is set, all conversions are shown there as tests.","LabelRU":"Код тестовых событий","HelpRU":"Код с вкладки Test events; пока он задан, все конверсии показываются там как тестовые."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://business-api.tiktok.com","Least":0,"Form":"","Example":"","Help":"","Ends":null}],"Says":null,"Batch":1000,"About":{"Sends":"Events API","SendsRU":"","Click":"","ClickRU":"","Data":"events with `ttclid`, `ttp`, address, browser, a hashed id","Repeats":"harmless: dropped by event id for 48 h","Outcome":"at once"},"Window":601200000000000,"FromClick":false,"Dedup":true,"DedupFor":172800000000000,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta (key, value) VALUES ('network:vk', '{"Name":"vk","Title":"VK Ads","TitleRU":"VK Реклама","Docs":"https://ads.vk.com/help/general/sites/offline_events","Evidence":"documented","ClickIDs":["rb_clickid"],"Cookies":null,"Fields":[{"Name":"pixel_id","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Pixel number","Help":"Number of the VK Ads pixel (a Top.Mail.ru counter): Sites, your pixel, Settings.","LabelRU":"Номер пикселя","HelpRU":"Номер пикселя VK Рекламы (счётчика Top.Mail.ru): «Сайты», ваш пиксель, «Настройки»."},{"Name":"resend_uncertain","Required":false,"Secret":false,"Kind":"boolean","Values":null,"Label":"Send again when the answer was lost","Help":"true: send again when the answer was lost, at the risk of counting twice; otherwise it is shown as uncertain.","LabelRU":"Отправлять ещё раз, если ответ потерян","HelpRU":"Конверсия может посчитаться дважды; иначе её статус будет «неизвестно»."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://top-fwz1.mail.ru","Least":0,"Form":"","Example":"","Help":"","Ends":null}],"Says":null,"Batch":1,"About":{"Sends":"top.mail.ru tracker","SendsRU":"трекер top.mail.ru","Click":"","ClickRU":"","Data":"a call of the pixel","Repeats":"counted; so not repeated","Outcome":"never"},"Window":86400000000000,"FromClick":false,"Dedup":false,"DedupFor":0,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta (key, value) VALUES ('network:webhook', '{"Name":"webhook","Title":"Webhook (Standard Webhooks)","TitleRU":"Вебхук (Standard Webhooks)","Docs":"https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md","Evidence":"documented","ClickIDs":null,"Cookies":null,"Fields":[{"Name":"url","Required":true,"Secret":true,"Kind":"url","Values":null,"Label":"Address","Help":"Address of your service that takes POST requests.","LabelRU":"Адрес","HelpRU":"Адрес вашего сервиса, который принимает запросы POST."},{"Name":"secret","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Signing key","Help":"Key of the signature, whsec_ and base64; made for you when empty.","LabelRU":"Ключ подписи","HelpRU":"whsec_ и base64; оставьте пустым, и ключ будет создан."},{"Name":"previous_secret","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Previous signing key","Help":"The key before this one: while it stands here, calls carry both signatures.","LabelRU":"Прежний ключ подписи","HelpRU":"Ключ, который был до этого: пока он указан, запросы подписаны обоими."},{"Name":"receive","Required":false,"Secret":false,"Kind":"enum","Values":["matched","all"],"Label":"Whose conversions","Help":"matched: people who came by a click; all: everybody, organic people too.","LabelRU":"Чьи конверсии отправлять","HelpRU":"matched: тех, кто пришёл по клику; all: всех, в том числе пришедших сами."}],"Presets":null,"Options":null,"Says":null,"Batch":1,"About":{"Sends":"a call of your own program","SendsRU":"вызов вашей программы","Click":"any","ClickRU":"любой","Data":"a signed JSON document","Repeats":"harmless: the receiver drops by `webhook-id`","Outcome":"by the HTTP status"},"Window":2592000000000000,"FromClick":false,"Dedup":true,"DedupFor":0,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta (key, value) VALUES ('network:yandex', '{"Name":"yandex","Title":"Yandex Metrica","TitleRU":"Яндекс.Метрика","Docs":"https://yandex.com/dev/metrika/en/management/offline-conv","Evidence":"documented","ClickIDs":["yclid","ym_uid"],"Cookies":[{"Name":"_ym_uid","Param":"ym_uid","Lifetime":0}],"Fields":[{"Name":"counter_id","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Counter number","Help":"Number of the Metrica counter.","LabelRU":"Номер счётчика","HelpRU":"Номер счётчика Метрики: он стоит рядом с названием в списке счётчиков."},{"Name":"oauth_token","Required":true,"Secret":true,"Kind":"text","Values":null,"Label":"OAuth token","Help":"OAuth token of a user who may write to the counter, scope metrika:write or metrika:offline_data.","LabelRU":"OAuth-токен","HelpRU":"Токен пользователя, который может изменять счётчик, с правом metrika:write или metrika:offline_data."},{"Name":"mode","Required":false,"Secret":false,"Kind":"enum","Values":["both","offline","chats"],"Label":"How starts are sent","Help":"both: a start whose click has no ClientID goes as a chat, all else as offline conversions; offline: all as offline conversions; chats: starts as chats.","LabelRU":"Как отправлять старты","HelpRU":"both: старт, у клика которого нет ClientID, отправляется как чат, всё прочее как офлайн-конверсии; offline: всё как офлайн-конверсии; chats: старты как чаты."},{"Name":"identify","Required":false,"Secret":false,"Kind":"enum","Values":["auto","client_id","yclid"],"Label":"Which id is sent","Help":"Of a click that has both ids. auto: ClientID in offline conversions and yclid in chats; client_id: ClientID; yclid: yclid, the visit of that click instead of the person''s last one.","LabelRU":"Какой идентификатор отправлять","HelpRU":"Если у клика есть оба. auto: ClientID в офлайн-конверсиях и yclid в чатах; client_id: ClientID; yclid: yclid, то есть визит этого клика, а не последний визит человека."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://api-metrika.yandex.net","Least":0,"Form":"","Example":"","Help":"","Ends":null},{"Name":"batch_interval","Kind":"duration","Default":"60s","Least":0,"Form":"","Example":"","Help":"How long the rows of a counter wait for company.","Ends":null},{"Name":"min_event_age","Kind":"duration","Default":"5s","Least":0,"Form":"","Example":"","Help":"How old an event must be before it is sent: Metrica refuses what its clock has not seen.","Ends":null},{"Name":"poll_after","Kind":"duration","Default":"15m","Least":1000000,"Form":"","Example":"","Help":"When to look at an upload for the first time.","Ends":null},{"Name":"yandex_collect.base_url","Kind":"address","Default":"https://mc.yandex.ru","Least":0,"Form":"","Example":"","Help":"Metrica: Measurement Protocol.","Ends":null}],"Says":null,"Batch":1000,"About":{"Sends":"offline conversions, chats","SendsRU":"офлайн-конверсии, чаты","Click":"`yclid` (chats), or Metrica''s ClientID in `ym_uid`","ClickRU":"`yclid` (чаты) или ClientID Метрики в `ym_uid`","Data":"rows of a CSV upload of offline conversions or chats","Repeats":"no: uploads are looked up by their comment","Outcome":"later, per upload"},"Window":1803600000000000,"FromClick":true,"Dedup":false,"DedupFor":0,"Resumes":true,"Async":true,"DefaultActivation":"userDidSubscribe","Hold":0,"MinAge":5000000000,"Gather":60000000000}');
INSERT INTO meta (key, value) VALUES ('admin_token_hash', '73e93519c753459ee563e086109b658685f8b074664d59578a688692b0d9ea0d');
INSERT INTO notice_chats (project_id, chat_id, kind, title, linked_by, linked_at, digest_date) VALUES ('kept', 4102444800000000, 'kept', 'kept', 'kept', 4102444800000000, 'kept');
INSERT INTO notice_codes (hash, project_id, created_by, created_at, expires_at, used_by) VALUES (X'6B657074', 'kept', 'kept', 4102444800000000, 4102444800000000, NULL);
INSERT INTO notice_settings (project_id, language, digest, digest_hour, digest_empty, alerts, silence_hours, webhook, updated_at) VALUES ('01a22d50691672e8b544f1028a7c6068', 'en', 1, 9, 0, 1, 24, X'026618CA4A0AAD41C7372EA1ACEA61B728AC96D0A6189382268D18E86C2370BF4DE66A8C7329D3D56C5C97CEB77FB54CCE611C41D6215AADCFC32F8A86F1A51DF7058F4CDC163844D5C004E47503CEAB10F9EA809CE06074FC4BF88DD0A260D2FE32497E4AE0C0BBAD27D8F0B903C536FFE0B65AB452BDAA271BF6F883619010A787F5D04F7888CF', 1796056574245895);
INSERT INTO notices (id, project_id, kind, notice_key, chat_id, body, state, reason, attempts, created_at, give_up_at, next_attempt_at, claimed_until, sent_at) VALUES ('01a22d506926778faa78656df15b706d', '01a22d50691672e8b544f1028a7c6068', 'test', 'test 01a22d5069267da1a114ea415809a8ce', 0, '{"type":"test","timestamp":"2026-11-30T16:36:14.246956Z","data":{"project_id":"01a22d50691672e8b544f1028a7c6068","project":"Upgrade bot","text":"Upgrade bot: a test. Messages arrive."}}', 'sent', '', 1, 1796056574246994, 1796057174246993, NULL, NULL, 1796056574258671);
INSERT INTO one_time_links (hash, kind, project_id, role, user_id, created_by, creator_id, created_at, expires_at) VALUES (X'F5EFE7E2CEA68157E384A3C4A86453ED17B650302DDDFEE670ABE37142CF4251', 'setup', '', '', '', 'admin token', '', 1796056574226188, 1796315774226189);
INSERT INTO people (no, project_no, waiting_goals, user_id, place, episode_no, seq, first_seen, episode_at, stopped_at, first_join, last_start, subscribed, is_premium, test, messenger, id, episode_id, username, first_name, last_name, language, state) VALUES (2048, 1, 0, 11, 0, 2049, 3, 1796056574253042, 1796056574000000, NULL, 1796056574000000, NULL, 1, NULL, 0, 'telegram', X'01A22D50692C799B926378CDEB148B4B0000', X'01A22D50692C799B926378CDEB148B4B0000', 'vera', 'Вера', '', '', '{"s":"Autumn","u":{"source":"yandex","campaign":"may"},"a":true,"t":[{"t":1796056574000000,"v":"PJe4554b82d8814def121e","l":"01a22d50691f7410a028a9ef56ae6863","c":"01a22d50692b769e84f842d43d5af4f6","s":"Autumn","u":{"source":"yandex","campaign":"may"},"r":"click"}]}');
INSERT INTO people (no, project_no, waiting_goals, user_id, place, episode_no, seq, first_seen, episode_at, stopped_at, first_join, last_start, subscribed, is_premium, test, messenger, id, episode_id, username, first_name, last_name, language, state) VALUES (4096, 1, 0, 12, 0, 4097, 1, 1796056574256715, 1796056574256620, NULL, 1796056574256620, NULL, 1, NULL, 0, 'telegram', X'01A22D5069307D8D9F6F31BF84138CDA0000', X'01A22D5069307D8D9F6F31BF84138CDA0000', '', 'Ivan', '', '', '{"s":"friend"}');
INSERT INTO people (no, project_no, waiting_goals, user_id, place, episode_no, seq, first_seen, episode_at, stopped_at, first_join, last_start, subscribed, is_premium, test, messenger, id, episode_id, username, first_name, last_name, language, state) VALUES (5120, 1, 1, 13, 0, 0, 1, 1796056574261877, NULL, NULL, NULL, NULL, 0, NULL, 0, 'telegram', X'01A22D5069357B2398D7CE26AAD38CC40000', X'', '', '', '', '', '');
INSERT INTO people_words (person_no, project_no, name, surname, username, source, left_on) VALUES (0, 0, '', '', '', '', '');
INSERT INTO people_words (person_no, project_no, name, surname, username, source, left_on) VALUES (2048, 1, 'вера', '', 'vera', '+Autumn', '');
INSERT INTO people_words (person_no, project_no, name, surname, username, source, left_on) VALUES (4096, 1, 'ivan', '', '', '+friend', '');
INSERT INTO people_words (person_no, project_no, name, surname, username, source, left_on) VALUES (5120, 1, '', '', '', '-', '');
INSERT INTO processes (id, host, address, version, roles, max_conns, started_at, seen_at, decoders_off, opens_bound) VALUES ('kept', 'kept', 'kept', 'kept', 'kept', 4102444800000000, 4102444800000000, 4102444800000000, 'kept', 0);
INSERT INTO project_changes (project_id, version, at) VALUES ('kept', 4102444800000000, 4102444800000000);
INSERT INTO project_users (project_id, user_id, role, since) VALUES ('kept', 'kept', 'kept', 4102444800000000);
INSERT INTO projects (no, id, name, kind, messenger, channel_id, username, constructor, mode, timezone, currency, attribution, send_guesses, enabled, amount_unit, per_second, per_hour, per_day, keep_people, created_at, deleted_at, webhook_secrets, telegram_payments, star_rate) VALUES (1, '01a22d50691672e8b544f1028a7c6068', 'Upgrade bot', 'bot', 'telegram', 0, 'upgrade_bot', 'telegram', 'production', 'Europe/Moscow', 'RUB', 'last', 0, 1, '', 0, 500, 5000, 0, 1796056574230470, NULL, NULL, 'auto', 0);
INSERT INTO recovery_codes (user_id, hash) VALUES ('kept', X'6B657074');
INSERT INTO replays (id, kind, project_id, account_id, filter, dry_run, rate, state, error, progress, created_at, started_at, updated_at, finished_at, cancel_requested, lease_owner, lease_until) VALUES ('01a22d5069a677179ac3c8ec3395d8c0', 'requests', '01a22d50691672e8b544f1028a7c6068', '', '{"project":"01a22d50691672e8b544f1028a7c6068","code":599}', 1, 0, 'done', '', '', 1796056574374652, 1796056575233706, 1796056575234754, 1796056575234755, 0, '', NULL);
INSERT INTO robot_visits (project_id, day, visits) VALUES ('kept', 'kept', 4102444800000000);
INSERT INTO rollup_days (project_no, source_id, day, clicks, presses, starts, joins, click_joins, leaves, goals, revenue, costs, uncounted, left_1, left_7, left_30, stars) VALUES (1, '946f5848d2f24b79c27e1548d68e9d06', '2026-11-30', 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO rollup_days (project_no, source_id, day, clicks, presses, starts, joins, click_joins, leaves, goals, revenue, costs, uncounted, left_1, left_7, left_30, stars) VALUES (1, '772bbda5ebfe000e190324c261222ac0', '2026-11-30', 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO rollup_days (project_no, source_id, day, clicks, presses, starts, joins, click_joins, leaves, goals, revenue, costs, uncounted, left_1, left_7, left_30, stars) VALUES (1, '', '2026-11-30', 1, 2, 2, 2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO rollup_durations (project_no, day, source_id, weeks, people, seconds) VALUES (4102444800000000, 'kept', 'kept', 4102444800000000, 4102444800000000, 4102444800000000);
INSERT INTO rollup_hours (project_no, day, source_id, hour, clicks, presses, starts, joins, click_joins, leaves, goals, revenue, costs, uncounted, stars) VALUES (1, '2026-11-30', '946f5848d2f24b79c27e1548d68e9d06', 19, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0);
INSERT INTO rollup_hours (project_no, day, source_id, hour, clicks, presses, starts, joins, click_joins, leaves, goals, revenue, costs, uncounted, stars) VALUES (1, '2026-11-30', '772bbda5ebfe000e190324c261222ac0', 19, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO rollup_hours (project_no, day, source_id, hour, clicks, presses, starts, joins, click_joins, leaves, goals, revenue, costs, uncounted, stars) VALUES (1, '2026-11-30', '', 19, 1, 2, 2, 2, 1, 0, 1, 0, 0, 0, 0);
INSERT INTO rollup_marks (no, project_no, at) VALUES (4102444800000000, 4102444800000000, 4102444800000000);
INSERT INTO rollup_people (project_no, day, source_id, step, people) VALUES (1, '2026-11-30', '946f5848d2f24b79c27e1548d68e9d06', 'survey', X'0100000000000000000000003A3000000100000000000000100000000008');
INSERT INTO rollup_people (project_no, day, source_id, step, people) VALUES (1, '2026-11-30', '', 'survey', X'0100000000000000000000003A3000000100000000000000100000000008');
INSERT INTO rollup_projects (project_no, fingerprint, made) VALUES (1, '1|Europe/Moscow|RUB||713dfd0c', 1);
INSERT INTO rollup_sources (id, project_no, link_no, source, utm_source, utm_medium, utm_campaign, utm_content, utm_term, network) VALUES ('946f5848d2f24b79c27e1548d68e9d06', 1, 1, '', '', '', '', '', '', 'yandex');
INSERT INTO rollup_sources (id, project_no, link_no, source, utm_source, utm_medium, utm_campaign, utm_content, utm_term, network) VALUES ('772bbda5ebfe000e190324c261222ac0', 1, 0, 'friend', '', '', '', '', '', '');
INSERT INTO rollup_steps (project_no, day, source_id, key_id, step, label, value, events, in_progress, success, failure, revenue, costs, uncounted, stars) VALUES (1, '2026-11-30', '946f5848d2f24b79c27e1548d68e9d06', 'd87432cb8748e81f85c0f64f442768bd', 'survey', '', '', 1, 1, 0, 0, 0, 0, 0, 0);
INSERT INTO rollup_steps (project_no, day, source_id, key_id, step, label, value, events, in_progress, success, failure, revenue, costs, uncounted, stars) VALUES (1, '2026-11-30', '', 'd87432cb8748e81f85c0f64f442768bd', 'survey', '', '', 1, 1, 0, 0, 0, 0, 0, 0);
INSERT INTO row_blocks (last) VALUES (8);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (1, 'schema', 1796056574012515);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (2, 'places', 1796056574023838);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (3, 'click_rate', 1796056574024887);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (4, 'sign_in', 1796056574027504);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (5, 'trace', 1796056574030865);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (6, 'openid', 1796056574031431);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (7, 'bound_secrets', 1796056574032535);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (8, 'links', 1796056574035242);
INSERT INTO sends (conversion_no, account_no, attempt, asked, due_at, next_at, expires_at, lease_until, attempt_open, handed_over, backlog, status, reason_code, reason, lease_owner, upload, handle) VALUES (2052, 2, 0, 0, NULL, NULL, 4102444800000000, NULL, 0, 0, 0, 'parked', 'account_paused', '', '', '', '');
INSERT INTO sends (conversion_no, account_no, attempt, asked, due_at, next_at, expires_at, lease_until, attempt_open, handed_over, backlog, status, reason_code, reason, lease_owner, upload, handle) VALUES (3074, 2, 0, 0, NULL, NULL, 4102444800000000, NULL, 0, 0, 0, 'parked', 'account_paused', '', '', '', '');
INSERT INTO sessions (hash, user_id, user_agent, created_at, seen_at, expires_at, network) VALUES (X'6B657074', 'kept', 'kept', 4102444800000000, 4102444800000000, 4102444800000000, 'kept');
INSERT INTO start_rules (project_id, position, pattern, link_id) VALUES ('kept', 4102444800000000, 'kept', 'kept');
INSERT INTO unknown_starts (event_id, project_no, person_no, episode_no, start_value, received_at, attributes) VALUES (X'6B657074', 4102444800000000, 4102444800000000, 4102444800000000, 'kept', 4102444800000000, 0);
INSERT INTO user_identities (issuer, user_id, subject, email, created_at) VALUES ('kept', 'kept', NULL, 'kept', 4102444800000000);
INSERT INTO user_tokens (id, user_id, name, hash, scope, created_at, used_at, expires_at) VALUES ('kept', 'kept', 'kept', X'6B657074', 'kept', 4102444800000000, NULL, NULL);
INSERT INTO users (id, email, name, password_hash, admin, language, created_at, totp_secret, totp_step, last_login_at) VALUES ('kept', 'kept', 'kept', 'kept', 0, 'kept', 4102444800000000, NULL, 4102444800000000, NULL);
INSERT INTO utm_tags (id, project_id, name_key, name) VALUES (1, '01a22d50691672e8b544f1028a7c6068', 'ee4d988c65de860fabbfbcd27f73d50b', 'may');
INSERT INTO utm_tags (id, project_id, name_key, name) VALUES (2, '01a22d50691672e8b544f1028a7c6068', '5ec9c2c2913538bbedadd97c25943dc5', 'yandex');
INSERT INTO utm_templates (id, project_id, name, utm, created_at) VALUES ('kept', 'kept', 'kept', 'kept', 4102444800000000);
INSERT INTO waiting_goals (event_id, project_no, person_no, target, amount, raw_amount, currency, occurred_at, until, named_only) VALUES (X'01A22D5069357B2398D7CE26AAD38CC40000', 1, 5120, 'waits', NULL, NULL, '', 1796056574261824, 4102444800000000, 0);
CREATE INDEX ad_accounts_project ON ad_accounts (project_id, id);
CREATE INDEX alerts_age ON alerts (closed_at) WHERE closed_at IS NOT NULL;
CREATE UNIQUE INDEX alerts_open ON alerts (project_id, kind, subject) WHERE closed_at IS NULL;
CREATE INDEX alerts_project ON alerts (project_id, id);
CREATE INDEX api_keys_project ON api_keys (project_id);
CREATE INDEX attempts_age ON attempts (at);
CREATE INDEX audit_log_addresses ON audit_log (at) WHERE address <> '';
CREATE INDEX audit_log_project ON audit_log (project_id, id);
CREATE INDEX calls_age ON calls (at);
CREATE INDEX clicks_claimed ON clicks (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX clicks_counted ON clicks (link_no, at) WHERE robot = FALSE;
CREATE INDEX clicks_free ON clicks (project_no, at DESC, no DESC) WHERE claimed_by IS NULL AND robot = FALSE;
CREATE INDEX clicks_free_of_link ON clicks (link_no, at DESC, no DESC) WHERE claimed_by IS NULL AND robot = FALSE;
CREATE INDEX clicks_reported ON clicks (project_no, at) WHERE robot = FALSE;
CREATE INDEX conversions_account ON conversions (account_no, status, no);
CREATE INDEX conversions_goals ON conversions (project_no, occurred_at) WHERE kind = 'goal';
CREATE INDEX conversions_person ON conversions (person_no) WHERE person_no <> 0;
CREATE INDEX conversions_project ON conversions (project_no, status, no);
CREATE INDEX conversions_reached ON conversions (episode_no, target) WHERE kind = 'goal' AND once;
CREATE INDEX episodes_link ON episodes (link_no) WHERE link_no <> 0;
CREATE INDEX episodes_person ON episodes (person_no);
CREATE INDEX erasures_person ON erasures (person_hash);
CREATE INDEX event_keys_age ON event_keys (at);
CREATE INDEX event_keys_same ON event_keys (at) WHERE same;
CREATE INDEX events_elsewhere ON events (project_no, occurred_at)
    WHERE change IN ('joined_elsewhere', 'left_elsewhere');
CREATE INDEX events_id ON events (id);
CREATE INDEX events_person ON events (person_no, seq);
CREATE INDEX events_project ON events (project_no, occurred_at);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
CREATE INDEX link_addresses_link ON link_addresses (project_id, link_id);
CREATE INDEX links_invite ON links (project_id, invite_key) WHERE invite_key <> '';
CREATE INDEX links_name ON links (project_id, name);
CREATE INDEX links_project ON links (project_id, id);
CREATE INDEX login_attempts_age ON login_attempts (at);
CREATE INDEX login_attempts_key ON login_attempts (key, at);
CREATE INDEX memberships_place ON memberships (project_no, place);
CREATE INDEX notice_chats_chat ON notice_chats (chat_id);
CREATE INDEX notice_codes_age ON notice_codes (expires_at);
CREATE INDEX notices_age ON notices (created_at);
CREATE INDEX notices_due ON notices (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX notices_project ON notices (project_id, id);
CREATE INDEX notices_sending ON notices (claimed_until) WHERE state = 'sending';
CREATE INDEX one_time_links_age ON one_time_links (expires_at);
CREATE UNIQUE INDEX people_person ON people (project_no, user_id, messenger) WHERE user_id <> 0;
CREATE INDEX people_project ON people (project_no, no) WHERE user_id <> 0;
CREATE INDEX people_words_left ON people_words (project_no, left_on, person_no) WHERE left_on <> '';
CREATE INDEX people_words_name ON people_words (project_no, name, person_no);
CREATE INDEX people_words_source ON people_words (project_no, source, person_no);
CREATE INDEX people_words_surname ON people_words (project_no, surname, person_no) WHERE surname <> '';
CREATE INDEX people_words_username ON people_words (project_no, username, person_no) WHERE username <> '';
CREATE INDEX project_changes_version ON project_changes (version);
CREATE INDEX project_users_user ON project_users (user_id);
CREATE INDEX replays_account ON replays (account_id, id) WHERE account_id <> '';
CREATE INDEX replays_open ON replays (created_at) WHERE state IN ('waiting', 'interrupted', 'running');
CREATE INDEX replays_project ON replays (project_id, id);
CREATE INDEX rollup_days_day ON rollup_days (project_no, day);
CREATE INDEX rollup_marks_project ON rollup_marks (project_no, no);
CREATE INDEX rollup_people_day ON rollup_people (project_no, day);
CREATE INDEX rollup_sources_project ON rollup_sources (project_no);
CREATE INDEX rollup_steps_day ON rollup_steps (project_no, day);
CREATE INDEX sends_account ON sends (account_no);
CREATE INDEX sends_backlog ON sends (account_no, due_at) WHERE backlog;
CREATE INDEX sends_due ON sends (due_at) WHERE due_at IS NOT NULL AND NOT backlog;
CREATE INDEX sends_expiry ON sends (expires_at);
CREATE INDEX sessions_age ON sessions (expires_at);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX unknown_starts_age ON unknown_starts (received_at);
CREATE INDEX unknown_starts_person ON unknown_starts (person_no);
CREATE INDEX unknown_starts_value ON unknown_starts (start_value);
CREATE UNIQUE INDEX user_identities_subject ON user_identities (issuer, subject);
CREATE INDEX user_tokens_user ON user_tokens (user_id);
CREATE INDEX waiting_goals_person ON waiting_goals (person_no);
CREATE INDEX waiting_goals_until ON waiting_goals (until);
