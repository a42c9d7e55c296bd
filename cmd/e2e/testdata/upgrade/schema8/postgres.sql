CREATE TABLE ad_accounts (
    no integer NOT NULL,
    id text NOT NULL,
    project_id text NOT NULL,
    network text NOT NULL,
    name text NOT NULL,
    settings bytea,
    settings_version bigint DEFAULT 1 NOT NULL,
    activation_goal text NOT NULL,
    goals text NOT NULL,
    currency text NOT NULL,
    paused boolean NOT NULL,
    health text NOT NULL,
    health_reason text NOT NULL,
    warnings text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    network_warning text DEFAULT ''::text NOT NULL,
    network_warned_at timestamp with time zone
);
ALTER TABLE ad_accounts ALTER COLUMN no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME ad_accounts_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE alerts (
    id text NOT NULL,
    project_id text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    told_at timestamp with time zone NOT NULL,
    told integer NOT NULL,
    closed_at timestamp with time zone
);
CREATE TABLE api_keys (
    id text NOT NULL,
    project_id text NOT NULL,
    kind text NOT NULL,
    hash bytea NOT NULL,
    sealed bytea,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE attempts (
    conversion_no bigint NOT NULL,
    n integer NOT NULL,
    look integer NOT NULL,
    call_no bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    verdict text NOT NULL,
    reason_code text NOT NULL,
    reason text NOT NULL,
    body bytea,
    answer bytea
);
CREATE TABLE audit_log (
    id text NOT NULL,
    at timestamp with time zone NOT NULL,
    user_id text NOT NULL,
    actor text NOT NULL,
    project_id text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    request_id text DEFAULT ''::text NOT NULL,
    times integer DEFAULT 1 NOT NULL
);
CREATE TABLE batch_readers (
    reader text NOT NULL,
    batch_no bigint NOT NULL
);
CREATE TABLE batches (
    no bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    events integer NOT NULL,
    people bytea NOT NULL,
    body bytea NOT NULL
);
ALTER TABLE ONLY batches ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE calls (
    no bigint NOT NULL,
    account_no integer NOT NULL,
    at timestamp with time zone NOT NULL,
    upload text DEFAULT ''::text NOT NULL,
    head bytea,
    answer bytea
);
CREATE TABLE clicks (
    no bigint NOT NULL,
    project_no integer NOT NULL,
    link_no integer NOT NULL,
    id bytea NOT NULL,
    start_value text NOT NULL,
    at timestamp with time zone NOT NULL,
    url text NOT NULL,
    raw_query text NOT NULL,
    params text NOT NULL,
    ip text NOT NULL,
    user_agent text NOT NULL,
    referrer text NOT NULL,
    cookies text NOT NULL,
    robot boolean NOT NULL,
    claimed_by bigint,
    claimed_guess boolean DEFAULT false NOT NULL,
    claimed_at timestamp with time zone
);
CREATE TABLE conversion_totals (
    project_no integer NOT NULL,
    network text NOT NULL,
    created bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE conversions (
    no bigint NOT NULL,
    project_no integer NOT NULL,
    account_no integer NOT NULL,
    person_no bigint NOT NULL,
    click_no bigint NOT NULL,
    episode_no bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    not_before timestamp with time zone,
    expires_at timestamp with time zone,
    delivered_at timestamp with time zone,
    value bigint,
    attempts integer NOT NULL,
    id bytea NOT NULL,
    event_id bytea NOT NULL,
    network text NOT NULL,
    kind text NOT NULL,
    once boolean NOT NULL,
    target text NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    source text NOT NULL,
    status text NOT NULL,
    reason_code text NOT NULL,
    reason text NOT NULL,
    upload text NOT NULL,
    handle text NOT NULL
)
WITH (fillfactor='90');
CREATE TABLE counters (
    project_no integer NOT NULL,
    second_at timestamp with time zone,
    hour_at timestamp with time zone,
    day_at timestamp with time zone,
    in_second bigint DEFAULT 0 NOT NULL,
    in_hour bigint DEFAULT 0 NOT NULL,
    in_day bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE crowded_visits (
    project_id text NOT NULL,
    link_id text NOT NULL,
    day text NOT NULL,
    visits bigint NOT NULL
);
CREATE TABLE episodes (
    no bigint NOT NULL,
    project_no integer NOT NULL,
    link_no integer DEFAULT 0 NOT NULL,
    person_no bigint NOT NULL,
    click_no bigint DEFAULT 0 NOT NULL,
    place bigint DEFAULT 0 NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    id bytea NOT NULL,
    touch text NOT NULL
)
WITH (fillfactor='90');
CREATE TABLE erasures (
    person_no bigint NOT NULL,
    person_id bytea NOT NULL,
    project_id text NOT NULL,
    user_id bigint NOT NULL,
    person_hash text NOT NULL,
    start_values text DEFAULT ''::text NOT NULL,
    erased_at timestamp with time zone NOT NULL
);
CREATE TABLE event_keys (
    project_no integer NOT NULL,
    messenger text NOT NULL,
    key text NOT NULL,
    event_id bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    same boolean NOT NULL
);
CREATE TABLE events (
    recorded_at timestamp with time zone NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    person_no bigint NOT NULL,
    episode_no bigint NOT NULL,
    seq bigint NOT NULL,
    place bigint NOT NULL,
    project_no integer NOT NULL,
    id bytea NOT NULL,
    type text NOT NULL,
    change text NOT NULL,
    detail text NOT NULL
)
PARTITION BY RANGE (recorded_at);
CREATE TABLE events_2026_10 (
    recorded_at timestamp with time zone NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    person_no bigint NOT NULL,
    episode_no bigint NOT NULL,
    seq bigint NOT NULL,
    place bigint NOT NULL,
    project_no integer NOT NULL,
    id bytea NOT NULL,
    type text NOT NULL,
    change text NOT NULL,
    detail text NOT NULL
);
CREATE TABLE events_2026_11 (
    recorded_at timestamp with time zone NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    person_no bigint NOT NULL,
    episode_no bigint NOT NULL,
    seq bigint NOT NULL,
    place bigint NOT NULL,
    project_no integer NOT NULL,
    id bytea NOT NULL,
    type text NOT NULL,
    change text NOT NULL,
    detail text NOT NULL
);
CREATE TABLE events_2026_12 (
    recorded_at timestamp with time zone NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    person_no bigint NOT NULL,
    episode_no bigint NOT NULL,
    seq bigint NOT NULL,
    place bigint NOT NULL,
    project_no integer NOT NULL,
    id bytea NOT NULL,
    type text NOT NULL,
    change text NOT NULL,
    detail text NOT NULL
);
CREATE TABLE events_2027_01 (
    recorded_at timestamp with time zone NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    person_no bigint NOT NULL,
    episode_no bigint NOT NULL,
    seq bigint NOT NULL,
    place bigint NOT NULL,
    project_no integer NOT NULL,
    id bytea NOT NULL,
    type text NOT NULL,
    change text NOT NULL,
    detail text NOT NULL
);
CREATE TABLE events_2027_02 (
    recorded_at timestamp with time zone NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    person_no bigint NOT NULL,
    episode_no bigint NOT NULL,
    seq bigint NOT NULL,
    place bigint NOT NULL,
    project_no integer NOT NULL,
    id bytea NOT NULL,
    type text NOT NULL,
    change text NOT NULL,
    detail text NOT NULL
);
CREATE TABLE idempotency_keys (
    project_no integer NOT NULL,
    method text NOT NULL,
    key text NOT NULL,
    body_hash bytea NOT NULL,
    answer bytea,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE leases (
    name text NOT NULL,
    owner text NOT NULL,
    until timestamp with time zone NOT NULL
);
CREATE TABLE link_addresses (
    address text NOT NULL,
    project_id text NOT NULL,
    link_id text NOT NULL
);
CREATE TABLE link_costs (
    project_id text NOT NULL,
    link_id text NOT NULL,
    day text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL
);
CREATE TABLE link_names (
    project_id text NOT NULL,
    link_id text NOT NULL,
    name text NOT NULL
);
CREATE TABLE link_placeholders (
    project_id text NOT NULL,
    link_id text NOT NULL,
    param text NOT NULL,
    value text NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    clicks bigint NOT NULL
);
CREATE TABLE links (
    no integer NOT NULL,
    id text NOT NULL,
    project_id text NOT NULL,
    name text NOT NULL,
    invite_link text NOT NULL,
    invite_key text NOT NULL,
    utm text NOT NULL,
    start_value text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    clicks_gone bigint DEFAULT 0 NOT NULL,
    open_page text DEFAULT 'off'::text NOT NULL,
    slug text DEFAULT ''::text NOT NULL,
    tags text DEFAULT ''::text NOT NULL,
    archived_at timestamp with time zone
);
ALTER TABLE links ALTER COLUMN no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME links_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE login_attempts (
    id bigint NOT NULL,
    key text NOT NULL,
    at timestamp with time zone NOT NULL
);
ALTER TABLE login_attempts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME login_attempts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE memberships (
    person_no bigint NOT NULL,
    place bigint NOT NULL,
    project_no integer NOT NULL,
    subscribed boolean NOT NULL,
    joined_at timestamp with time zone,
    left_at timestamp with time zone,
    told_at timestamp with time zone NOT NULL,
    episode_no bigint DEFAULT 0 NOT NULL,
    episode_id bytea NOT NULL
);
CREATE TABLE meta (
    key text NOT NULL,
    value text NOT NULL
);
CREATE TABLE notice_chats (
    project_id text NOT NULL,
    chat_id bigint NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    linked_by text NOT NULL,
    linked_at timestamp with time zone NOT NULL,
    digest_date text DEFAULT ''::text NOT NULL
);
CREATE TABLE notice_codes (
    hash bytea NOT NULL,
    project_id text NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_by bigint
);
CREATE TABLE notice_settings (
    project_id text NOT NULL,
    language text NOT NULL,
    digest boolean NOT NULL,
    digest_hour integer NOT NULL,
    digest_empty boolean NOT NULL,
    alerts boolean NOT NULL,
    silence_hours integer NOT NULL,
    webhook bytea,
    updated_at timestamp with time zone NOT NULL
);
CREATE TABLE notices (
    id text NOT NULL,
    project_id text NOT NULL,
    kind text NOT NULL,
    notice_key text NOT NULL,
    chat_id bigint NOT NULL,
    body text NOT NULL,
    state text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    give_up_at timestamp with time zone NOT NULL,
    next_attempt_at timestamp with time zone,
    claimed_until timestamp with time zone,
    sent_at timestamp with time zone
);
CREATE TABLE one_time_links (
    hash bytea NOT NULL,
    kind text NOT NULL,
    project_id text NOT NULL,
    role text NOT NULL,
    user_id text NOT NULL,
    created_by text NOT NULL,
    creator_id text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE people (
    no bigint NOT NULL,
    project_no integer NOT NULL,
    waiting_goals integer DEFAULT 0 NOT NULL,
    user_id bigint NOT NULL,
    place bigint DEFAULT 0 NOT NULL,
    episode_no bigint DEFAULT 0 NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    first_seen timestamp with time zone NOT NULL,
    episode_at timestamp with time zone,
    stopped_at timestamp with time zone,
    first_join timestamp with time zone,
    last_start timestamp with time zone,
    subscribed boolean DEFAULT false NOT NULL,
    is_premium boolean,
    test boolean DEFAULT false NOT NULL,
    messenger text NOT NULL,
    id bytea NOT NULL,
    episode_id bytea NOT NULL,
    username text DEFAULT ''::text NOT NULL,
    first_name text DEFAULT ''::text NOT NULL,
    last_name text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    state text DEFAULT ''::text NOT NULL
)
WITH (fillfactor='70');
CREATE UNLOGGED TABLE people_words (
    person_no bigint NOT NULL,
    project_no integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    surname text NOT NULL COLLATE pg_catalog."C",
    username text NOT NULL COLLATE pg_catalog."C",
    source text NOT NULL COLLATE pg_catalog."C",
    left_on text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE processes (
    id text NOT NULL,
    host text NOT NULL,
    address text NOT NULL,
    version text NOT NULL,
    roles text NOT NULL,
    max_conns bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    decoders_off text DEFAULT ''::text NOT NULL,
    opens_bound boolean DEFAULT false NOT NULL
);
CREATE TABLE project_changes (
    project_id text NOT NULL,
    version bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE project_users (
    project_id text NOT NULL,
    user_id text NOT NULL,
    role text NOT NULL,
    since timestamp with time zone NOT NULL
);
CREATE TABLE projects (
    no integer NOT NULL,
    id text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    messenger text DEFAULT 'telegram'::text NOT NULL,
    channel_id bigint DEFAULT 0 NOT NULL,
    username text NOT NULL,
    constructor text NOT NULL,
    mode text NOT NULL,
    timezone text NOT NULL,
    currency text NOT NULL,
    attribution text NOT NULL,
    send_guesses boolean NOT NULL,
    enabled boolean NOT NULL,
    amount_unit text NOT NULL,
    per_second bigint NOT NULL,
    per_hour bigint NOT NULL,
    per_day bigint NOT NULL,
    keep_people bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    webhook_secrets bytea,
    telegram_payments text DEFAULT 'auto'::text NOT NULL,
    star_rate bigint DEFAULT 0 NOT NULL
);
ALTER TABLE projects ALTER COLUMN no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME projects_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE recovery_codes (
    user_id text NOT NULL,
    hash bytea NOT NULL
);
CREATE TABLE replays (
    id text NOT NULL,
    kind text NOT NULL,
    project_id text DEFAULT ''::text NOT NULL,
    account_id text DEFAULT ''::text NOT NULL,
    filter text NOT NULL,
    dry_run boolean NOT NULL,
    rate integer NOT NULL,
    state text NOT NULL,
    error text NOT NULL,
    progress text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    updated_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    cancel_requested boolean DEFAULT false NOT NULL,
    lease_owner text DEFAULT ''::text NOT NULL,
    lease_until timestamp with time zone
);
CREATE TABLE robot_visits (
    project_id text NOT NULL,
    day text NOT NULL,
    visits bigint NOT NULL
);
CREATE TABLE rollup_days (
    project_no integer NOT NULL,
    source_id text NOT NULL,
    day text NOT NULL,
    clicks bigint NOT NULL,
    presses bigint NOT NULL,
    starts bigint NOT NULL,
    joins bigint NOT NULL,
    click_joins bigint NOT NULL,
    leaves bigint NOT NULL,
    goals bigint NOT NULL,
    revenue bigint NOT NULL,
    costs bigint NOT NULL,
    uncounted bigint NOT NULL,
    left_1 bigint NOT NULL,
    left_7 bigint NOT NULL,
    left_30 bigint NOT NULL,
    stars bigint DEFAULT 0 NOT NULL
);
CREATE TABLE rollup_durations (
    project_no integer NOT NULL,
    day text NOT NULL,
    source_id text NOT NULL,
    weeks bigint NOT NULL,
    people bigint NOT NULL,
    seconds bigint NOT NULL
);
CREATE TABLE rollup_hours (
    project_no integer NOT NULL,
    day text NOT NULL,
    source_id text NOT NULL,
    hour bigint NOT NULL,
    clicks bigint NOT NULL,
    presses bigint NOT NULL,
    starts bigint NOT NULL,
    joins bigint NOT NULL,
    click_joins bigint NOT NULL,
    leaves bigint NOT NULL,
    goals bigint NOT NULL,
    revenue bigint NOT NULL,
    costs bigint NOT NULL,
    uncounted bigint NOT NULL,
    stars bigint DEFAULT 0 NOT NULL
);
CREATE TABLE rollup_marks (
    no bigint NOT NULL,
    project_no integer NOT NULL,
    at timestamp with time zone NOT NULL
);
ALTER TABLE rollup_marks ALTER COLUMN no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME rollup_marks_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE rollup_people (
    project_no integer NOT NULL,
    day text NOT NULL,
    source_id text NOT NULL,
    step text NOT NULL,
    people bytea NOT NULL
);
CREATE TABLE rollup_projects (
    project_no integer NOT NULL,
    fingerprint text NOT NULL,
    made boolean DEFAULT false NOT NULL
);
CREATE TABLE rollup_sources (
    id text NOT NULL,
    project_no integer NOT NULL,
    link_no integer NOT NULL,
    source text NOT NULL,
    utm_source text NOT NULL,
    utm_medium text NOT NULL,
    utm_campaign text NOT NULL,
    utm_content text NOT NULL,
    utm_term text NOT NULL,
    network text NOT NULL
);
CREATE TABLE rollup_steps (
    project_no integer NOT NULL,
    day text NOT NULL,
    source_id text NOT NULL,
    key_id text NOT NULL,
    step text NOT NULL,
    label text NOT NULL,
    value text NOT NULL,
    events bigint NOT NULL,
    in_progress bigint NOT NULL,
    success bigint NOT NULL,
    failure bigint NOT NULL,
    revenue bigint NOT NULL,
    costs bigint NOT NULL,
    uncounted bigint NOT NULL,
    stars bigint DEFAULT 0 NOT NULL
);
CREATE SEQUENCE row_blocks
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    applied_at timestamp with time zone NOT NULL
);
CREATE TABLE sends (
    conversion_no bigint NOT NULL,
    account_no integer NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    asked integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone,
    next_at timestamp with time zone,
    expires_at timestamp with time zone,
    lease_until timestamp with time zone,
    attempt_open boolean DEFAULT false NOT NULL,
    handed_over boolean DEFAULT false NOT NULL,
    backlog boolean DEFAULT false NOT NULL,
    status text NOT NULL,
    reason_code text DEFAULT ''::text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    lease_owner text DEFAULT ''::text NOT NULL,
    upload text DEFAULT ''::text NOT NULL,
    handle text DEFAULT ''::text NOT NULL
)
WITH (fillfactor='70');
CREATE TABLE sessions (
    hash bytea NOT NULL,
    user_id text NOT NULL,
    user_agent text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    network text DEFAULT ''::text NOT NULL
);
CREATE TABLE start_rules (
    project_id text NOT NULL,
    "position" integer NOT NULL,
    pattern text NOT NULL,
    link_id text NOT NULL
);
CREATE TABLE unknown_starts (
    event_id bytea NOT NULL,
    project_no integer NOT NULL,
    person_no bigint NOT NULL,
    episode_no bigint NOT NULL,
    start_value text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    attributes boolean NOT NULL
);
CREATE TABLE user_identities (
    issuer text NOT NULL,
    user_id text NOT NULL,
    subject text,
    email text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE user_tokens (
    id text NOT NULL,
    user_id text NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL,
    scope text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    expires_at timestamp with time zone
);
CREATE TABLE users (
    id text NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    admin boolean NOT NULL,
    language text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    totp_secret bytea,
    totp_step bigint DEFAULT 0 NOT NULL,
    last_login_at timestamp with time zone
);
CREATE TABLE utm_tags (
    id bigint NOT NULL,
    project_id text NOT NULL,
    name_key text NOT NULL,
    name text NOT NULL
);
ALTER TABLE utm_tags ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME utm_tags_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE utm_templates (
    id text NOT NULL,
    project_id text NOT NULL,
    name text NOT NULL,
    utm text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE waiting_goals (
    event_id bytea NOT NULL,
    project_no integer NOT NULL,
    person_no bigint NOT NULL,
    target text NOT NULL,
    amount bigint,
    raw_amount bigint,
    currency text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    named_only boolean DEFAULT false NOT NULL
);
ALTER TABLE ONLY events ATTACH PARTITION events_2026_10 FOR VALUES FROM ('2026-10-01 00:00:00+00') TO ('2026-11-01 00:00:00+00');
ALTER TABLE ONLY events ATTACH PARTITION events_2026_11 FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00');
ALTER TABLE ONLY events ATTACH PARTITION events_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');
ALTER TABLE ONLY events ATTACH PARTITION events_2027_01 FOR VALUES FROM ('2027-01-01 00:00:00+00') TO ('2027-02-01 00:00:00+00');
ALTER TABLE ONLY events ATTACH PARTITION events_2027_02 FOR VALUES FROM ('2027-02-01 00:00:00+00') TO ('2027-03-01 00:00:00+00');
INSERT INTO ad_accounts OVERRIDING SYSTEM VALUE VALUES (1, '01a22d50759d7957a9997b71c5ac496f', '01a22d5075837273bb3168ca7a0f0658', 'facebook', 'Meta', '\x028d446f85f1132611776d742ba3d862eae11d215167dfca25557e6cdee8de16faaf1da9332e2b166660022c4bdffb72c5a9d8c5fceb1e52c7eb43a6c53aea22ee6bb1fdade8dfebd829f94510c8', 1, 'Lead', '', '', false, 'healthy', '', '', '2026-11-30 16:36:17.437492+00', '2026-11-30 16:36:17.437507+00', NULL, '', NULL);
INSERT INTO ad_accounts OVERRIDING SYSTEM VALUE VALUES (2, '01a22d5075a17d62908aa37e2ec0ad08', '01a22d5075837273bb3168ca7a0f0658', 'webhook', 'Own', '\x02419cafc7c011b554fa4cd526228abc21853850065180f0a4d0e8a6617b8d99b4b0f2d9bef783884728fcff1724f086dc92aac833a7b3bac5e44331a11c685d5d6612822c8672457e13fd89b372193eab37a35be5d7daf56c1d061222b242f583a0411e14dc8f225ab7d19d1274be0e34ca8daad5e97edcfba9d5a65f', 2, 'start', '', '', true, 'healthy', '', '', '2026-11-30 16:36:17.441087+00', '2026-11-30 16:36:17.443887+00', NULL, '', NULL);
INSERT INTO alerts VALUES ('kept', 'kept', 'kept', 'kept', 'kept', '2100-01-01 00:00:00+00', '2100-01-01 00:00:00+00', 1, NULL);
INSERT INTO api_keys VALUES ('01a22d50758374a8919ca888d7508c12', '01a22d5075837273bb3168ca7a0f0658', 'api', '\x85ba14d961219c656233ceb93752534cf905194d371a77f49822070e2abafead', '\x0243edeaa7db2b50179a34acf713e83326a6c8c84e98a2b256b7031e4f4cbc162bad10b9365d2f5e927344a05b54ecd5acaee9457512fd507cb449', NULL, NULL, '2026-11-30 16:36:17.411277+00');
INSERT INTO api_keys VALUES ('01a22d5075837ab2a732f0a22318ee0b', '01a22d5075837273bb3168ca7a0f0658', 'report', '\xdbc2542ad052a7793a4d180f679adc4a726f6a059003c6756b40465c59a7f716', '\x02fe208cd1dd540119419b07dfbd24d83d766e2e70925abbdd5c11fa61270be34728b21fa92a309d14c479efc577bd80373933fab93a69abf7fce3', NULL, NULL, '2026-11-30 16:36:17.41128+00');
INSERT INTO attempts VALUES (2051, 1, 0, 4096, '2026-11-30 16:36:17.482272+00', 'delivered', '', '', '\x7b226576656e745f6e616d65223a224c656164222c226576656e745f74696d65223a313739363035363537372c226576656e745f6964223a223933333031653039346463613539353734333163356431396638656433373135222c22616374696f6e5f736f75726365223a2263686174222c226576656e745f736f757263655f75726c223a22687474703a2f2f2a2a2a3a34343339332f632f30316132326435303735393937393935393135333738393430376466373438363f6662636c69643d4b657074222c22757365725f64617461223a7b2265787465726e616c5f6964223a5b2232383238326637623436356630643538663961613033346162643435353065366432333865363734313838326135626231626231636365323061356431316433225d2c22666263223a2266622e312e313739363035363537373436302e4b657074222c22666270223a2266622e312e313739363035363537373436302e31373230343734393532222c22636c69656e745f757365725f6167656e74223a224d6f7a696c6c612f352e3020284c696e75783b20416e64726f696420313429204368726f6d652f3134312e30204d6f62696c65205361666172692f3533372e3336227d7d', NULL);
INSERT INTO attempts VALUES (3073, 1, 0, 8192, '2026-11-30 16:36:17.511003+00', 'delivered', '', '', '\x7b226576656e745f6e616d65223a2275736572446964536861726550686f6e65222c226576656e745f74696d65223a313739363035363537372c226576656e745f6964223a226537623533643333303463623035316264636566316166643865663830356261222c22616374696f6e5f736f75726365223a2263686174222c226576656e745f736f757263655f75726c223a22687474703a2f2f2a2a2a3a34343339332f632f30316132326435303735393937393935393135333738393430376466373438363f6662636c69643d4b657074222c22757365725f64617461223a7b2265787465726e616c5f6964223a5b2232383238326637623436356630643538663961613033346162643435353065366432333865363734313838326135626231626231636365323061356431316433225d2c22666263223a2266622e312e313739363035363537373436302e4b657074222c22666270223a2266622e312e313739363035363537373436302e31373230343734393532222c22636c69656e745f757365725f6167656e74223a224d6f7a696c6c612f352e3020284c696e75783b20416e64726f696420313429204368726f6d652f3134312e30204d6f62696c65205361666172692f3533372e3336227d7d', NULL);
INSERT INTO audit_log VALUES ('01a22d5075837a62a8800a309e60d5cd', '2026-11-30 16:36:17.41128+00', '', 'admin token', '01a22d5075837273bb3168ca7a0f0658', 'project.create', 'Upgrade bot', '', '127.0.0.1', '01a22d50758174609bd7ef642e2e207c', 1);
INSERT INTO audit_log VALUES ('01a22d507591798f99614a8e41031c5f', '2026-11-30 16:36:17.425614+00', '', 'admin token', '01a22d5075837273bb3168ca7a0f0658', 'project.update', 'Upgrade bot', '{"limits.per_second":"3 → 0"}', '127.0.0.1', '01a22d5075907f47a17adc6454375078', 1);
INSERT INTO audit_log VALUES ('01a22d5075997d60ac81549705b645d6', '2026-11-30 16:36:17.433009+00', '', 'admin token', '01a22d5075837273bb3168ca7a0f0658', 'link.create', 'Autumn', '', '127.0.0.1', '01a22d50759678d9aa2738add14be268', 1);
INSERT INTO audit_log VALUES ('01a22d50759d7445afac8458492bcfba', '2026-11-30 16:36:17.437726+00', '', 'admin token', '01a22d5075837273bb3168ca7a0f0658', 'ad_account.create', 'Meta', '{"network":"facebook"}', '127.0.0.1', '01a22d50759d76909e10a5e88103f36c', 1);
INSERT INTO audit_log VALUES ('01a22d5075a171cdb5adae1572b5f124', '2026-11-30 16:36:17.441309+00', '', 'admin token', '01a22d5075837273bb3168ca7a0f0658', 'ad_account.create', 'Own', '{"network":"webhook"}', '127.0.0.1', '01a22d5075a176e2833352fc949174dc', 1);
INSERT INTO audit_log VALUES ('01a22d5075a3728fbc520bc0352fea32', '2026-11-30 16:36:17.443891+00', '', 'admin token', '01a22d5075837273bb3168ca7a0f0658', 'ad_account.update', 'Own', '{"paused":"true"}', '127.0.0.1', '01a22d5075a373fd8cbf0c6023b267db', 1);
INSERT INTO audit_log VALUES ('01a22d5075a87188a686cc933cfb933a', '2026-11-30 16:36:17.44801+00', '', 'admin token', '01a22d5075837273bb3168ca7a0f0658', 'cost.set', 'Autumn', '{"amount":"150.5","from":"2026-01-01","to":"2026-01-02"}', '127.0.0.1', '01a22d5075a778e39cdc829ecc7eb732', 1);
INSERT INTO audit_log VALUES ('01a22d5075aa786098b3d3ecd84b0a9c', '2026-11-30 16:36:17.450418+00', '', 'admin token', '01a22d5075837273bb3168ca7a0f0658', 'notifications.update', '', '{"alerts":"true","webhook_url":"set"}', '127.0.0.1', '01a22d5075a974d0997c9c4620bfe2a0', 1);
INSERT INTO audit_log VALUES ('01a22d5075ac7dc78db15a10681bca53', '2026-11-30 16:36:17.452232+00', '', 'admin token', '01a22d5075837273bb3168ca7a0f0658', 'notifications.test', '', '', '127.0.0.1', '01a22d5075ab7f2b8aa271a790f5751a', 1);
INSERT INTO audit_log VALUES ('01a22d50758171fdbd88e24b609aa0ff', '2026-11-30 16:36:17.409767+00', '', 'admin token', '', 'token.use', '', '', '127.0.0.1', '01a22d50758174609bd7ef642e2e207c', 15);
INSERT INTO audit_log VALUES ('01a22d5075b37857baf66254b555a56b', '2026-11-30 16:36:17.459334+00', '', 'report key', '01a22d5075837273bb3168ca7a0f0658', 'report.export', 'get_tags', '', '127.0.0.1', '01a22d5075ae76038ffc0346c900c080', 1);
INSERT INTO batch_readers VALUES ('kept', 1);
INSERT INTO batches VALUES (1, '2100-01-01 00:00:00+00', 1, '\x6b657074', '\x6b657074');
INSERT INTO calls VALUES (4096, 1, '2026-11-30 16:36:17.482272+00', '', '\x7b226d6574686f64223a22504f5354222c2275726c223a22687474703a2f2f2a2a2a3a34313430372f66616365626f6f6b2f7632362e302f313030312f6576656e7473222c2268656164657273223a7b22436f6e74656e742d54797065223a226170706c69636174696f6e2f6a736f6e227d2c2272657175657374223a227b5c22646174615c223a5c223120726f775c222c5c226163636573735f746f6b656e5c223a5c222a2a2a5c227d227d', '\x7b227374617475735f636f6465223a3230302c22726573706f6e7365223a227b5c226576656e74735f72656365697665645c223a312c5c22666274726163655f69645c223a5c224173696d756c6174656454726163655c227d227d');
INSERT INTO calls VALUES (8192, 1, '2026-11-30 16:36:17.511003+00', '', '\x7b226d6574686f64223a22504f5354222c2275726c223a22687474703a2f2f2a2a2a3a34313430372f66616365626f6f6b2f7632362e302f313030312f6576656e7473222c2268656164657273223a7b22436f6e74656e742d54797065223a226170706c69636174696f6e2f6a736f6e227d2c2272657175657374223a227b5c22646174615c223a5c223120726f775c222c5c226163636573735f746f6b656e5c223a5c222a2a2a5c227d227d', '\x7b227374617475735f636f6465223a3230302c22726573706f6e7365223a227b5c226576656e74735f72656365697665645c223a312c5c22666274726163655f69645c223a5c224173696d756c6174656454726163655c227d227d');
INSERT INTO clicks VALUES (1024, 1, 1, '\x01a22d5075b473febecfd1050d54b2ac', 'PJ886aac7b61137a8c894b', '2026-11-30 16:36:17.460817+00', 'http://127.0.0.1:44393/c/01a22d50759979959153789407df7486?', 'a0&a1', '{"fbclid":"Kept","yclid":"123456789"}', '127.0.0.1', 'Mozilla/5.0 (Linux; Android 14) Chrome/141.0 Mobile Safari/537.36', '', '{"_fbc":"fb.1.1796056577460.Kept","_fbp":"fb.1.1796056577460.1720474952"}', false, 2048, false, '2026-11-30 16:36:17.464047+00');
INSERT INTO conversion_totals VALUES (1, 'facebook', 2);
INSERT INTO conversion_totals VALUES (1, 'webhook', 2);
INSERT INTO conversions VALUES (2052, 1, 2, 2048, 1024, 2049, '2026-11-30 16:36:17.460817+00', '2026-11-30 16:36:17.464047+00', '2026-11-30 16:36:17.460817+00', '2100-01-01 00:00:00+00', NULL, NULL, 0, '\x3919494d9bcabb9efa19b635b849cb83', '\x01a22d5075b77738aa5d7a23276bdb960000', 'webhook', 'activation', true, 'start', 'start', 'RUB', 'Autumn', '', '', '', '', '');
INSERT INTO conversions VALUES (2051, 1, 1, 2048, 1024, 2049, '2026-11-30 16:36:17.460817+00', '2026-11-30 16:36:17.464047+00', '2026-11-30 16:36:17.460817+00', '2100-01-01 00:00:00+00', '2026-11-30 16:36:17.482242+00', NULL, 1, '\x93301e094dca5957431c5d19f8ed3715', '\x01a22d5075b77738aa5d7a23276bdb960000', 'facebook', 'activation', true, 'Lead', 'Lead', 'RUB', 'Autumn', 'delivered', '', '', '01a22d5075c87362b4ddb923e02c70c0', '');
INSERT INTO conversions VALUES (3074, 1, 2, 2048, 1024, 2049, '2026-11-30 16:36:17.47261+00', '2026-11-30 16:36:17.472676+00', '2026-11-30 16:36:17.47261+00', '2100-01-01 00:00:00+00', NULL, NULL, 0, '\x9523f2a66afc97cb94822e8dbccd4284', '\x01a22d5075c074af897f636374ec51b10000', 'webhook', 'goal', true, 'userDidSharePhone', 'userDidSharePhone', 'RUB', 'Autumn', '', '', '', '', '');
INSERT INTO conversions VALUES (3073, 1, 1, 2048, 1024, 2049, '2026-11-30 16:36:17.47261+00', '2026-11-30 16:36:17.472676+00', '2026-11-30 16:36:17.47261+00', '2100-01-01 00:00:00+00', '2026-11-30 16:36:17.510991+00', NULL, 1, '\xe7b53d3304cb051bdcef1afd8ef805ba', '\x01a22d5075c074af897f636374ec51b10000', 'facebook', 'goal', true, 'userDidSharePhone', 'userDidSharePhone', 'RUB', 'Autumn', 'delivered', '', '', '01a22d5075e57b14bf073936ea89df17', '');
INSERT INTO counters VALUES (1, '2026-11-30 16:36:17+00', '2026-11-30 16:00:00+00', '2026-11-30 00:00:00+00', 6, 6, 6);
INSERT INTO crowded_visits VALUES ('kept', 'kept', 'kept', 1);
INSERT INTO episodes VALUES (2049, 1, 1, 2048, 1024, 0, '2026-11-30 16:36:17+00', NULL, '\x01a22d5075b77738aa5d7a23276bdb960000', '{"v":"PJ886aac7b61137a8c894b","l":"01a22d50759979959153789407df7486","c":"01a22d5075b473febecfd1050d54b2ac","s":"Autumn","u":{"source":"yandex","campaign":"may"},"r":"click"}');
INSERT INTO episodes VALUES (5121, 1, 0, 5120, 0, 0, '2026-11-30 16:36:17.485205+00', NULL, '\x01a22d5075cd78a19a173578bb5c786d0000', '{"v":"friend","s":"friend","r":"start_value"}');
INSERT INTO erasures VALUES (1, '\x6b657074', 'kept', 1, 'kept', 'kept', '2100-01-01 00:00:00+00');
INSERT INTO event_keys VALUES (1, 'telegram', 'update:1:bot_started:11:1796056577000000', '\x01a22d5075b77738aa5d7a23276bdb960000', '2100-01-01 00:00:00+00', false);
INSERT INTO event_keys VALUES (1, 'telegram', 'same:add_event:0:bec2b9b6a35f39c3ba1de91217bec2fe', '\x01a22d5075d174ddb3800598a705dc200000', '2100-01-01 00:00:00+00', true);
INSERT INTO events_2026_11 VALUES ('2026-11-30 16:36:17.464047+00', '2026-11-30 16:36:17+00', '2026-11-30 16:36:17.463926+00', 2048, 2049, 1, 0, 1, '\x01a22d5075b77738aa5d7a23276bdb960000', 'bot_started', 'opened', '{"touch":{"v":"PJ886aac7b61137a8c894b","l":"01a22d50759979959153789407df7486","c":"01a22d5075b473febecfd1050d54b2ac","s":"Autumn","u":{"source":"yandex","campaign":"may"},"r":"click"}}');
INSERT INTO events_2026_11 VALUES ('2026-11-30 16:36:17.472676+00', '2026-11-30 16:36:17.47261+00', '2026-11-30 16:36:17.47261+00', 2048, 2049, 2, 0, 1, '\x01a22d5075c074af897f636374ec51b10000', 'goal_reached', '', '{"name":"userDidSharePhone","goal_state":"counts"}');
INSERT INTO events_2026_11 VALUES ('2026-11-30 16:36:17.485304+00', '2026-11-30 16:36:17.485205+00', '2026-11-30 16:36:17.485205+00', 5120, 5121, 1, 0, 1, '\x01a22d5075cd78a19a173578bb5c786d0000', 'bot_started', 'opened', '{"touch":{"v":"friend","s":"friend","r":"start_value"}}');
INSERT INTO events_2026_11 VALUES ('2026-11-30 16:36:17.487456+00', '2026-11-30 16:36:17.487361+00', '2026-11-30 16:36:17.487361+00', 6144, 0, 1, 0, 1, '\x01a22d5075cf78ecbfb49189b93078d10000', 'goal_reached', '', '{"name":"waits","goal_state":"waits"}');
INSERT INTO events_2026_11 VALUES ('2026-11-30 16:36:17.489315+00', '2026-11-30 16:36:17.489274+00', '2026-11-30 16:36:17.489274+00', 2048, 2049, 3, 0, 1, '\x01a22d5075d174ddb3800598a705dc200000', 'funnel_event', '', '{"name":"survey","result":"in_progress"}');
INSERT INTO idempotency_keys VALUES (1, 'send_reach_goal', 'kept-key', '\x3c3363b35166048066086126442682e758a8a9e359f9acb4913d619ab6a323c4', '\x7b226576656e7473223a5b7b226964223a2230316132326435303735633037346166383937663633363337346563353162312d30222c2274797065223a22676f616c5f72656163686564222c226475706c6963617465223a66616c73657d5d7d', '2100-01-01 00:00:00+00');
INSERT INTO leases VALUES ('reports', '01a22d5074b27eb5968ca5f641ac2348', '2026-11-30 16:36:34.403925+00');
INSERT INTO link_addresses VALUES ('kept', 'kept', 'kept');
INSERT INTO link_costs VALUES ('01a22d5075837273bb3168ca7a0f0658', '01a22d50759979959153789407df7486', '2026-01-01', 75250000, 'RUB');
INSERT INTO link_costs VALUES ('01a22d5075837273bb3168ca7a0f0658', '01a22d50759979959153789407df7486', '2026-01-02', 75250000, 'RUB');
INSERT INTO link_names VALUES ('kept', 'kept', 'kept');
INSERT INTO link_placeholders VALUES ('kept', 'kept', 'kept', 'kept', '2100-01-01 00:00:00+00', '2100-01-01 00:00:00+00', 1);
INSERT INTO links OVERRIDING SYSTEM VALUE VALUES (1, '01a22d50759979959153789407df7486', '01a22d5075837273bb3168ca7a0f0658', 'Autumn', '', '', '{"source":"yandex","campaign":"may"}', 'PJ2263f54812d1a2192508', '2026-11-30 16:36:17.433004+00', 0, 'off', '', '', NULL);
INSERT INTO login_attempts OVERRIDING SYSTEM VALUE VALUES (1, 'kept', '2100-01-01 00:00:00+00');
INSERT INTO memberships VALUES (1, 1, 1, false, NULL, NULL, '2100-01-01 00:00:00+00', 1, '\x6b657074');
INSERT INTO meta VALUES ('secret_key_id', '10a04a2b4c229f59');
INSERT INTO meta VALUES ('network:facebook', '{"Name":"facebook","Title":"Meta Conversions API","TitleRU":"","Docs":"https://developers.facebook.com/documentation/ads-commerce/conversions-api/using-the-api","Evidence":"documented","ClickIDs":["fbclid"],"Cookies":[{"Name":"_fbp","Param":"","Lifetime":7776000000000000},{"Name":"_fbc","Param":"","Lifetime":7776000000000000}],"Fields":[{"Name":"dataset_id","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Dataset (pixel)","Help":"Number of the dataset (pixel) in Events Manager.","LabelRU":"Набор данных (пиксель)","HelpRU":"Номер набора данных (пикселя) в Events Manager."},{"Name":"access_token","Required":true,"Secret":true,"Kind":"text","Values":null,"Label":"Access token","Help":"Events Manager, settings of the dataset, Conversions API, Generate access token.","LabelRU":"Токен доступа","HelpRU":"Events Manager, настройки набора данных, Conversions API, «Создать маркер доступа»."},{"Name":"test_event_code","Required":false,"Secret":false,"Kind":"text","Values":null,"Label":"Test event code","Help":"Code from the tab Test events; such events are shown there but count all the same.","LabelRU":"Код тестовых событий","HelpRU":"Код с вкладки «Тестирование событий»; события видны там, но всё равно учитываются."},{"Name":"action_source","Required":false,"Secret":false,"Kind":"enum","Values":["auto","website","chat","app","email","phone_call","physical_store","system_generated","other"],"Label":"Where it happens","Help":"auto: website when address, browser and page of the click are known, chat otherwise.","LabelRU":"Где происходит действие","HelpRU":"auto: website, если известны адрес, браузер и страница клика, иначе chat."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://graph.facebook.com","Least":0,"Form":"","Example":"","Help":"","Ends":null},{"Name":"version","Kind":"word","Default":"v26.0","Least":0,"Form":"^v[0-9]+\\.[0-9]+$","Example":"a version such as v26.0","Help":"Version of the Graph API. Meta serves each for about two years: tgtrack doctor tells in time.","Ends":{"v19.0":"2026-05-21T00:00:00Z","v20.0":"2026-09-24T00:00:00Z","v21.0":"2027-01-21T00:00:00Z","v22.0":"2027-05-20T00:00:00Z","v23.0":"2027-10-08T00:00:00Z","v24.0":"2028-02-18T00:00:00Z","v25.0":"2028-07-29T00:00:00Z","v26.0":"2028-11-04T00:00:00Z","v27.0":"0001-01-01T00:00:00Z"}}],"Says":null,"Batch":1000,"About":{"Sends":"Conversions API","SendsRU":"","Click":"","ClickRU":"","Data":"events with `fbc`, `fbp`, address, browser, a hashed id","Repeats":"harmless: dropped by event id for 48 h","Outcome":"at once"},"Window":601200000000000,"FromClick":false,"Dedup":true,"DedupFor":172800000000000,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta VALUES ('network:ga4', '{"Name":"ga4","Title":"Google Analytics 4","TitleRU":"","Docs":"https://developers.google.com/analytics/devguides/collection/protocol/ga4/reference","Evidence":"documented","ClickIDs":null,"Cookies":[{"Name":"_ga","Param":"","Lifetime":0},{"Name":"_ga_*","Param":"","Lifetime":0}],"Fields":[{"Name":"measurement_id","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Measurement ID","Help":"Analytics, Admin, Data streams, your web stream: Measurement ID, G-…","LabelRU":"Идентификатор потока","HelpRU":"Аналитика, «Администратор», «Потоки данных», ваш веб-поток: идентификатор показателя, G-…"},{"Name":"api_secret","Required":true,"Secret":true,"Kind":"text","Values":null,"Label":"API secret","Help":"Analytics, Admin, Data streams, your web stream, Measurement Protocol API secrets.","LabelRU":"Секретный ключ API","HelpRU":"Аналитика, «Администратор», «Потоки данных», ваш веб-поток, «Секретные ключи Measurement Protocol API»."},{"Name":"receive","Required":false,"Secret":false,"Kind":"enum","Values":["matched","all"],"Label":"Whose conversions","Help":"matched: clicks that carry Analytics'' cookie _ga; all: everybody, others as new users without a source.","LabelRU":"Чьи конверсии отправлять","HelpRU":"matched: кликов, у которых есть cookie Аналитики _ga; all: всех, остальные будут новыми пользователями без источника."},{"Name":"resend_uncertain","Required":false,"Secret":false,"Kind":"boolean","Values":null,"Label":"Send again when the answer was lost","Help":"true: send again when the answer was lost, at the risk of counting twice; otherwise it is shown as uncertain.","LabelRU":"Отправлять ещё раз, если ответ потерян","HelpRU":"Конверсия может посчитаться дважды; иначе её статус будет «неизвестно»."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://www.google-analytics.com","Least":0,"Form":"","Example":"","Help":"","Ends":null}],"Says":null,"Batch":1,"About":{"Sends":"Measurement Protocol","SendsRU":"","Click":"cookie `_ga`","ClickRU":"cookie `_ga`","Data":"one event with `client_id`","Repeats":"counted, but for `purchase` and `refund`; so not repeated","Outcome":"never"},"Window":255600000000000,"FromClick":false,"Dedup":false,"DedupFor":0,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta VALUES ('network:google', '{"Name":"google","Title":"Google Ads (Data Manager)","TitleRU":"Google Реклама (Data Manager)","Docs":"https://developers.google.com/data-manager/api/devguides/events/google-ads/offline/send-events","Evidence":"documented","ClickIDs":["gclid","gbraid","wbraid"],"Cookies":null,"Fields":[{"Name":"customer_id","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Account number","Help":"Number of the Google Ads account that owns the conversion actions, such as 123-456-7890.","LabelRU":"Номер аккаунта","HelpRU":"Номер аккаунта Google Рекламы, которому принадлежат действия-конверсии, вида 123-456-7890."},{"Name":"login_customer_id","Required":false,"Secret":false,"Kind":"text","Values":null,"Label":"Manager account number","Help":"Number of the manager account, when access goes through one.","LabelRU":"Номер управляющего аккаунта","HelpRU":"Указывается, если доступ идёт через управляющий аккаунт."},{"Name":"conversion_actions","Required":true,"Secret":false,"Kind":"mapping","Values":null,"Label":"Conversion actions","Help":"Goal → id of a conversion action of the kind \"import from clicks\": ctId in the address of its page in Google Ads.","LabelRU":"Действия-конверсии","HelpRU":"Цель = id действия-конверсии вида «импорт из кликов»: ctId в адресе её страницы в Google Рекламе."},{"Name":"client_id","Required":false,"Secret":false,"Kind":"text","Values":null,"Label":"OAuth client","Help":"OAuth client of a Google Cloud project with the Data Manager API switched on.","LabelRU":"OAuth-клиент","HelpRU":"Клиент проекта Google Cloud, в котором включён Data Manager API."},{"Name":"client_secret","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"OAuth client secret","Help":"Secret of the OAuth client.","LabelRU":"Секрет OAuth-клиента","HelpRU":"Секрет этого клиента."},{"Name":"refresh_token","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Refresh token","Help":"Refresh token of a user of the Google Ads account, scope https://www.googleapis.com/auth/datamanager.","LabelRU":"Токен обновления","HelpRU":"Refresh token пользователя аккаунта Google Рекламы с правом https://www.googleapis.com/auth/datamanager."},{"Name":"service_account","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Service account key","Help":"Instead of the three OAuth values: a service account''s key file, the JSON text.","LabelRU":"Ключ сервисного аккаунта","HelpRU":"Вместо трёх значений OAuth: файл ключа сервисного аккаунта, текст JSON."},{"Name":"event_source","Required":false,"Secret":false,"Kind":"enum","Values":["WEB","APP","IN_STORE","PHONE","MESSAGE","OTHER"],"Label":"Where conversions happen","Help":"Where conversions happen; must fit the conversion action.","LabelRU":"Где происходят конверсии","HelpRU":"Должно подходить к действию-конверсии."},{"Name":"consent_ad_user_data","Required":false,"Secret":false,"Kind":"enum","Values":["unspecified","granted","denied"],"Label":"Consent: data for ads","Help":"Consent to send data to Google, needed for people in Europe.","LabelRU":"Согласие: данные для рекламы","HelpRU":"Согласие на передачу данных в Google, нужно для людей из Европы."},{"Name":"consent_ad_personalization","Required":false,"Secret":false,"Kind":"enum","Values":["unspecified","granted","denied"],"Label":"Consent: personalised ads","Help":"Consent to personalised ads, needed for people in Europe.","LabelRU":"Согласие: персонализация","HelpRU":"Согласие на персонализированную рекламу, нужно для людей из Европы."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://datamanager.googleapis.com","Least":0,"Form":"","Example":"","Help":"","Ends":null},{"Name":"min_click_age","Kind":"duration","Default":"6h","Least":0,"Form":"","Example":"","Help":"How old a click must be before its conversion is sent.","Ends":null},{"Name":"poll_after","Kind":"duration","Default":"30m","Least":1000000,"Form":"","Example":"","Help":"First look at what became of an event.","Ends":null},{"Name":"google_oauth.base_url","Kind":"address","Default":"https://oauth2.googleapis.com","Least":0,"Form":"","Example":"","Help":"Google: access tokens.","Ends":null}],"Says":null,"Batch":1,"About":{"Sends":"Data Manager","SendsRU":"","Click":"","ClickRU":"","Data":"one event, `transactionId` is the conversion''s id","Repeats":"harmless: the same `transactionId` with the same value is dropped","Outcome":"later, per event"},"Window":7776000000000000,"FromClick":true,"Dedup":true,"DedupFor":0,"Resumes":false,"Async":true,"DefaultActivation":"","Hold":21600000000000,"MinAge":0,"Gather":0}');
INSERT INTO meta VALUES ('network:postback', '{"Name":"postback","Title":"Postback (S2S)","TitleRU":"Постбэк (S2S)","Docs":"https://docs.keitaro.io/en/campaigns-and-streams/postbacks.html","Evidence":"documented","ClickIDs":null,"Cookies":null,"Fields":[{"Name":"url","Required":true,"Secret":true,"Kind":"url","Values":null,"Label":"Address","Help":"Address with macros, such as https://tracker.example/KEY/postback?subid={click.subid}\u0026payout={value}.","LabelRU":"Адрес","HelpRU":"Адрес с макросами, например https://tracker.example/KEY/postback?subid={click.subid}\u0026payout={value}."},{"Name":"method","Required":false,"Secret":false,"Kind":"enum","Values":["GET","POST","PUT","PATCH"],"Label":"Method","Help":"GET, or POST when there is a body.","LabelRU":"Метод","HelpRU":"GET, или POST, если есть тело."},{"Name":"body","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Body","Help":"Body with macros: JSON, or a form.","LabelRU":"Тело запроса","HelpRU":"Тело с макросами: JSON или форма."},{"Name":"headers","Required":false,"Secret":true,"Kind":"mapping","Values":null,"Label":"Headers","Help":"Headers with macros.","LabelRU":"Заголовки","HelpRU":"Заголовки с макросами, по одному в строке."},{"Name":"receive","Required":false,"Secret":false,"Kind":"enum","Values":["matched","all"],"Label":"Whose conversions","Help":"matched: people whose click has every {click.…} of the template; all: organic people too.","LabelRU":"Чьи конверсии отправлять","HelpRU":"matched: тех, у чьего клика есть все {click.…} шаблона; all: всех, в том числе пришедших сами."},{"Name":"expected_status","Required":false,"Secret":false,"Kind":"text","Values":null,"Label":"Answers that mean success","Help":"Answers that mean success, such as 200, 302; empty: any 2xx.","LabelRU":"Какой ответ считать успехом","HelpRU":"Например 200, 302; пусто: любой 2xx."},{"Name":"resend_uncertain","Required":false,"Secret":false,"Kind":"boolean","Values":null,"Label":"Send again when the answer was lost","Help":"true: send again when the answer was lost, at the risk of counting twice; otherwise it is shown as uncertain.","LabelRU":"Отправлять ещё раз, если ответ потерян","HelpRU":"Конверсия может посчитаться дважды; иначе её статус будет «неизвестно»."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":[{"Name":"keitaro","Title":"Keitaro","Docs":"https://docs.keitaro.io","Settings":{"method":"GET","url":"https://TRACKER/KEY/postback?subid={click.subid}\u0026status={target}\u0026payout={value}\u0026currency={currency}\u0026tid={event_id}"},"ActivationGoal":"","Goals":null,"Link":"","StartRule":""},{"Name":"binom","Title":"Binom","Docs":"https://docs.binom.org","Settings":{"method":"GET","url":"https://TRACKER/click.php?cnv_id={click.clickid}\u0026payout={value}\u0026cnv_status={target}"},"ActivationGoal":"","Goals":null,"Link":"","StartRule":""},{"Name":"voluum","Title":"Voluum","Docs":"https://doc.voluum.com","Settings":{"method":"GET","url":"https://TRACKER/postback?cid={click.cid}\u0026payout={value}\u0026txid={event_id}\u0026et={target}"},"ActivationGoal":"","Goals":null,"Link":"","StartRule":""},{"Name":"redtrack","Title":"RedTrack","Docs":"https://help.redtrack.io","Settings":{"method":"GET","url":"https://TRACKER/postback?clickid={click.clickid}\u0026sum={value}\u0026type={target}"},"ActivationGoal":"","Goals":null,"Link":"","StartRule":""},{"Name":"adsgram","Title":"AdsGram","Docs":"https://docs.adsgram.ai/advertiser/telegram-tracking-links","Settings":{"method":"GET","url":"https://api.adsgram.ai/confirm_conversion?token=TOKEN\u0026tgid={user_id}\u0026campaignid={click.campaignid}\u0026goaltype={name}"},"ActivationGoal":"1","Goals":{"payment_created":"2","subscription_renewed":"3"},"Link":"https://t.me/BOT?start=adsgram_{campaign_id}","StartRule":"adsgram_{campaignid}"},{"Name":"adsgram_web","Title":"AdsGram, web links","Docs":"https://docs.adsgram.ai/advertiser/tg-ads-tracking-links","Settings":{"method":"GET","url":"https://api.adsgram.ai/confirm_conversion?token=TOKEN\u0026campaignid={click.campaignid}\u0026goaltype={name}\u0026record={click.record}"},"ActivationGoal":"1","Goals":{"payment_created":"2","subscription_renewed":"3"},"Link":"","StartRule":""},{"Name":"richads","Title":"RichAds","Docs":"https://docs.richads.com/advertiser/overview.html","Settings":{"method":"GET","url":"https://us.ahows.co/log?action=conversion\u0026key={click.click_id}"},"ActivationGoal":"","Goals":null,"Link":"https://t.me/BOT?start=promo123__clickId=[CLICK_ID]","StartRule":"promo123__clickId={click}"}],"Options":null,"Says":null,"Batch":1,"About":{"Sends":"a request by your template: Keitaro, Binom, Voluum, RedTrack, AdsGram, RichAds, any tracker","SendsRU":"запрос по вашему шаблону: Keitaro, Binom, Voluum, RedTrack, AdsGram, RichAds, любой трекер","Click":"the parameters the template names","ClickRU":"параметры из шаблона","Data":"your address with macros","Repeats":"counted by most trackers; so not repeated","Outcome":"by the HTTP status"},"Window":2592000000000000,"FromClick":false,"Dedup":false,"DedupFor":0,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta VALUES ('network:tiktok', '{"Name":"tiktok","Title":"TikTok Events API","TitleRU":"","Docs":"https://business-api.tiktok.com/portal/docs?id=1771100779668482","Evidence":"documented","ClickIDs":["ttclid"],"Cookies":[{"Name":"_ttp","Param":"","Lifetime":0}],"Fields":[{"Name":"pixel_code","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Pixel ID","Help":"TikTok Events Manager, your web data source: the pixel''s ID.","LabelRU":"Код пикселя","HelpRU":"TikTok Events Manager, ваш веб-источник данных: ID пикселя."},{"Name":"access_token","Required":true,"Secret":true,"Kind":"text","Values":null,"Label":"Access token","Help":"TikTok Events Manager, your web data source, Settings, Events API: Generate Access Token.","LabelRU":"Токен доступа","HelpRU":"TikTok Events Manager, ваш веб-источник, Settings, Events API: Generate Access Token."},{"Name":"test_event_code","Required":false,"Secret":false,"Kind":"text","Values":null,"Label":"Test event code","Help":"Code of the Test events tab; while it is set, all conversions are shown there as tests.","LabelRU":"Код тестовых событий","HelpRU":"Код с вкладки Test events; пока он задан, все конверсии показываются там как тестовые."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://business-api.tiktok.com","Least":0,"Form":"","Example":"","Help":"","Ends":null}],"Says":null,"Batch":1000,"About":{"Sends":"Events API","SendsRU":"","Click":"","ClickRU":"","Data":"events with `ttclid`, `ttp`, address, browser, a hashed id","Repeats":"harmless: dropped by event id for 48 h","Outcome":"at once"},"Window":601200000000000,"FromClick":false,"Dedup":true,"DedupFor":172800000000000,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta VALUES ('network:vk', '{"Name":"vk","Title":"VK Ads","TitleRU":"VK Реклама","Docs":"https://ads.vk.com/help/general/sites/offline_events","Evidence":"documented","ClickIDs":["rb_clickid"],"Cookies":null,"Fields":[{"Name":"pixel_id","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Pixel number","Help":"Number of the VK Ads pixel (a Top.Mail.ru counter): Sites, your pixel, Settings.","LabelRU":"Номер пикселя","HelpRU":"Номер пикселя VK Рекламы (счётчика Top.Mail.ru): «Сайты», ваш пиксель, «Настройки»."},{"Name":"resend_uncertain","Required":false,"Secret":false,"Kind":"boolean","Values":null,"Label":"Send again when the answer was lost","Help":"true: send again when the answer was lost, at the risk of counting twice; otherwise it is shown as uncertain.","LabelRU":"Отправлять ещё раз, если ответ потерян","HelpRU":"Конверсия может посчитаться дважды; иначе её статус будет «неизвестно»."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://top-fwz1.mail.ru","Least":0,"Form":"","Example":"","Help":"","Ends":null}],"Says":null,"Batch":1,"About":{"Sends":"top.mail.ru tracker","SendsRU":"трекер top.mail.ru","Click":"","ClickRU":"","Data":"a call of the pixel","Repeats":"counted; so not repeated","Outcome":"never"},"Window":86400000000000,"FromClick":false,"Dedup":false,"DedupFor":0,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta VALUES ('network:webhook', '{"Name":"webhook","Title":"Webhook (Standard Webhooks)","TitleRU":"Вебхук (Standard Webhooks)","Docs":"https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md","Evidence":"documented","ClickIDs":null,"Cookies":null,"Fields":[{"Name":"url","Required":true,"Secret":true,"Kind":"url","Values":null,"Label":"Address","Help":"Address of your service that takes POST requests.","LabelRU":"Адрес","HelpRU":"Адрес вашего сервиса, который принимает запросы POST."},{"Name":"secret","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Signing key","Help":"Key of the signature, whsec_ and base64; made for you when empty.","LabelRU":"Ключ подписи","HelpRU":"whsec_ и base64; оставьте пустым, и ключ будет создан."},{"Name":"previous_secret","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Previous signing key","Help":"The key before this one: while it stands here, calls carry both signatures.","LabelRU":"Прежний ключ подписи","HelpRU":"Ключ, который был до этого: пока он указан, запросы подписаны обоими."},{"Name":"receive","Required":false,"Secret":false,"Kind":"enum","Values":["matched","all"],"Label":"Whose conversions","Help":"matched: people who came by a click; all: everybody, organic people too.","LabelRU":"Чьи конверсии отправлять","HelpRU":"matched: тех, кто пришёл по клику; all: всех, в том числе пришедших сами."}],"Presets":null,"Options":null,"Says":null,"Batch":1,"About":{"Sends":"a call of your own program","SendsRU":"вызов вашей программы","Click":"any","ClickRU":"любой","Data":"a signed JSON document","Repeats":"harmless: the receiver drops by `webhook-id`","Outcome":"by the HTTP status"},"Window":2592000000000000,"FromClick":false,"Dedup":true,"DedupFor":0,"Resumes":false,"Async":false,"DefaultActivation":"","Hold":0,"MinAge":0,"Gather":0}');
INSERT INTO meta VALUES ('network:yandex', '{"Name":"yandex","Title":"Yandex Metrica","TitleRU":"Яндекс.Метрика","Docs":"https://yandex.com/dev/metrika/en/management/offline-conv","Evidence":"documented","ClickIDs":["yclid","ym_uid"],"Cookies":[{"Name":"_ym_uid","Param":"ym_uid","Lifetime":0}],"Fields":[{"Name":"counter_id","Required":true,"Secret":false,"Kind":"text","Values":null,"Label":"Counter number","Help":"Number of the Metrica counter.","LabelRU":"Номер счётчика","HelpRU":"Номер счётчика Метрики: он стоит рядом с названием в списке счётчиков."},{"Name":"oauth_token","Required":true,"Secret":true,"Kind":"text","Values":null,"Label":"OAuth token","Help":"OAuth token of a user who may write to the counter, scope metrika:write or metrika:offline_data.","LabelRU":"OAuth-токен","HelpRU":"Токен пользователя, который может изменять счётчик, с правом metrika:write или metrika:offline_data."},{"Name":"mode","Required":false,"Secret":false,"Kind":"enum","Values":["both","offline","chats"],"Label":"How starts are sent","Help":"both: a start whose click has no ClientID goes as a chat, all else as offline conversions; offline: all as offline conversions; chats: starts as chats.","LabelRU":"Как отправлять старты","HelpRU":"both: старт, у клика которого нет ClientID, отправляется как чат, всё прочее как офлайн-конверсии; offline: всё как офлайн-конверсии; chats: старты как чаты."},{"Name":"identify","Required":false,"Secret":false,"Kind":"enum","Values":["auto","client_id","yclid"],"Label":"Which id is sent","Help":"Of a click that has both ids. auto: ClientID in offline conversions and yclid in chats; client_id: ClientID; yclid: yclid, the visit of that click instead of the person''s last one.","LabelRU":"Какой идентификатор отправлять","HelpRU":"Если у клика есть оба. auto: ClientID в офлайн-конверсиях и yclid в чатах; client_id: ClientID; yclid: yclid, то есть визит этого клика, а не последний визит человека."},{"Name":"proxy","Required":false,"Secret":true,"Kind":"text","Values":null,"Label":"Proxy","Help":"HTTP or SOCKS5 proxy for this account, such as http://user:password@host:3128; empty: none.","LabelRU":"Прокси","HelpRU":"HTTP- или SOCKS5-прокси для этого аккаунта, например http://user:password@host:3128; пусто: без прокси."}],"Presets":null,"Options":[{"Name":"base_url","Kind":"address","Default":"https://api-metrika.yandex.net","Least":0,"Form":"","Example":"","Help":"","Ends":null},{"Name":"batch_interval","Kind":"duration","Default":"60s","Least":0,"Form":"","Example":"","Help":"How long the rows of a counter wait for company.","Ends":null},{"Name":"min_event_age","Kind":"duration","Default":"5s","Least":0,"Form":"","Example":"","Help":"How old an event must be before it is sent: Metrica refuses what its clock has not seen.","Ends":null},{"Name":"poll_after","Kind":"duration","Default":"15m","Least":1000000,"Form":"","Example":"","Help":"When to look at an upload for the first time.","Ends":null},{"Name":"yandex_collect.base_url","Kind":"address","Default":"https://mc.yandex.ru","Least":0,"Form":"","Example":"","Help":"Metrica: Measurement Protocol.","Ends":null}],"Says":null,"Batch":1000,"About":{"Sends":"offline conversions, chats","SendsRU":"офлайн-конверсии, чаты","Click":"`yclid` (chats), or Metrica''s ClientID in `ym_uid`","ClickRU":"`yclid` (чаты) или ClientID Метрики в `ym_uid`","Data":"rows of a CSV upload of offline conversions or chats","Repeats":"no: uploads are looked up by their comment","Outcome":"later, per upload"},"Window":1803600000000000,"FromClick":true,"Dedup":false,"DedupFor":0,"Resumes":true,"Async":true,"DefaultActivation":"userDidSubscribe","Hold":0,"MinAge":5000000000,"Gather":60000000000}');
INSERT INTO meta VALUES ('admin_token_hash', '73e93519c753459ee563e086109b658685f8b074664d59578a688692b0d9ea0d');
INSERT INTO meta VALUES ('projects_version', '4');
INSERT INTO notice_chats VALUES ('kept', 1, 'kept', 'kept', 'kept', '2100-01-01 00:00:00+00', 'kept');
INSERT INTO notice_codes VALUES ('\x6b657074', 'kept', 'kept', '2100-01-01 00:00:00+00', '2100-01-01 00:00:00+00', NULL);
INSERT INTO notice_settings VALUES ('01a22d5075837273bb3168ca7a0f0658', 'en', true, 9, false, true, 24, '\x02927db205cd2f5f4a84154ae45f144875177556c2662dc09b990b2c2226e89cc9b2e3574ee1b691474128a8d29843736513136aaaec1f924e459a6331448734cfaaf02b2533f0f818cc25b5099b094a0b47176a6fc526fdeaeba3f47a5b48222d260a0815a212470351d1e6fe2306807710d9f67db5ec5112d898e39326afb66642414f6faf4885', '2026-11-30 16:36:17.450415+00');
INSERT INTO notices VALUES ('01a22d5075ac7d98a6d0f6973b7cf7e7', '01a22d5075837273bb3168ca7a0f0658', 'test', 'test 01a22d5075ac7a54b27aefe7d4b54a4f', 0, '{"type":"test","timestamp":"2026-11-30T16:36:17.452171Z","data":{"project_id":"01a22d5075837273bb3168ca7a0f0658","project":"Upgrade bot","text":"Upgrade bot: a test. Messages arrive."}}', 'sent', '', 1, '2026-11-30 16:36:17.452231+00', '2026-11-30 16:46:17.452201+00', NULL, NULL, '2026-11-30 16:36:17.455986+00');
INSERT INTO one_time_links VALUES ('\x7b29f3fd4d0bd0298d0c645a442c44cf9188da997f745f84020ecb2523409a66', 'setup', '', '', '', 'admin token', '', '2026-11-30 16:36:17.406347+00', '2026-12-03 16:36:17.406347+00');
INSERT INTO people VALUES (5120, 1, 0, 12, 0, 5121, 1, '2026-11-30 16:36:17.485304+00', '2026-11-30 16:36:17.485205+00', NULL, '2026-11-30 16:36:17.485205+00', NULL, true, NULL, false, 'telegram', '\x01a22d5075cd78a19a173578bb5c786d0000', '\x01a22d5075cd78a19a173578bb5c786d0000', '', 'Ivan', '', '', '{"s":"friend"}');
INSERT INTO people VALUES (6144, 1, 1, 13, 0, 0, 1, '2026-11-30 16:36:17.487456+00', NULL, NULL, NULL, NULL, false, NULL, false, 'telegram', '\x01a22d5075cf78ecbfb49189b93078d10000', '\x', '', '', '', '', '');
INSERT INTO people VALUES (2048, 1, 0, 11, 0, 2049, 3, '2026-11-30 16:36:17.464047+00', '2026-11-30 16:36:17+00', NULL, '2026-11-30 16:36:17+00', NULL, true, NULL, false, 'telegram', '\x01a22d5075b77738aa5d7a23276bdb960000', '\x01a22d5075b77738aa5d7a23276bdb960000', 'vera', 'Вера', '', '', '{"s":"Autumn","u":{"source":"yandex","campaign":"may"},"a":true,"t":[{"t":1796056577000000,"v":"PJ886aac7b61137a8c894b","l":"01a22d50759979959153789407df7486","c":"01a22d5075b473febecfd1050d54b2ac","s":"Autumn","u":{"source":"yandex","campaign":"may"},"r":"click"}]}');
INSERT INTO people_words VALUES (0, 0, '', '', '', '', '');
INSERT INTO people_words VALUES (2048, 1, 'вера', '', 'vera', '+Autumn', '');
INSERT INTO people_words VALUES (5120, 1, 'ivan', '', '', '+friend', '');
INSERT INTO people_words VALUES (6144, 1, '', '', '', '-', '');
INSERT INTO processes VALUES ('kept', 'kept', 'kept', 'kept', 'kept', 1, '2100-01-01 00:00:00+00', '2100-01-01 00:00:00+00', 'kept', false);
INSERT INTO project_changes VALUES ('01a22d5075837273bb3168ca7a0f0658', 4, '2026-11-30 16:36:17.446709+00');
INSERT INTO project_users VALUES ('kept', 'kept', 'kept', '2100-01-01 00:00:00+00');
INSERT INTO projects OVERRIDING SYSTEM VALUE VALUES (1, '01a22d5075837273bb3168ca7a0f0658', 'Upgrade bot', 'bot', 'telegram', 0, 'upgrade_bot', 'telegram', 'production', 'Europe/Moscow', 'RUB', 'last', false, true, '', 0, 500, 5000, 0, '2026-11-30 16:36:17.411202+00', NULL, NULL, 'auto', 0);
INSERT INTO recovery_codes VALUES ('kept', '\x6b657074');
INSERT INTO replays VALUES ('01a22d507640752293fb1f12c31e88ce', 'requests', '01a22d5075837273bb3168ca7a0f0658', '', '{"project":"01a22d5075837273bb3168ca7a0f0658","code":599}', true, 0, 'done', '', '', '2026-11-30 16:36:17.600573+00', '2026-11-30 16:36:18.395693+00', '2026-11-30 16:36:18.397208+00', '2026-11-30 16:36:18.397208+00', false, '', NULL);
INSERT INTO robot_visits VALUES ('kept', 'kept', 1);
INSERT INTO rollup_days VALUES (1, '19dfe0898520ec60c042164022f794ed', '2026-11-30', 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO rollup_days VALUES (1, 'f7446eb7fcda352c127eeefc1119953f', '2026-11-30', 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO rollup_days VALUES (1, '', '2026-11-30', 1, 2, 2, 2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO rollup_durations VALUES (1, 'kept', 'kept', 1, 1, 1);
INSERT INTO rollup_hours VALUES (1, '2026-11-30', '19dfe0898520ec60c042164022f794ed', 19, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0);
INSERT INTO rollup_hours VALUES (1, '2026-11-30', 'f7446eb7fcda352c127eeefc1119953f', 19, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0);
INSERT INTO rollup_hours VALUES (1, '2026-11-30', '', 19, 1, 2, 2, 2, 1, 0, 1, 0, 0, 0, 0);
INSERT INTO rollup_marks OVERRIDING SYSTEM VALUE VALUES (2, 1, '2100-01-01 00:00:00+00');
INSERT INTO rollup_people VALUES (1, '2026-11-30', '19dfe0898520ec60c042164022f794ed', 'survey', '\x0100000000000000000000003a3000000100000000000000100000000008');
INSERT INTO rollup_people VALUES (1, '2026-11-30', '', 'survey', '\x0100000000000000000000003a3000000100000000000000100000000008');
INSERT INTO rollup_projects VALUES (1, '1|Europe/Moscow|RUB||713dfd0c', true);
INSERT INTO rollup_sources VALUES ('19dfe0898520ec60c042164022f794ed', 1, 1, '', '', '', '', '', '', 'yandex');
INSERT INTO rollup_sources VALUES ('f7446eb7fcda352c127eeefc1119953f', 1, 0, 'friend', '', '', '', '', '', '');
INSERT INTO rollup_steps VALUES (1, '2026-11-30', '19dfe0898520ec60c042164022f794ed', 'd87432cb8748e81f85c0f64f442768bd', 'survey', '', '', 1, 1, 0, 0, 0, 0, 0, 0);
INSERT INTO rollup_steps VALUES (1, '2026-11-30', '', 'd87432cb8748e81f85c0f64f442768bd', 'survey', '', '', 1, 1, 0, 0, 0, 0, 0, 0);
INSERT INTO schema_migrations VALUES (1, 'schema', '2026-11-30 16:36:17.098593+00');
INSERT INTO schema_migrations VALUES (2, 'places', '2026-11-30 16:36:17.118668+00');
INSERT INTO schema_migrations VALUES (3, 'click_rate', '2026-11-30 16:36:17.124311+00');
INSERT INTO schema_migrations VALUES (4, 'sign_in', '2026-11-30 16:36:17.129227+00');
INSERT INTO schema_migrations VALUES (5, 'trace', '2026-11-30 16:36:17.131561+00');
INSERT INTO schema_migrations VALUES (6, 'openid', '2026-11-30 16:36:17.136834+00');
INSERT INTO schema_migrations VALUES (7, 'bound_secrets', '2026-11-30 16:36:17.138225+00');
INSERT INTO schema_migrations VALUES (8, 'links', '2026-11-30 16:36:17.1514+00');
INSERT INTO sends VALUES (2052, 2, 0, 0, NULL, NULL, '2100-01-01 00:00:00+00', NULL, false, false, false, 'parked', 'account_paused', '', '', '', '');
INSERT INTO sends VALUES (3074, 2, 0, 0, NULL, NULL, '2100-01-01 00:00:00+00', NULL, false, false, false, 'parked', 'account_paused', '', '', '', '');
INSERT INTO sessions VALUES ('\x6b657074', 'kept', 'kept', '2100-01-01 00:00:00+00', '2100-01-01 00:00:00+00', '2100-01-01 00:00:00+00', 'kept');
INSERT INTO start_rules VALUES ('kept', 1, 'kept', 'kept');
INSERT INTO unknown_starts VALUES ('\x6b657074', 1, 1, 1, 'kept', '2100-01-01 00:00:00+00', false);
INSERT INTO user_identities VALUES ('kept', 'kept', NULL, 'kept', '2100-01-01 00:00:00+00');
INSERT INTO user_tokens VALUES ('kept', 'kept', 'kept', '\x6b657074', 'kept', '2100-01-01 00:00:00+00', NULL, NULL);
INSERT INTO users VALUES ('kept', 'kept', 'kept', 'kept', false, 'kept', '2100-01-01 00:00:00+00', NULL, 1, NULL);
INSERT INTO utm_tags OVERRIDING SYSTEM VALUE VALUES (1, '01a22d5075837273bb3168ca7a0f0658', 'ee4d988c65de860fabbfbcd27f73d50b', 'may');
INSERT INTO utm_tags OVERRIDING SYSTEM VALUE VALUES (2, '01a22d5075837273bb3168ca7a0f0658', '5ec9c2c2913538bbedadd97c25943dc5', 'yandex');
INSERT INTO utm_templates VALUES ('kept', 'kept', 'kept', 'kept', '2100-01-01 00:00:00+00');
INSERT INTO waiting_goals VALUES ('\x01a22d5075cf78ecbfb49189b93078d10000', 1, 6144, 'waits', NULL, NULL, '', '2026-11-30 16:36:17.487361+00', '2100-01-01 00:00:00+00', false);
SELECT pg_catalog.setval('ad_accounts_no_seq', 2, true);
SELECT pg_catalog.setval('links_no_seq', 1, true);
SELECT pg_catalog.setval('login_attempts_id_seq', 1, true);
SELECT pg_catalog.setval('projects_no_seq', 1, true);
SELECT pg_catalog.setval('rollup_marks_no_seq', 2, true);
SELECT pg_catalog.setval('row_blocks', 9, true);
SELECT pg_catalog.setval('utm_tags_id_seq', 2, true);
ALTER TABLE ONLY ad_accounts
    ADD CONSTRAINT ad_accounts_id_key UNIQUE (id);
ALTER TABLE ONLY ad_accounts
    ADD CONSTRAINT ad_accounts_pkey PRIMARY KEY (no);
ALTER TABLE ONLY alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY api_keys
    ADD CONSTRAINT api_keys_hash_key UNIQUE (hash);
ALTER TABLE ONLY api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (conversion_no, n, look);
ALTER TABLE ONLY audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY batch_readers
    ADD CONSTRAINT batch_readers_pkey PRIMARY KEY (reader, batch_no);
ALTER TABLE ONLY batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (no);
ALTER TABLE ONLY calls
    ADD CONSTRAINT calls_pkey PRIMARY KEY (no);
ALTER TABLE ONLY clicks
    ADD CONSTRAINT clicks_id_key UNIQUE (id);
ALTER TABLE ONLY clicks
    ADD CONSTRAINT clicks_pkey PRIMARY KEY (no);
ALTER TABLE ONLY clicks
    ADD CONSTRAINT clicks_project_no_start_value_key UNIQUE (project_no, start_value);
ALTER TABLE ONLY conversion_totals
    ADD CONSTRAINT conversion_totals_pkey PRIMARY KEY (project_no, network);
ALTER TABLE ONLY conversions
    ADD CONSTRAINT conversions_id_key UNIQUE (id);
ALTER TABLE ONLY conversions
    ADD CONSTRAINT conversions_pkey PRIMARY KEY (no);
ALTER TABLE ONLY counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (project_no);
ALTER TABLE ONLY crowded_visits
    ADD CONSTRAINT crowded_visits_pkey PRIMARY KEY (project_id, link_id, day);
ALTER TABLE ONLY episodes
    ADD CONSTRAINT episodes_pkey PRIMARY KEY (no);
ALTER TABLE ONLY erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (person_no);
ALTER TABLE ONLY event_keys
    ADD CONSTRAINT event_keys_pkey PRIMARY KEY (project_no, messenger, key);
ALTER TABLE ONLY idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (project_no, method, key);
ALTER TABLE ONLY leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (name);
ALTER TABLE ONLY link_addresses
    ADD CONSTRAINT link_addresses_pkey PRIMARY KEY (address);
ALTER TABLE ONLY link_costs
    ADD CONSTRAINT link_costs_pkey PRIMARY KEY (project_id, link_id, day);
ALTER TABLE ONLY link_names
    ADD CONSTRAINT link_names_pkey PRIMARY KEY (project_id, link_id, name);
ALTER TABLE ONLY link_placeholders
    ADD CONSTRAINT link_placeholders_pkey PRIMARY KEY (project_id, link_id, param);
ALTER TABLE ONLY links
    ADD CONSTRAINT links_id_key UNIQUE (id);
ALTER TABLE ONLY links
    ADD CONSTRAINT links_pkey PRIMARY KEY (no);
ALTER TABLE ONLY links
    ADD CONSTRAINT links_project_id_start_value_key UNIQUE (project_id, start_value);
ALTER TABLE ONLY login_attempts
    ADD CONSTRAINT login_attempts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (person_no, place);
ALTER TABLE ONLY meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);
ALTER TABLE ONLY notice_chats
    ADD CONSTRAINT notice_chats_pkey PRIMARY KEY (project_id, chat_id);
ALTER TABLE ONLY notice_codes
    ADD CONSTRAINT notice_codes_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY notice_settings
    ADD CONSTRAINT notice_settings_pkey PRIMARY KEY (project_id);
ALTER TABLE ONLY notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (id);
ALTER TABLE ONLY notices
    ADD CONSTRAINT notices_project_id_notice_key_chat_id_key UNIQUE (project_id, notice_key, chat_id);
ALTER TABLE ONLY one_time_links
    ADD CONSTRAINT one_time_links_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY people
    ADD CONSTRAINT people_pkey PRIMARY KEY (no);
ALTER TABLE ONLY people_words
    ADD CONSTRAINT people_words_pkey PRIMARY KEY (person_no);
ALTER TABLE ONLY processes
    ADD CONSTRAINT processes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY project_changes
    ADD CONSTRAINT project_changes_pkey PRIMARY KEY (project_id);
ALTER TABLE ONLY project_users
    ADD CONSTRAINT project_users_pkey PRIMARY KEY (project_id, user_id);
ALTER TABLE ONLY projects
    ADD CONSTRAINT projects_id_key UNIQUE (id);
ALTER TABLE ONLY projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (no);
ALTER TABLE ONLY recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, hash);
ALTER TABLE ONLY replays
    ADD CONSTRAINT replays_pkey PRIMARY KEY (id);
ALTER TABLE ONLY robot_visits
    ADD CONSTRAINT robot_visits_pkey PRIMARY KEY (project_id, day);
ALTER TABLE ONLY rollup_days
    ADD CONSTRAINT rollup_days_pkey PRIMARY KEY (project_no, source_id, day);
ALTER TABLE ONLY rollup_durations
    ADD CONSTRAINT rollup_durations_pkey PRIMARY KEY (project_no, day, source_id, weeks);
ALTER TABLE ONLY rollup_hours
    ADD CONSTRAINT rollup_hours_pkey PRIMARY KEY (project_no, day, source_id, hour);
ALTER TABLE ONLY rollup_marks
    ADD CONSTRAINT rollup_marks_pkey PRIMARY KEY (no);
ALTER TABLE ONLY rollup_people
    ADD CONSTRAINT rollup_people_pkey PRIMARY KEY (project_no, source_id, day, step);
ALTER TABLE ONLY rollup_projects
    ADD CONSTRAINT rollup_projects_pkey PRIMARY KEY (project_no);
ALTER TABLE ONLY rollup_sources
    ADD CONSTRAINT rollup_sources_pkey PRIMARY KEY (id);
ALTER TABLE ONLY rollup_steps
    ADD CONSTRAINT rollup_steps_pkey PRIMARY KEY (project_no, source_id, day, key_id);
ALTER TABLE ONLY schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY sends
    ADD CONSTRAINT sends_pkey PRIMARY KEY (conversion_no);
ALTER TABLE ONLY sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY start_rules
    ADD CONSTRAINT start_rules_pkey PRIMARY KEY (project_id, "position");
ALTER TABLE ONLY unknown_starts
    ADD CONSTRAINT unknown_starts_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY user_identities
    ADD CONSTRAINT user_identities_pkey PRIMARY KEY (issuer, user_id);
ALTER TABLE ONLY user_tokens
    ADD CONSTRAINT user_tokens_hash_key UNIQUE (hash);
ALTER TABLE ONLY user_tokens
    ADD CONSTRAINT user_tokens_pkey PRIMARY KEY (id);
ALTER TABLE ONLY users
    ADD CONSTRAINT users_email_key UNIQUE (email);
ALTER TABLE ONLY users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);
ALTER TABLE ONLY utm_tags
    ADD CONSTRAINT utm_tags_pkey PRIMARY KEY (id);
ALTER TABLE ONLY utm_tags
    ADD CONSTRAINT utm_tags_project_id_name_key_key UNIQUE (project_id, name_key);
ALTER TABLE ONLY utm_templates
    ADD CONSTRAINT utm_templates_pkey PRIMARY KEY (id);
ALTER TABLE ONLY utm_templates
    ADD CONSTRAINT utm_templates_project_id_name_key UNIQUE (project_id, name);
ALTER TABLE ONLY waiting_goals
    ADD CONSTRAINT waiting_goals_pkey PRIMARY KEY (event_id);
CREATE INDEX ad_accounts_project ON ad_accounts USING btree (project_id, id);
CREATE INDEX alerts_age ON alerts USING btree (closed_at) WHERE (closed_at IS NOT NULL);
CREATE UNIQUE INDEX alerts_open ON alerts USING btree (project_id, kind, subject) WHERE (closed_at IS NULL);
CREATE INDEX alerts_project ON alerts USING btree (project_id, id);
CREATE INDEX api_keys_project ON api_keys USING btree (project_id);
CREATE INDEX attempts_age ON attempts USING btree (at);
CREATE INDEX audit_log_addresses ON audit_log USING btree (at) WHERE (address <> ''::text);
CREATE INDEX audit_log_project ON audit_log USING btree (project_id, id);
CREATE INDEX calls_age ON calls USING btree (at);
CREATE INDEX clicks_claimed ON clicks USING btree (claimed_by) WHERE (claimed_by IS NOT NULL);
CREATE INDEX clicks_counted ON clicks USING btree (link_no, at) WHERE (robot = false);
CREATE INDEX clicks_free ON clicks USING btree (project_no, at DESC, no DESC) WHERE ((claimed_by IS NULL) AND (robot = false));
CREATE INDEX clicks_free_of_link ON clicks USING btree (link_no, at DESC, no DESC) WHERE ((claimed_by IS NULL) AND (robot = false));
CREATE INDEX clicks_reported ON clicks USING btree (project_no, at) WHERE (robot = false);
CREATE INDEX conversions_account ON conversions USING btree (account_no, status, no);
CREATE INDEX conversions_goals ON conversions USING btree (project_no, occurred_at) WHERE (kind = 'goal'::text);
CREATE INDEX conversions_person ON conversions USING btree (person_no) WHERE (person_no <> 0);
CREATE INDEX conversions_project ON conversions USING btree (project_no, status, no);
CREATE INDEX conversions_reached ON conversions USING btree (episode_no, target) WHERE ((kind = 'goal'::text) AND once);
CREATE INDEX episodes_link ON episodes USING btree (link_no) WHERE (link_no <> 0);
CREATE INDEX episodes_person ON episodes USING btree (person_no);
CREATE INDEX erasures_person ON erasures USING btree (person_hash);
CREATE INDEX event_keys_age ON event_keys USING brin (at);
CREATE INDEX event_keys_same ON event_keys USING btree (at) WHERE same;
CREATE INDEX events_id ON ONLY events USING btree (id);
CREATE INDEX events_2026_10_id_idx ON events_2026_10 USING btree (id);
CREATE INDEX events_person ON ONLY events USING btree (person_no, seq);
CREATE INDEX events_2026_10_person_no_seq_idx ON events_2026_10 USING btree (person_no, seq);
CREATE INDEX events_project ON ONLY events USING btree (project_no, occurred_at);
CREATE INDEX events_2026_10_project_no_occurred_at_idx ON events_2026_10 USING btree (project_no, occurred_at);
CREATE INDEX events_elsewhere ON ONLY events USING btree (project_no, occurred_at) WHERE (change = ANY (ARRAY['joined_elsewhere'::text, 'left_elsewhere'::text]));
CREATE INDEX events_2026_10_project_no_occurred_at_idx1 ON events_2026_10 USING btree (project_no, occurred_at) WHERE (change = ANY (ARRAY['joined_elsewhere'::text, 'left_elsewhere'::text]));
CREATE INDEX events_2026_11_id_idx ON events_2026_11 USING btree (id);
CREATE INDEX events_2026_11_person_no_seq_idx ON events_2026_11 USING btree (person_no, seq);
CREATE INDEX events_2026_11_project_no_occurred_at_idx ON events_2026_11 USING btree (project_no, occurred_at);
CREATE INDEX events_2026_11_project_no_occurred_at_idx1 ON events_2026_11 USING btree (project_no, occurred_at) WHERE (change = ANY (ARRAY['joined_elsewhere'::text, 'left_elsewhere'::text]));
CREATE INDEX events_2026_12_id_idx ON events_2026_12 USING btree (id);
CREATE INDEX events_2026_12_person_no_seq_idx ON events_2026_12 USING btree (person_no, seq);
CREATE INDEX events_2026_12_project_no_occurred_at_idx ON events_2026_12 USING btree (project_no, occurred_at);
CREATE INDEX events_2026_12_project_no_occurred_at_idx1 ON events_2026_12 USING btree (project_no, occurred_at) WHERE (change = ANY (ARRAY['joined_elsewhere'::text, 'left_elsewhere'::text]));
CREATE INDEX events_2027_01_id_idx ON events_2027_01 USING btree (id);
CREATE INDEX events_2027_01_person_no_seq_idx ON events_2027_01 USING btree (person_no, seq);
CREATE INDEX events_2027_01_project_no_occurred_at_idx ON events_2027_01 USING btree (project_no, occurred_at);
CREATE INDEX events_2027_01_project_no_occurred_at_idx1 ON events_2027_01 USING btree (project_no, occurred_at) WHERE (change = ANY (ARRAY['joined_elsewhere'::text, 'left_elsewhere'::text]));
CREATE INDEX events_2027_02_id_idx ON events_2027_02 USING btree (id);
CREATE INDEX events_2027_02_person_no_seq_idx ON events_2027_02 USING btree (person_no, seq);
CREATE INDEX events_2027_02_project_no_occurred_at_idx ON events_2027_02 USING btree (project_no, occurred_at);
CREATE INDEX events_2027_02_project_no_occurred_at_idx1 ON events_2027_02 USING btree (project_no, occurred_at) WHERE (change = ANY (ARRAY['joined_elsewhere'::text, 'left_elsewhere'::text]));
CREATE INDEX idempotency_keys_age ON idempotency_keys USING btree (created_at);
CREATE INDEX link_addresses_link ON link_addresses USING btree (project_id, link_id);
CREATE INDEX links_invite ON links USING btree (project_id, invite_key) WHERE (invite_key <> ''::text);
CREATE INDEX links_name ON links USING btree (project_id, name);
CREATE INDEX links_project ON links USING btree (project_id, id);
CREATE INDEX login_attempts_age ON login_attempts USING btree (at);
CREATE INDEX login_attempts_key ON login_attempts USING btree (key, at);
CREATE INDEX memberships_place ON memberships USING btree (project_no, place);
CREATE INDEX notice_chats_chat ON notice_chats USING btree (chat_id);
CREATE INDEX notice_codes_age ON notice_codes USING btree (expires_at);
CREATE INDEX notices_age ON notices USING btree (created_at);
CREATE INDEX notices_due ON notices USING btree (next_attempt_at) WHERE (state = 'waiting'::text);
CREATE INDEX notices_project ON notices USING btree (project_id, id);
CREATE INDEX notices_sending ON notices USING btree (claimed_until) WHERE (state = 'sending'::text);
CREATE INDEX one_time_links_age ON one_time_links USING btree (expires_at);
CREATE UNIQUE INDEX people_person ON people USING btree (project_no, user_id, messenger) WHERE (user_id <> 0);
CREATE INDEX people_project ON people USING btree (project_no, no) WHERE (user_id <> 0);
CREATE INDEX people_words_left ON people_words USING btree (project_no, left_on, person_no) WHERE (left_on <> ''::text);
CREATE INDEX people_words_name ON people_words USING btree (project_no, name, person_no);
CREATE INDEX people_words_source ON people_words USING btree (project_no, source, person_no);
CREATE INDEX people_words_surname ON people_words USING btree (project_no, surname, person_no) WHERE (surname <> ''::text);
CREATE INDEX people_words_username ON people_words USING btree (project_no, username, person_no) WHERE (username <> ''::text);
CREATE INDEX project_changes_version ON project_changes USING btree (version);
CREATE INDEX project_users_user ON project_users USING btree (user_id);
CREATE INDEX replays_account ON replays USING btree (account_id, id) WHERE (account_id <> ''::text);
CREATE INDEX replays_open ON replays USING btree (created_at) WHERE (state = ANY (ARRAY['waiting'::text, 'interrupted'::text, 'running'::text]));
CREATE INDEX replays_project ON replays USING btree (project_id, id);
CREATE INDEX rollup_days_day ON rollup_days USING btree (project_no, day);
CREATE INDEX rollup_marks_project ON rollup_marks USING btree (project_no, no);
CREATE INDEX rollup_people_day ON rollup_people USING btree (project_no, day);
CREATE INDEX rollup_sources_project ON rollup_sources USING btree (project_no);
CREATE INDEX rollup_steps_day ON rollup_steps USING btree (project_no, day);
CREATE INDEX sends_account ON sends USING btree (account_no);
CREATE INDEX sends_backlog ON sends USING btree (account_no, due_at) WHERE backlog;
CREATE INDEX sends_due ON sends USING btree (due_at) WHERE ((due_at IS NOT NULL) AND (NOT backlog));
CREATE INDEX sends_expiry ON sends USING btree (expires_at);
CREATE INDEX sessions_age ON sessions USING btree (expires_at);
CREATE INDEX sessions_user ON sessions USING btree (user_id);
CREATE INDEX unknown_starts_age ON unknown_starts USING btree (received_at);
CREATE INDEX unknown_starts_person ON unknown_starts USING btree (person_no);
CREATE INDEX unknown_starts_value ON unknown_starts USING btree (start_value);
CREATE UNIQUE INDEX user_identities_subject ON user_identities USING btree (issuer, subject);
CREATE INDEX user_tokens_user ON user_tokens USING btree (user_id);
CREATE INDEX waiting_goals_person ON waiting_goals USING btree (person_no);
CREATE INDEX waiting_goals_until ON waiting_goals USING btree (until);
ALTER INDEX events_id ATTACH PARTITION events_2026_10_id_idx;
ALTER INDEX events_person ATTACH PARTITION events_2026_10_person_no_seq_idx;
ALTER INDEX events_project ATTACH PARTITION events_2026_10_project_no_occurred_at_idx;
ALTER INDEX events_elsewhere ATTACH PARTITION events_2026_10_project_no_occurred_at_idx1;
ALTER INDEX events_id ATTACH PARTITION events_2026_11_id_idx;
ALTER INDEX events_person ATTACH PARTITION events_2026_11_person_no_seq_idx;
ALTER INDEX events_project ATTACH PARTITION events_2026_11_project_no_occurred_at_idx;
ALTER INDEX events_elsewhere ATTACH PARTITION events_2026_11_project_no_occurred_at_idx1;
ALTER INDEX events_id ATTACH PARTITION events_2026_12_id_idx;
ALTER INDEX events_person ATTACH PARTITION events_2026_12_person_no_seq_idx;
ALTER INDEX events_project ATTACH PARTITION events_2026_12_project_no_occurred_at_idx;
ALTER INDEX events_elsewhere ATTACH PARTITION events_2026_12_project_no_occurred_at_idx1;
ALTER INDEX events_id ATTACH PARTITION events_2027_01_id_idx;
ALTER INDEX events_person ATTACH PARTITION events_2027_01_person_no_seq_idx;
ALTER INDEX events_project ATTACH PARTITION events_2027_01_project_no_occurred_at_idx;
ALTER INDEX events_elsewhere ATTACH PARTITION events_2027_01_project_no_occurred_at_idx1;
ALTER INDEX events_id ATTACH PARTITION events_2027_02_id_idx;
ALTER INDEX events_person ATTACH PARTITION events_2027_02_person_no_seq_idx;
ALTER INDEX events_project ATTACH PARTITION events_2027_02_project_no_occurred_at_idx;
ALTER INDEX events_elsewhere ATTACH PARTITION events_2027_02_project_no_occurred_at_idx1;
