CREATE TABLE ad_accounts (
    id text NOT NULL,
    project_id text NOT NULL,
    network text NOT NULL,
    name text NOT NULL,
    settings bytea,
    activation_goal text NOT NULL,
    goals text NOT NULL,
    currency text NOT NULL,
    paused boolean NOT NULL,
    health text NOT NULL,
    health_reason text NOT NULL,
    warnings text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL
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
    id bigint NOT NULL,
    conversion_id text NOT NULL,
    project_id text NOT NULL,
    at timestamp with time zone NOT NULL,
    verdict text NOT NULL,
    reason text NOT NULL,
    evidence bytea
);
ALTER TABLE attempts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME attempts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE clicks (
    id text NOT NULL,
    project_id text NOT NULL,
    link_id text NOT NULL,
    start_value text NOT NULL,
    at timestamp with time zone NOT NULL,
    url text NOT NULL,
    raw_query text NOT NULL,
    params text NOT NULL,
    ip text NOT NULL,
    user_agent text NOT NULL,
    referrer text NOT NULL,
    fbp text NOT NULL,
    fbc text NOT NULL,
    robot boolean NOT NULL,
    claimed_by text,
    claimed_guess boolean DEFAULT false NOT NULL,
    claimed_at timestamp with time zone
);
CREATE TABLE conversion_totals (
    project_id text NOT NULL,
    network text NOT NULL,
    created bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE conversions (
    id text NOT NULL,
    project_id text NOT NULL,
    account_id text NOT NULL,
    network text NOT NULL,
    kind text NOT NULL,
    target text NOT NULL,
    name text NOT NULL,
    value bigint,
    currency text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    event_id text NOT NULL,
    subscriber_id text NOT NULL,
    messenger text NOT NULL,
    user_id bigint NOT NULL,
    source text NOT NULL,
    click_id text NOT NULL,
    episode_id text NOT NULL,
    status text NOT NULL,
    status_reason text NOT NULL,
    attempts bigint NOT NULL,
    not_before timestamp with time zone,
    expires_at timestamp with time zone,
    next_attempt_at timestamp with time zone,
    delivered_at timestamp with time zone,
    batch_id text NOT NULL,
    handle text NOT NULL,
    count_key text NOT NULL,
    attempt_open boolean DEFAULT false NOT NULL,
    lease_owner text DEFAULT ''::text NOT NULL,
    lease_until timestamp with time zone,
    scheduled_at timestamp with time zone,
    schedules bigint DEFAULT 0 NOT NULL,
    settlements bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='80');
CREATE TABLE counters (
    project_id text NOT NULL,
    second_at timestamp with time zone,
    hour_at timestamp with time zone,
    day_at timestamp with time zone,
    in_second bigint DEFAULT 0 NOT NULL,
    in_hour bigint DEFAULT 0 NOT NULL,
    in_day bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE episodes (
    id text NOT NULL,
    project_id text NOT NULL,
    subscriber_id text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    link_id text NOT NULL,
    click_id text NOT NULL,
    touch text NOT NULL
);
CREATE TABLE event_keys (
    project_id text NOT NULL,
    key text NOT NULL,
    event_id text NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE events (
    id text NOT NULL,
    project_id text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    request_id text NOT NULL,
    subscriber_id text NOT NULL,
    episode_id text NOT NULL,
    type text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    change text NOT NULL,
    link_id text NOT NULL,
    click_id text NOT NULL,
    touch text NOT NULL,
    chat_id bigint NOT NULL,
    invite_link text NOT NULL,
    name text NOT NULL,
    target text NOT NULL,
    result text NOT NULL,
    amount bigint,
    raw_amount bigint,
    currency text NOT NULL,
    labels text NOT NULL,
    goal_state text NOT NULL
)
PARTITION BY RANGE (recorded_at);
CREATE TABLE events_2026_10 (
    id text NOT NULL,
    project_id text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    request_id text NOT NULL,
    subscriber_id text NOT NULL,
    episode_id text NOT NULL,
    type text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    change text NOT NULL,
    link_id text NOT NULL,
    click_id text NOT NULL,
    touch text NOT NULL,
    chat_id bigint NOT NULL,
    invite_link text NOT NULL,
    name text NOT NULL,
    target text NOT NULL,
    result text NOT NULL,
    amount bigint,
    raw_amount bigint,
    currency text NOT NULL,
    labels text NOT NULL,
    goal_state text NOT NULL
);
CREATE TABLE events_2026_11 (
    id text NOT NULL,
    project_id text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    request_id text NOT NULL,
    subscriber_id text NOT NULL,
    episode_id text NOT NULL,
    type text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    change text NOT NULL,
    link_id text NOT NULL,
    click_id text NOT NULL,
    touch text NOT NULL,
    chat_id bigint NOT NULL,
    invite_link text NOT NULL,
    name text NOT NULL,
    target text NOT NULL,
    result text NOT NULL,
    amount bigint,
    raw_amount bigint,
    currency text NOT NULL,
    labels text NOT NULL,
    goal_state text NOT NULL
);
CREATE TABLE events_2026_12 (
    id text NOT NULL,
    project_id text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    request_id text NOT NULL,
    subscriber_id text NOT NULL,
    episode_id text NOT NULL,
    type text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    change text NOT NULL,
    link_id text NOT NULL,
    click_id text NOT NULL,
    touch text NOT NULL,
    chat_id bigint NOT NULL,
    invite_link text NOT NULL,
    name text NOT NULL,
    target text NOT NULL,
    result text NOT NULL,
    amount bigint,
    raw_amount bigint,
    currency text NOT NULL,
    labels text NOT NULL,
    goal_state text NOT NULL
);
CREATE TABLE events_2027_01 (
    id text NOT NULL,
    project_id text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    request_id text NOT NULL,
    subscriber_id text NOT NULL,
    episode_id text NOT NULL,
    type text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    change text NOT NULL,
    link_id text NOT NULL,
    click_id text NOT NULL,
    touch text NOT NULL,
    chat_id bigint NOT NULL,
    invite_link text NOT NULL,
    name text NOT NULL,
    target text NOT NULL,
    result text NOT NULL,
    amount bigint,
    raw_amount bigint,
    currency text NOT NULL,
    labels text NOT NULL,
    goal_state text NOT NULL
);
CREATE TABLE events_2027_02 (
    id text NOT NULL,
    project_id text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    request_id text NOT NULL,
    subscriber_id text NOT NULL,
    episode_id text NOT NULL,
    type text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    change text NOT NULL,
    link_id text NOT NULL,
    click_id text NOT NULL,
    touch text NOT NULL,
    chat_id bigint NOT NULL,
    invite_link text NOT NULL,
    name text NOT NULL,
    target text NOT NULL,
    result text NOT NULL,
    amount bigint,
    raw_amount bigint,
    currency text NOT NULL,
    labels text NOT NULL,
    goal_state text NOT NULL
);
CREATE TABLE idempotency_keys (
    project_id text NOT NULL,
    method text NOT NULL,
    key text NOT NULL,
    body_hash bytea NOT NULL,
    answer bytea,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE links (
    id text NOT NULL,
    project_id text NOT NULL,
    name text NOT NULL,
    invite_link text NOT NULL,
    invite_key text NOT NULL,
    utm text NOT NULL,
    start_value text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE meta (
    key text NOT NULL,
    value text NOT NULL
);
CREATE TABLE outbox (
    id bigint NOT NULL,
    event_id text NOT NULL,
    project_id text NOT NULL,
    type text NOT NULL,
    payload bytea NOT NULL
);
ALTER TABLE outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE projects (
    id text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
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
    created_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone
);
CREATE TABLE schema_migrations (
    version integer NOT NULL,
    name text NOT NULL,
    applied_at timestamp with time zone NOT NULL
);
CREATE TABLE subscribers (
    id text NOT NULL,
    project_id text NOT NULL,
    messenger text NOT NULL,
    user_id bigint NOT NULL,
    username text DEFAULT ''::text NOT NULL,
    first_name text DEFAULT ''::text NOT NULL,
    last_name text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    is_premium boolean,
    first_seen timestamp with time zone NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    subscribed boolean DEFAULT false NOT NULL,
    episode_id text DEFAULT ''::text NOT NULL,
    episode_at timestamp with time zone,
    stopped_at timestamp with time zone,
    first_join timestamp with time zone,
    last_start timestamp with time zone,
    first_source text DEFAULT ''::text NOT NULL,
    first_utm text DEFAULT ''::text NOT NULL,
    first_attributed boolean DEFAULT false NOT NULL,
    touches text DEFAULT ''::text NOT NULL,
    waiting_goals bigint DEFAULT 0 NOT NULL,
    search text DEFAULT ''::text NOT NULL
)
WITH (fillfactor='70');
CREATE TABLE waiting_goals (
    event_id text NOT NULL,
    project_id text NOT NULL,
    subscriber_id text NOT NULL,
    target text NOT NULL,
    amount bigint,
    raw_amount bigint,
    currency text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL
);
ALTER TABLE ONLY events ATTACH PARTITION events_2026_10 FOR VALUES FROM ('2026-10-01 00:00:00+00') TO ('2026-11-01 00:00:00+00');
ALTER TABLE ONLY events ATTACH PARTITION events_2026_11 FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00');
ALTER TABLE ONLY events ATTACH PARTITION events_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');
ALTER TABLE ONLY events ATTACH PARTITION events_2027_01 FOR VALUES FROM ('2027-01-01 00:00:00+00') TO ('2027-02-01 00:00:00+00');
ALTER TABLE ONLY events ATTACH PARTITION events_2027_02 FOR VALUES FROM ('2027-02-01 00:00:00+00') TO ('2027-03-01 00:00:00+00');
INSERT INTO ad_accounts VALUES ('01a2071d0a827abaae58ba1912098f49', '01a2071d0a6d77abba17073b21a71904', 'facebook', 'Meta', '\x011e65fecec0237ce371852b554ef12fa74cbcabd1c64c020af5030924a8aef5a864f32af064fbdbd67521be7d7a409b027a29cec9eec56905165d7a62ca3efb13c80474883307f92c21d0f218e4', 'Lead', '', '', false, 'healthy', '', '', '2026-11-23 06:34:33.474558+00', '2026-11-23 06:34:33.474629+00');
INSERT INTO ad_accounts VALUES ('01a2071d0a83702bb67fc0fbe5cb1622', '01a2071d0a6d77abba17073b21a71904', 'webhook', 'Own', '\x0195c0e756fe48a2f47205bcb2a64c71ebbc3beecada6b50b0a74c1821e92a793b0eeb5b8ee8623ca2068117466b3da484b4084fc855686a17f29eabb718cff830ded9acb6072338d856dcd88643a81928bdd296682de832df4f567819941dbea8a3963cc6546722f9f31c582475bbc418fa70db56b33957eca1e28daf', 'start', '', '', true, 'healthy', '', '', '2026-11-23 06:34:33.475796+00', '2026-11-23 06:34:33.478197+00');
INSERT INTO api_keys VALUES ('01a2071d0a6d7d78be390b22c10117c9', '01a2071d0a6d77abba17073b21a71904', 'api', '\xbecfce7b7d76a57663fa057cda380aa5bbde71d1ec98e076f6c3f4a9cff9d133', '\x01790de8c8eb4b2195c05d2205a1ba3f0dcb0baba886da1df0c55231cff620c38cbaaf5837dcf035da938f9fa8ca53c0015dc235354f09460934d9', NULL, NULL, '2026-11-23 06:34:33.453072+00');
INSERT INTO api_keys VALUES ('01a2071d0a6d7b2c919c9adcd63c8ed8', '01a2071d0a6d77abba17073b21a71904', 'report', '\x0b47cf9fa27566f307b441b952bae32a31416cf3710931788c9d7d8ea2d7852d', '\x010e32042e966f40ab2b4ab5e85c5f0e9b0d9c9be9ddd5809cf19e41a056417bc0d26a32d72e63fa9f94fc8727d28ecc15cb9ee54aa85637fc455c', NULL, NULL, '2026-11-23 06:34:33.453074+00');
INSERT INTO attempts OVERRIDING SYSTEM VALUE VALUES (1, '01a2071d0a8f754cae471cada21a0c82', '01a2071d0a6d77abba17073b21a71904', '2026-11-23 06:34:33.504026+00', 'delivered', '', '\x7b226d6574686f64223a22504f5354222c2275726c223a22687474703a2f2f2a2a2a3a34343639352f66616365626f6f6b2f7632362e302f313030312f6576656e7473222c2272657175657374223a227b5c22646174615c223a5b7b5c226576656e745f6e616d655c223a5c224c6561645c222c5c226576656e745f74696d655c223a313739353431353637332c5c226576656e745f69645c223a5c2230316132303731643061386637353463616534373163616461323161306338325c222c5c22616374696f6e5f736f757263655c223a5c22636861745c222c5c226576656e745f736f757263655f75726c5c223a5c22687474703a2f2f2a2a2a3a34363039332f632f30316132303731643061383137393861616462346330653831656335613565313f6662636c69643d4b6570745c222c5c22757365725f646174615c223a7b5c2265787465726e616c5f69645c223a5b5c22626531353132663738636635663638616438626630303739386331653534373137656366376336626632323861643966303733323538303236663035643633345c225d2c5c226662635c223a5c2266622e312e313739353431353637333438302e4b6570745c222c5c226662705c223a5c2266622e312e313739353431353637333438302e323031313436323539305c222c5c22636c69656e745f757365725f6167656e745c223a5c224d6f7a696c6c612f352e3020284c696e75783b20416e64726f696420313429204368726f6d652f3134312e30204d6f62696c65205361666172692f3533372e33365c227d7d5d2c5c226163636573735f746f6b656e5c223a5c222a2a2a5c227d222c227374617475735f636f6465223a3230302c22726573706f6e7365223a227b5c226576656e74735f72656365697665645c223a312c5c22666274726163655f69645c223a5c224173696d756c6174656454726163655c222c5c226d657373616765735c223a5b5d7d227d');
INSERT INTO attempts OVERRIDING SYSTEM VALUE VALUES (2, '01a2071d0a9d7790b5fcb04eeae1e81f', '01a2071d0a6d77abba17073b21a71904', '2026-11-23 06:34:33.518357+00', 'delivered', '', '\x7b226d6574686f64223a22504f5354222c2275726c223a22687474703a2f2f2a2a2a3a34343639352f66616365626f6f6b2f7632362e302f313030312f6576656e7473222c2272657175657374223a227b5c22646174615c223a5b7b5c226576656e745f6e616d655c223a5c2275736572446964536861726550686f6e655c222c5c226576656e745f74696d655c223a313739353431353637332c5c226576656e745f69645c223a5c2230316132303731643061396437373930623566636230346565616531653831665c222c5c22616374696f6e5f736f757263655c223a5c22636861745c222c5c226576656e745f736f757263655f75726c5c223a5c22687474703a2f2f2a2a2a3a34363039332f632f30316132303731643061383137393861616462346330653831656335613565313f6662636c69643d4b6570745c222c5c22757365725f646174615c223a7b5c2265787465726e616c5f69645c223a5b5c22626531353132663738636635663638616438626630303739386331653534373137656366376336626632323861643966303733323538303236663035643633345c225d2c5c226662635c223a5c2266622e312e313739353431353637333438302e4b6570745c222c5c226662705c223a5c2266622e312e313739353431353637333438302e323031313436323539305c222c5c22636c69656e745f757365725f6167656e745c223a5c224d6f7a696c6c612f352e3020284c696e75783b20416e64726f696420313429204368726f6d652f3134312e30204d6f62696c65205361666172692f3533372e33365c227d7d5d2c5c226163636573735f746f6b656e5c223a5c222a2a2a5c227d222c227374617475735f636f6465223a3230302c22726573706f6e7365223a227b5c226576656e74735f72656365697665645c223a312c5c22666274726163655f69645c223a5c224173696d756c6174656454726163655c222c5c226d657373616765735c223a5b5d7d227d');
INSERT INTO clicks VALUES ('01a2071d0a887352ab7a31ac89c0a6b1', '01a2071d0a6d77abba17073b21a71904', '01a2071d0a81798aadb4c0e81ec5a5e1', 'PJ39c1a5a41470b26799f1', '2026-11-23 06:34:33.480657+00', 'http://127.0.0.1:46093/c/01a2071d0a81798aadb4c0e81ec5a5e1?fbclid=Kept&yclid=123456789', 'fbclid=Kept&yclid=123456789', '{"fbclid":"Kept","yclid":"123456789"}', '127.0.0.1', 'Mozilla/5.0 (Linux; Android 14) Chrome/141.0 Mobile Safari/537.36', '', 'fb.1.1795415673480.2011462590', 'fb.1.1795415673480.Kept', false, '01a2071d0a8c772a9df15705587a2fd3', false, '2026-11-23 06:34:33.483616+00');
INSERT INTO conversion_totals VALUES ('01a2071d0a6d77abba17073b21a71904', 'facebook', 2);
INSERT INTO conversion_totals VALUES ('01a2071d0a6d77abba17073b21a71904', 'webhook', 2);
INSERT INTO conversions VALUES ('01a2071d0a8f768fb30302dd5e8dbbd9', '01a2071d0a6d77abba17073b21a71904', '01a2071d0a83702bb67fc0fbe5cb1622', 'webhook', 'activation', 'start', 'start', NULL, 'RUB', '2026-11-23 06:34:33+00', '2026-11-23 06:34:33.483616+00', '01a2071d0a8a7390a290f08d0aa3351b-0', '01a2071d0a8c772a9df15705587a2fd3', 'telegram', 11, 'Autumn', '01a2071d0a887352ab7a31ac89c0a6b1', '01a2071d0a8f7e2eb01910752393ea17', 'parked', 'the ad account is paused', 0, '2026-11-23 06:34:33+00', '2100-01-01 00:00:00+00', NULL, NULL, '', '', 'a|01a2071d0a8f7e2eb01910752393ea17|01a2071d0a83702bb67fc0fbe5cb1622', false, '', NULL, NULL, 0, 0);
INSERT INTO conversions VALUES ('01a2071d0a9d726cac117f19e34899fd', '01a2071d0a6d77abba17073b21a71904', '01a2071d0a83702bb67fc0fbe5cb1622', 'webhook', 'goal', 'userDidSharePhone', 'userDidSharePhone', NULL, 'RUB', '2026-11-23 06:34:33.495542+00', '2026-11-23 06:34:33.496952+00', '01a2071d0a977a50ae2fc64b05dcd34b-0', '01a2071d0a8c772a9df15705587a2fd3', 'telegram', 11, 'Autumn', '01a2071d0a887352ab7a31ac89c0a6b1', '01a2071d0a8f7e2eb01910752393ea17', 'parked', 'the ad account is paused', 0, '2026-11-23 06:34:33.495542+00', '2100-01-01 00:00:00+00', NULL, NULL, '', '', 'g|01a2071d0a8f7e2eb01910752393ea17|01a2071d0a83702bb67fc0fbe5cb1622|userDidSharePhone', false, '', NULL, NULL, 0, 0);
INSERT INTO conversions VALUES ('01a2071d0a8f754cae471cada21a0c82', '01a2071d0a6d77abba17073b21a71904', '01a2071d0a827abaae58ba1912098f49', 'facebook', 'activation', 'Lead', 'Lead', NULL, 'RUB', '2026-11-23 06:34:33+00', '2026-11-23 06:34:33.483616+00', '01a2071d0a8a7390a290f08d0aa3351b-0', '01a2071d0a8c772a9df15705587a2fd3', 'telegram', 11, 'Autumn', '01a2071d0a887352ab7a31ac89c0a6b1', '01a2071d0a8f7e2eb01910752393ea17', 'delivered', '', 1, '2026-11-23 06:34:33+00', '2100-01-01 00:00:00+00', NULL, '2026-11-23 06:34:33.504018+00', '01a2071d0a99752c9e773c7e26a2abe8', '', 'a|01a2071d0a8f7e2eb01910752393ea17|01a2071d0a827abaae58ba1912098f49', false, '', NULL, NULL, 1, 1);
INSERT INTO conversions VALUES ('01a2071d0a9d7790b5fcb04eeae1e81f', '01a2071d0a6d77abba17073b21a71904', '01a2071d0a827abaae58ba1912098f49', 'facebook', 'goal', 'userDidSharePhone', 'userDidSharePhone', NULL, 'RUB', '2026-11-23 06:34:33.495542+00', '2026-11-23 06:34:33.496952+00', '01a2071d0a977a50ae2fc64b05dcd34b-0', '01a2071d0a8c772a9df15705587a2fd3', 'telegram', 11, 'Autumn', '01a2071d0a887352ab7a31ac89c0a6b1', '01a2071d0a8f7e2eb01910752393ea17', 'delivered', '', 1, '2026-11-23 06:34:33.495542+00', '2100-01-01 00:00:00+00', NULL, '2026-11-23 06:34:33.518352+00', '01a2071d0aa47663bbd831b44c009b97', '', 'g|01a2071d0a8f7e2eb01910752393ea17|01a2071d0a827abaae58ba1912098f49|userDidSharePhone', false, '', NULL, NULL, 1, 1);
INSERT INTO counters VALUES ('01a2071d0a6d77abba17073b21a71904', '2026-11-23 06:34:33+00', '2026-11-23 06:00:00+00', '2026-11-23 00:00:00+00', 6, 6, 6);
INSERT INTO episodes VALUES ('01a2071d0a8f7e2eb01910752393ea17', '01a2071d0a6d77abba17073b21a71904', '01a2071d0a8c772a9df15705587a2fd3', '2026-11-23 06:34:33+00', NULL, '01a2071d0a81798aadb4c0e81ec5a5e1', '01a2071d0a887352ab7a31ac89c0a6b1', '{"at":"2026-11-23T06:34:33Z","start_value":"PJ39c1a5a41470b26799f1","link_id":"01a2071d0a81798aadb4c0e81ec5a5e1","click_id":"01a2071d0a887352ab7a31ac89c0a6b1","source":"Autumn","utm":{"source":"yandex","campaign":"may"},"reason":"click","confidence":1}');
INSERT INTO episodes VALUES ('01a2071d0aa379db968241e75f9d87a2', '01a2071d0a6d77abba17073b21a71904', '01a2071d0aa37c94962999437633e32e', '2026-11-23 06:34:33.506517+00', NULL, '', '', '{"at":"2026-11-23T06:34:33.506517Z","start_value":"friend","source":"friend","reason":"start_value","confidence":1}');
INSERT INTO event_keys VALUES ('01a2071d0a6d77abba17073b21a71904', 'update:1:bot_started:11:1795415673000000', '01a2071d0a8a7390a290f08d0aa3351b-0', '2100-01-01 00:00:00+00');
INSERT INTO event_keys VALUES ('01a2071d0a6d77abba17073b21a71904', 'same:add_event:0:bec2b9b6a35f39c3ba1de91217bec2fe', '01a2071d0aa9762488c06d7adf571d8d-0', '2100-01-01 00:00:00+00');
INSERT INTO events_2026_11 VALUES ('01a2071d0a8a7390a290f08d0aa3351b-0', '01a2071d0a6d77abba17073b21a71904', '2026-11-23 06:34:33.483616+00', '01a2071d0a8a7390a290f08d0aa3351b', '01a2071d0a8c772a9df15705587a2fd3', '01a2071d0a8f7e2eb01910752393ea17', 'bot_started', '2026-11-23 06:34:33+00', '2026-11-23 06:34:33.482997+00', 1, 'opened', '01a2071d0a81798aadb4c0e81ec5a5e1', '01a2071d0a887352ab7a31ac89c0a6b1', '{"at":"2026-11-23T06:34:33Z","start_value":"PJ39c1a5a41470b26799f1","link_id":"01a2071d0a81798aadb4c0e81ec5a5e1","click_id":"01a2071d0a887352ab7a31ac89c0a6b1","source":"Autumn","utm":{"source":"yandex","campaign":"may"},"reason":"click","confidence":1}', 0, '', '', '', '', NULL, NULL, '', '', '');
INSERT INTO events_2026_11 VALUES ('01a2071d0a977a50ae2fc64b05dcd34b-0', '01a2071d0a6d77abba17073b21a71904', '2026-11-23 06:34:33.496952+00', '01a2071d0a977a50ae2fc64b05dcd34b', '01a2071d0a8c772a9df15705587a2fd3', '01a2071d0a8f7e2eb01910752393ea17', 'goal_reached', '2026-11-23 06:34:33.495542+00', '2026-11-23 06:34:33.495542+00', 2, '', '', '', '', 0, '', 'userDidSharePhone', '', '', NULL, NULL, '', '', 'counts');
INSERT INTO events_2026_11 VALUES ('01a2071d0aa27607bf5f280891d96b59-0', '01a2071d0a6d77abba17073b21a71904', '2026-11-23 06:34:33.506658+00', '01a2071d0aa27607bf5f280891d96b59', '01a2071d0aa37c94962999437633e32e', '01a2071d0aa379db968241e75f9d87a2', 'bot_started', '2026-11-23 06:34:33.506517+00', '2026-11-23 06:34:33.506517+00', 1, 'opened', '', '', '{"at":"2026-11-23T06:34:33.506517Z","start_value":"friend","source":"friend","reason":"start_value","confidence":1}', 0, '', '', '', '', NULL, NULL, '', '', '');
INSERT INTO events_2026_11 VALUES ('01a2071d0aa576a3a079459b70f00618-0', '01a2071d0a6d77abba17073b21a71904', '2026-11-23 06:34:33.510535+00', '01a2071d0aa576a3a079459b70f00618', '01a2071d0aa775ba827c0a3979e2ec45', '', 'goal_reached', '2026-11-23 06:34:33.509504+00', '2026-11-23 06:34:33.509504+00', 1, '', '', '', '', 0, '', 'waits', '', '', NULL, NULL, '', '', 'waits');
INSERT INTO events_2026_11 VALUES ('01a2071d0aa9762488c06d7adf571d8d-0', '01a2071d0a6d77abba17073b21a71904', '2026-11-23 06:34:33.513887+00', '01a2071d0aa9762488c06d7adf571d8d', '01a2071d0a8c772a9df15705587a2fd3', '01a2071d0a8f7e2eb01910752393ea17', 'funnel_event', '2026-11-23 06:34:33.513088+00', '2026-11-23 06:34:33.513088+00', 3, '', '', '', '', 0, '', 'survey', '', 'in_progress', NULL, NULL, '', '', '');
INSERT INTO idempotency_keys VALUES ('01a2071d0a6d77abba17073b21a71904', 'send_reach_goal', 'kept-key', '\x3c3363b35166048066086126442682e758a8a9e359f9acb4913d619ab6a323c4', '\x7b226576656e7473223a5b7b226964223a2230316132303731643061393737613530616532666336346230356463643334622d30222c2274797065223a22676f616c5f72656163686564222c226475706c6963617465223a66616c73657d5d7d', '2100-01-01 00:00:00+00');
INSERT INTO links VALUES ('01a2071d0a81798aadb4c0e81ec5a5e1', '01a2071d0a6d77abba17073b21a71904', 'Autumn', '', '', '{"source":"yandex","campaign":"may"}', 'PJ4912366ffc8455054c12', '2026-11-23 06:34:33.473539+00');
INSERT INTO meta VALUES ('secret_key_id', '4e7c9fd2573a5071');
INSERT INTO meta VALUES ('admin_token_hash', '4947c71cfcbf94f6d1ffc1dba02c1f65fe93f862ccd4e79c744ded20c9cd626d');
INSERT INTO outbox OVERRIDING SYSTEM VALUE VALUES (6, '01a2071d0aa9762488c06d7adf571d8d-0', '01a2071d0a6d77abba17073b21a71904', 'funnel_event', '\x7b22736368656d61223a227467747261636b2e6576656e742e7631222c226964223a2230316132303731643061613937363234383863303664376164663537316438642d30222c2270726f6a6563745f6964223a223031613230373164306136643737616262613137303733623231613731393034222c22726571756573745f6964223a223031613230373164306161393736323438386330366437616466353731643864222c22737562736372696265725f6964223a223031613230373164306138633737326139646631353730353538376132666433222c22657069736f64655f6964223a223031613230373164306138663765326562303139313037353233393365613137222c2274797065223a2266756e6e656c5f6576656e74222c226f636375727265645f6174223a22323032362d31312d32335430363a33343a33332e3531333038385a222c2272656365697665645f6174223a22323032362d31312d32335430363a33343a33332e3531333038385a222c22736571223a332c226e616d65223a22737572766579222c22726573756c74223a22696e5f70726f6772657373227d');
INSERT INTO projects VALUES ('01a2071d0a6d77abba17073b21a71904', 'Upgrade bot', 'bot', 'upgrade_bot', 'telegram', 'production', 'Europe/Moscow', 'RUB', 'last', false, true, '', 0, 500, 5000, '2026-11-23 06:34:33.453035+00', NULL);
INSERT INTO schema_migrations VALUES (1, 'projects', '2026-11-23 06:34:33.227368+00');
INSERT INTO schema_migrations VALUES (2, 'people', '2026-11-23 06:34:33.270137+00');
INSERT INTO schema_migrations VALUES (3, 'events', '2026-11-23 06:34:33.295306+00');
INSERT INTO schema_migrations VALUES (4, 'conversions', '2026-11-23 06:34:33.354555+00');
INSERT INTO subscribers VALUES ('01a2071d0aa37c94962999437633e32e', '01a2071d0a6d77abba17073b21a71904', 'telegram', 12, '', 'Ivan', '', '', NULL, '2026-11-23 06:34:33.506658+00', 1, true, '01a2071d0aa379db968241e75f9d87a2', '2026-11-23 06:34:33.506517+00', NULL, '2026-11-23 06:34:33.506517+00', NULL, 'friend', '', false, '', 0, 'ivan
12');
INSERT INTO subscribers VALUES ('01a2071d0aa775ba827c0a3979e2ec45', '01a2071d0a6d77abba17073b21a71904', 'telegram', 13, '', '', '', '', NULL, '2026-11-23 06:34:33.510535+00', 1, false, '', NULL, NULL, NULL, NULL, '', '', false, '', 1, '
13');
INSERT INTO subscribers VALUES ('01a2071d0a8c772a9df15705587a2fd3', '01a2071d0a6d77abba17073b21a71904', 'telegram', 11, 'vera', 'Вера', '', '', NULL, '2026-11-23 06:34:33.483616+00', 3, true, '01a2071d0a8f7e2eb01910752393ea17', '2026-11-23 06:34:33+00', NULL, '2026-11-23 06:34:33+00', NULL, 'Autumn', '{"source":"yandex","campaign":"may"}', true, '[{"at":"2026-11-23T06:34:33Z","start_value":"PJ39c1a5a41470b26799f1","link_id":"01a2071d0a81798aadb4c0e81ec5a5e1","click_id":"01a2071d0a887352ab7a31ac89c0a6b1","source":"Autumn","utm":{"source":"yandex","campaign":"may"},"reason":"click","confidence":1}]', 0, 'вера
vera
11');
INSERT INTO waiting_goals VALUES ('01a2071d0aa576a3a079459b70f00618-0', '01a2071d0a6d77abba17073b21a71904', '01a2071d0aa775ba827c0a3979e2ec45', 'waits', NULL, NULL, '', '2026-11-23 06:34:33.509504+00', '2100-01-01 00:00:00+00');
SELECT pg_catalog.setval('attempts_id_seq', 2, true);
SELECT pg_catalog.setval('outbox_id_seq', 6, true);
ALTER TABLE ONLY ad_accounts
    ADD CONSTRAINT ad_accounts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY api_keys
    ADD CONSTRAINT api_keys_hash_key UNIQUE (hash);
ALTER TABLE ONLY api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY clicks
    ADD CONSTRAINT clicks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY clicks
    ADD CONSTRAINT clicks_project_id_start_value_key UNIQUE (project_id, start_value);
ALTER TABLE ONLY conversion_totals
    ADD CONSTRAINT conversion_totals_pkey PRIMARY KEY (project_id, network);
ALTER TABLE ONLY conversions
    ADD CONSTRAINT conversions_count_key_key UNIQUE (count_key);
ALTER TABLE ONLY conversions
    ADD CONSTRAINT conversions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (project_id);
ALTER TABLE ONLY episodes
    ADD CONSTRAINT episodes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY event_keys
    ADD CONSTRAINT event_keys_pkey PRIMARY KEY (project_id, key);
ALTER TABLE ONLY events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id, recorded_at);
ALTER TABLE ONLY events_2026_10
    ADD CONSTRAINT events_2026_10_pkey PRIMARY KEY (id, recorded_at);
ALTER TABLE ONLY events_2026_11
    ADD CONSTRAINT events_2026_11_pkey PRIMARY KEY (id, recorded_at);
ALTER TABLE ONLY events_2026_12
    ADD CONSTRAINT events_2026_12_pkey PRIMARY KEY (id, recorded_at);
ALTER TABLE ONLY events_2027_01
    ADD CONSTRAINT events_2027_01_pkey PRIMARY KEY (id, recorded_at);
ALTER TABLE ONLY events_2027_02
    ADD CONSTRAINT events_2027_02_pkey PRIMARY KEY (id, recorded_at);
ALTER TABLE ONLY idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (project_id, method, key);
ALTER TABLE ONLY links
    ADD CONSTRAINT links_pkey PRIMARY KEY (id);
ALTER TABLE ONLY links
    ADD CONSTRAINT links_project_id_start_value_key UNIQUE (project_id, start_value);
ALTER TABLE ONLY meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);
ALTER TABLE ONLY outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);
ALTER TABLE ONLY projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);
ALTER TABLE ONLY schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY subscribers
    ADD CONSTRAINT subscribers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY waiting_goals
    ADD CONSTRAINT waiting_goals_pkey PRIMARY KEY (event_id);
CREATE INDEX ad_accounts_project ON ad_accounts USING btree (project_id, id);
CREATE INDEX api_keys_project ON api_keys USING btree (project_id);
CREATE INDEX attempts_conversion ON attempts USING btree (conversion_id, id);
CREATE INDEX clicks_claimed ON clicks USING btree (claimed_by) WHERE (claimed_by IS NOT NULL);
CREATE INDEX clicks_counted ON clicks USING btree (link_id, at) WHERE (robot = false);
CREATE INDEX clicks_free ON clicks USING btree (project_id, at DESC, id DESC) WHERE ((claimed_by IS NULL) AND (robot = false));
CREATE INDEX clicks_free_of_link ON clicks USING btree (link_id, at DESC, id DESC) WHERE ((claimed_by IS NULL) AND (robot = false));
CREATE INDEX clicks_reported ON clicks USING btree (project_id, at) WHERE (robot = false);
CREATE INDEX conversions_account ON conversions USING btree (account_id, status);
CREATE INDEX conversions_due ON conversions USING btree (next_attempt_at) WHERE ((status = ANY (ARRAY['pending'::text, 'retrying'::text, 'accepted'::text, 'parked'::text])) AND (next_attempt_at IS NOT NULL) AND (scheduled_at IS NULL));
CREATE INDEX conversions_expiry ON conversions USING btree (expires_at) WHERE (status = ANY (ARRAY['pending'::text, 'retrying'::text, 'parked'::text]));
CREATE INDEX conversions_handed ON conversions USING btree (scheduled_at) WHERE ((status = ANY (ARRAY['pending'::text, 'retrying'::text, 'accepted'::text, 'parked'::text])) AND (scheduled_at IS NOT NULL));
CREATE INDEX conversions_person ON conversions USING btree (subscriber_id);
CREATE INDEX conversions_project ON conversions USING btree (project_id, id);
CREATE INDEX conversions_reported ON conversions USING btree (project_id, occurred_at);
CREATE INDEX episodes_link ON episodes USING btree (link_id) WHERE (link_id <> ''::text);
CREATE INDEX episodes_person ON episodes USING btree (subscriber_id, opened_at);
CREATE INDEX episodes_reported ON episodes USING btree (project_id, opened_at);
CREATE INDEX event_keys_age ON event_keys USING brin (at);
CREATE INDEX event_keys_short ON event_keys USING btree (at) WHERE (substr(key, 1, 5) = 'same:'::text);
CREATE INDEX events_reported ON ONLY events USING btree (project_id, occurred_at);
CREATE INDEX events_2026_10_project_id_occurred_at_idx ON events_2026_10 USING btree (project_id, occurred_at);
CREATE INDEX events_person ON ONLY events USING btree (project_id, subscriber_id, seq);
CREATE INDEX events_2026_10_project_id_subscriber_id_seq_idx ON events_2026_10 USING btree (project_id, subscriber_id, seq);
CREATE INDEX events_2026_11_project_id_occurred_at_idx ON events_2026_11 USING btree (project_id, occurred_at);
CREATE INDEX events_2026_11_project_id_subscriber_id_seq_idx ON events_2026_11 USING btree (project_id, subscriber_id, seq);
CREATE INDEX events_2026_12_project_id_occurred_at_idx ON events_2026_12 USING btree (project_id, occurred_at);
CREATE INDEX events_2026_12_project_id_subscriber_id_seq_idx ON events_2026_12 USING btree (project_id, subscriber_id, seq);
CREATE INDEX events_2027_01_project_id_occurred_at_idx ON events_2027_01 USING btree (project_id, occurred_at);
CREATE INDEX events_2027_01_project_id_subscriber_id_seq_idx ON events_2027_01 USING btree (project_id, subscriber_id, seq);
CREATE INDEX events_2027_02_project_id_occurred_at_idx ON events_2027_02 USING btree (project_id, occurred_at);
CREATE INDEX events_2027_02_project_id_subscriber_id_seq_idx ON events_2027_02 USING btree (project_id, subscriber_id, seq);
CREATE INDEX idempotency_keys_age ON idempotency_keys USING btree (created_at);
CREATE INDEX links_invite ON links USING btree (project_id, invite_key) WHERE (invite_key <> ''::text);
CREATE INDEX links_name ON links USING btree (project_id, name);
CREATE INDEX links_project ON links USING btree (project_id, id);
CREATE UNIQUE INDEX subscribers_person ON subscribers USING btree (project_id, messenger, user_id) WHERE (user_id <> 0);
CREATE INDEX subscribers_project ON subscribers USING btree (project_id, id);
CREATE INDEX waiting_goals_person ON waiting_goals USING btree (subscriber_id);
CREATE INDEX waiting_goals_until ON waiting_goals USING btree (until);
ALTER INDEX events_pkey ATTACH PARTITION events_2026_10_pkey;
ALTER INDEX events_reported ATTACH PARTITION events_2026_10_project_id_occurred_at_idx;
ALTER INDEX events_person ATTACH PARTITION events_2026_10_project_id_subscriber_id_seq_idx;
ALTER INDEX events_pkey ATTACH PARTITION events_2026_11_pkey;
ALTER INDEX events_reported ATTACH PARTITION events_2026_11_project_id_occurred_at_idx;
ALTER INDEX events_person ATTACH PARTITION events_2026_11_project_id_subscriber_id_seq_idx;
ALTER INDEX events_pkey ATTACH PARTITION events_2026_12_pkey;
ALTER INDEX events_reported ATTACH PARTITION events_2026_12_project_id_occurred_at_idx;
ALTER INDEX events_person ATTACH PARTITION events_2026_12_project_id_subscriber_id_seq_idx;
ALTER INDEX events_pkey ATTACH PARTITION events_2027_01_pkey;
ALTER INDEX events_reported ATTACH PARTITION events_2027_01_project_id_occurred_at_idx;
ALTER INDEX events_person ATTACH PARTITION events_2027_01_project_id_subscriber_id_seq_idx;
ALTER INDEX events_pkey ATTACH PARTITION events_2027_02_pkey;
ALTER INDEX events_reported ATTACH PARTITION events_2027_02_project_id_occurred_at_idx;
ALTER INDEX events_person ATTACH PARTITION events_2027_02_project_id_subscriber_id_seq_idx;
