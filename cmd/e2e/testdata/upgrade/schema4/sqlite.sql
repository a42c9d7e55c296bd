CREATE TABLE ad_accounts (
    id              TEXT PRIMARY KEY,
    project_id      TEXT NOT NULL,
    network         TEXT NOT NULL,
    name            TEXT NOT NULL,
    settings        BLOB,
    activation_goal TEXT NOT NULL,
    goals           TEXT NOT NULL,
    currency        TEXT NOT NULL,
    paused          BOOLEAN NOT NULL,
    health          TEXT NOT NULL,
    health_reason   TEXT NOT NULL,
    warnings        TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
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
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    conversion_id TEXT NOT NULL,
    project_id    TEXT NOT NULL,
    at            INTEGER NOT NULL,
    verdict       TEXT NOT NULL,
    reason        TEXT NOT NULL,
    evidence      BLOB
);
CREATE TABLE clicks (
    id            TEXT PRIMARY KEY,
    project_id    TEXT NOT NULL,
    link_id       TEXT NOT NULL,
    start_value   TEXT NOT NULL,
    at            INTEGER NOT NULL,
    url           TEXT NOT NULL,
    raw_query     TEXT NOT NULL,
    params        TEXT NOT NULL,
    ip            TEXT NOT NULL,
    user_agent    TEXT NOT NULL,
    referrer      TEXT NOT NULL,
    fbp           TEXT NOT NULL,
    fbc           TEXT NOT NULL,
    robot         BOOLEAN NOT NULL,
    claimed_by    TEXT,
    claimed_guess BOOLEAN NOT NULL DEFAULT FALSE,
    claimed_at    INTEGER,
    UNIQUE (project_id, start_value)
);
CREATE TABLE conversion_totals (
    project_id TEXT NOT NULL,
    network    TEXT NOT NULL,
    created    INTEGER NOT NULL,
    PRIMARY KEY (project_id, network)
);
CREATE TABLE conversions (
    id              TEXT PRIMARY KEY,
    project_id      TEXT NOT NULL,
    account_id      TEXT NOT NULL,
    network         TEXT NOT NULL,
    kind            TEXT NOT NULL,
    target          TEXT NOT NULL,
    name            TEXT NOT NULL,
    value           INTEGER,
    currency        TEXT NOT NULL,
    occurred_at     INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    event_id        TEXT NOT NULL,
    subscriber_id   TEXT NOT NULL,
    messenger       TEXT NOT NULL,
    user_id         INTEGER NOT NULL,
    source          TEXT NOT NULL,
    click_id        TEXT NOT NULL,
    episode_id      TEXT NOT NULL,
    status          TEXT NOT NULL,
    status_reason   TEXT NOT NULL,
    attempts        INTEGER NOT NULL,
    not_before      INTEGER,
    expires_at      INTEGER,
    next_attempt_at INTEGER,
    delivered_at    INTEGER,
    batch_id        TEXT NOT NULL,
    handle          TEXT NOT NULL,
    count_key       TEXT NOT NULL UNIQUE,
    -- An attempt was begun and its outcome never written.
    attempt_open    BOOLEAN NOT NULL DEFAULT FALSE,
    lease_owner     TEXT NOT NULL DEFAULT '',
    lease_until     INTEGER,
    -- When it was handed to the stream; empty again when it is settled.
    scheduled_at    INTEGER,
    schedules       INTEGER NOT NULL DEFAULT 0,
    settlements     INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE counters (
    project_id TEXT PRIMARY KEY,
    second_at  INTEGER,
    hour_at    INTEGER,
    day_at     INTEGER,
    in_second  INTEGER NOT NULL DEFAULT 0,
    in_hour    INTEGER NOT NULL DEFAULT 0,
    in_day     INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE episodes (
    id            TEXT PRIMARY KEY,
    project_id    TEXT NOT NULL,
    subscriber_id TEXT NOT NULL,
    opened_at     INTEGER NOT NULL,
    closed_at     INTEGER,
    link_id       TEXT NOT NULL,
    click_id      TEXT NOT NULL,
    touch         TEXT NOT NULL
);
CREATE TABLE event_keys (
    project_id TEXT NOT NULL,
    key        TEXT NOT NULL,
    event_id   TEXT NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (project_id, key)
) WITHOUT ROWID;
CREATE TABLE events (
    id            TEXT NOT NULL,
    project_id    TEXT NOT NULL,
    recorded_at   INTEGER NOT NULL,
    request_id    TEXT NOT NULL,
    subscriber_id TEXT NOT NULL,
    episode_id    TEXT NOT NULL,
    type          TEXT NOT NULL,
    occurred_at   INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    change        TEXT NOT NULL,
    link_id       TEXT NOT NULL,
    click_id      TEXT NOT NULL,
    touch         TEXT NOT NULL,
    chat_id       INTEGER NOT NULL,
    invite_link   TEXT NOT NULL,
    name          TEXT NOT NULL,
    target        TEXT NOT NULL,
    result        TEXT NOT NULL,
    amount        INTEGER,
    raw_amount    INTEGER,
    currency      TEXT NOT NULL,
    labels        TEXT NOT NULL,
    goal_state    TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE idempotency_keys (
    project_id TEXT NOT NULL,
    method     TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  BLOB NOT NULL,
    answer     BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (project_id, method, key)
);
CREATE TABLE links (
    id          TEXT PRIMARY KEY,
    project_id  TEXT NOT NULL,
    name        TEXT NOT NULL,
    invite_link TEXT NOT NULL,
    -- The invite link in the one form under which joins are looked up.
    invite_key  TEXT NOT NULL,
    utm         TEXT NOT NULL,
    start_value TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    UNIQUE (project_id, start_value)
);
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id   TEXT NOT NULL,
    project_id TEXT NOT NULL,
    type       TEXT NOT NULL,
    payload    BLOB NOT NULL
);
CREATE TABLE projects (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL,
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
    created_at   INTEGER NOT NULL,
    -- A deleted project stays as a row until all that belongs to it is gone.
    deleted_at   INTEGER
);
CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);
CREATE TABLE subscribers (
    id               TEXT PRIMARY KEY,
    project_id       TEXT NOT NULL,
    messenger        TEXT NOT NULL,
    user_id          INTEGER NOT NULL,
    username         TEXT NOT NULL DEFAULT '',
    first_name       TEXT NOT NULL DEFAULT '',
    last_name        TEXT NOT NULL DEFAULT '',
    language         TEXT NOT NULL DEFAULT '',
    is_premium       BOOLEAN,
    first_seen       INTEGER NOT NULL,
    seq              INTEGER NOT NULL DEFAULT 0,
    subscribed       BOOLEAN NOT NULL DEFAULT FALSE,
    episode_id       TEXT NOT NULL DEFAULT '',
    episode_at       INTEGER,
    stopped_at       INTEGER,
    first_join       INTEGER,
    last_start       INTEGER,
    first_source     TEXT NOT NULL DEFAULT '',
    first_utm        TEXT NOT NULL DEFAULT '',
    first_attributed BOOLEAN NOT NULL DEFAULT FALSE,
    touches          TEXT NOT NULL DEFAULT '',
    waiting_goals    INTEGER NOT NULL DEFAULT 0,
    -- Id, username and names in lower case: SQLite folds ASCII letters only.
    search           TEXT NOT NULL DEFAULT ''
);
CREATE TABLE waiting_goals (
    event_id      TEXT PRIMARY KEY,
    project_id    TEXT NOT NULL,
    subscriber_id TEXT NOT NULL,
    target        TEXT NOT NULL,
    amount        INTEGER,
    raw_amount    INTEGER,
    currency      TEXT NOT NULL,
    occurred_at   INTEGER NOT NULL,
    until         INTEGER NOT NULL
);
INSERT INTO ad_accounts (id, project_id, network, name, settings, activation_goal, goals, currency, paused, health, health_reason, warnings, created_at, updated_at) VALUES ('01a2071d023c7f70b1895e0ef4f5021a', '01a2071d02357c31a49316693d0ceed0', 'facebook', 'Meta', X'017F72D5FF4CC75EF8010E26B1DB16390357E085C76F4650B81A445F61179D6C69219788AF2523A5F3FD1F43580D4369CF08DC7B6D2510FF2654D43E5A3966CF6EEEB3FD19143100ECC1026E6FA6', 'Lead', '', '', 0, 'healthy', '', '', 1795415671356045, 1795415671356060);
INSERT INTO ad_accounts (id, project_id, network, name, settings, activation_goal, goals, currency, paused, health, health_reason, warnings, created_at, updated_at) VALUES ('01a2071d023d7185a261bd9ec1a1778b', '01a2071d02357c31a49316693d0ceed0', 'webhook', 'Own', X'015875B2CF9502BD4D7F74B0D3A5F1C43BA1D9F7DBA8DD830D67B4AFF9B662D6E8EAB8EE2D0C4E51DDB0BDE9A20AD7E0192E92F390B979F6DAA731F9A48EBDF6F2446E2249CD82E44DC886E7DBE2A217622FDB6E4ECEC4E2E71B0E32B3A51C266F6C45B29BC6E0F34FE5F98F49EC380562746EEEE4360A552CF0D5D7C7', 'start', '', '', 1, 'healthy', '', '', 1795415671357008, 1795415671358354);
INSERT INTO api_keys (id, project_id, kind, hash, sealed, expires_at, revoked_at, created_at) VALUES ('01a2071d0235752193168e6be7fea8de', '01a2071d02357c31a49316693d0ceed0', 'api', X'B10384B621FACE6F6A6AA72FC3CD1A6AFF9E578EA0345BAB9786ADC4BBA63BE6', X'01BE2EF5DDCD29B430D8A089EB6279DDFDF3EBE981373F29DC89B36C5FAF20153C231574603784C11148B5F0ABB8687AD229A1C0627101B2C9B582', NULL, NULL, 1795415671349071);
INSERT INTO api_keys (id, project_id, kind, hash, sealed, expires_at, revoked_at, created_at) VALUES ('01a2071d0235785fa971aa5af47af39b', '01a2071d02357c31a49316693d0ceed0', 'report', X'447FF8D43A44D736B9510D605FF0528F293EC4FCB465BA991EB1C6AB83C8D9A3', X'01B08783A19C8A65F03C17F54BE53BC034D1BF3B249A5E6B986B2392D49A49637BAF782EB059A5465E4F7A2584C8CA2A6004D66DF822B8101742AD', NULL, NULL, 1795415671349073);
INSERT INTO attempts (id, conversion_id, project_id, at, verdict, reason, evidence) VALUES (1, '01a2071d024177d9b4b612e15ad1c7cb', '01a2071d02357c31a49316693d0ceed0', 1795415671381371, 'delivered', '', X'7B226D6574686F64223A22504F5354222C2275726C223A22687474703A2F2F2A2A2A3A34343639352F66616365626F6F6B2F7632362E302F313030312F6576656E7473222C2272657175657374223A227B5C22646174615C223A5B7B5C226576656E745F6E616D655C223A5C224C6561645C222C5C226576656E745F74696D655C223A313739353431353637312C5C226576656E745F69645C223A5C2230316132303731643032343137376439623462363132653135616431633763625C222C5C22616374696F6E5F736F757263655C223A5C22636861745C222C5C226576656E745F736F757263655F75726C5C223A5C22687474703A2F2F2A2A2A3A33343336332F632F30316132303731643032333937623030623833383037356232613834383834343F6662636C69643D4B6570745C222C5C22757365725F646174615C223A7B5C2265787465726E616C5F69645C223A5B5C22363365343765346230663564316531386265373831383666303436326533663939393935666566613663326233396364633330326366663261643061396239365C225D2C5C226662635C223A5C2266622E312E313739353431353637313335392E4B6570745C222C5C226662705C223A5C2266622E312E313739353431353637313335392E313238393535333430335C222C5C22636C69656E745F757365725F6167656E745C223A5C224D6F7A696C6C612F352E3020284C696E75783B20416E64726F696420313429204368726F6D652F3134312E30204D6F62696C65205361666172692F3533372E33365C227D7D5D2C5C226163636573735F746F6B656E5C223A5C222A2A2A5C227D222C227374617475735F636F6465223A3230302C22726573706F6E7365223A227B5C226576656E74735F72656365697665645C223A312C5C22666274726163655F69645C223A5C224173696D756C6174656454726163655C222C5C226D657373616765735C223A5B5D7D227D');
INSERT INTO attempts (id, conversion_id, project_id, at, verdict, reason, evidence) VALUES (2, '01a2071d02457c6682894ca25d6c6c2f', '01a2071d02357c31a49316693d0ceed0', 1795415671392160, 'delivered', '', X'7B226D6574686F64223A22504F5354222C2275726C223A22687474703A2F2F2A2A2A3A34343639352F66616365626F6F6B2F7632362E302F313030312F6576656E7473222C2272657175657374223A227B5C22646174615C223A5B7B5C226576656E745F6E616D655C223A5C2275736572446964536861726550686F6E655C222C5C226576656E745F74696D655C223A313739353431353637312C5C226576656E745F69645C223A5C2230316132303731643032343537633636383238393463613235643663366332665C222C5C22616374696F6E5F736F757263655C223A5C22636861745C222C5C226576656E745F736F757263655F75726C5C223A5C22687474703A2F2F2A2A2A3A33343336332F632F30316132303731643032333937623030623833383037356232613834383834343F6662636C69643D4B6570745C222C5C22757365725F646174615C223A7B5C2265787465726E616C5F69645C223A5B5C22363365343765346230663564316531386265373831383666303436326533663939393935666566613663326233396364633330326366663261643061396239365C225D2C5C226662635C223A5C2266622E312E313739353431353637313335392E4B6570745C222C5C226662705C223A5C2266622E312E313739353431353637313335392E313238393535333430335C222C5C22636C69656E745F757365725F6167656E745C223A5C224D6F7A696C6C612F352E3020284C696E75783B20416E64726F696420313429204368726F6D652F3134312E30204D6F62696C65205361666172692F3533372E33365C227D7D5D2C5C226163636573735F746F6B656E5C223A5C222A2A2A5C227D222C227374617475735F636F6465223A3230302C22726573706F6E7365223A227B5C226576656E74735F72656365697665645C223A312C5C22666274726163655F69645C223A5C224173696D756C6174656454726163655C222C5C226D657373616765735C223A5B5D7D227D');
INSERT INTO clicks (id, project_id, link_id, start_value, at, url, raw_query, params, ip, user_agent, referrer, fbp, fbc, robot, claimed_by, claimed_guess, claimed_at) VALUES ('01a2071d023f7a959e6df82c425b6998', '01a2071d02357c31a49316693d0ceed0', '01a2071d02397b00b838075b2a848844', 'PJ041053826113aa4ce6d9', 1795415671359412, 'http://127.0.0.1:34363/c/01a2071d02397b00b838075b2a848844?fbclid=Kept&yclid=123456789', 'fbclid=Kept&yclid=123456789', '{"fbclid":"Kept","yclid":"123456789"}', '127.0.0.1', 'Mozilla/5.0 (Linux; Android 14) Chrome/141.0 Mobile Safari/537.36', '', 'fb.1.1795415671359.1289553403', 'fb.1.1795415671359.Kept', 0, '01a2071d02417bca8c1bb788dbb82c9b', 0, 1795415671361597);
INSERT INTO conversion_totals (project_id, network, created) VALUES ('01a2071d02357c31a49316693d0ceed0', 'facebook', 2);
INSERT INTO conversion_totals (project_id, network, created) VALUES ('01a2071d02357c31a49316693d0ceed0', 'webhook', 2);
INSERT INTO conversions (id, project_id, account_id, network, kind, target, name, value, currency, occurred_at, created_at, event_id, subscriber_id, messenger, user_id, source, click_id, episode_id, status, status_reason, attempts, not_before, expires_at, next_attempt_at, delivered_at, batch_id, handle, count_key, attempt_open, lease_owner, lease_until, scheduled_at, schedules, settlements) VALUES ('01a2071d024177d9b4b612e15ad1c7cb', '01a2071d02357c31a49316693d0ceed0', '01a2071d023c7f70b1895e0ef4f5021a', 'facebook', 'activation', 'Lead', 'Lead', NULL, 'RUB', 1795415671000000, 1795415671361597, '01a2071d02417bfd939fed39cab09571-0', '01a2071d02417bca8c1bb788dbb82c9b', 'telegram', 11, 'Autumn', '01a2071d023f7a959e6df82c425b6998', '01a2071d02417592898548167107215a', 'delivered', '', 1, 1795415671000000, 4102444800000000, NULL, 1795415671381364, '01a2071d02467e71bd28337787a1dc71', '', 'a|01a2071d02417592898548167107215a|01a2071d023c7f70b1895e0ef4f5021a', 0, '', NULL, NULL, 1, 1);
INSERT INTO conversions (id, project_id, account_id, network, kind, target, name, value, currency, occurred_at, created_at, event_id, subscriber_id, messenger, user_id, source, click_id, episode_id, status, status_reason, attempts, not_before, expires_at, next_attempt_at, delivered_at, batch_id, handle, count_key, attempt_open, lease_owner, lease_until, scheduled_at, schedules, settlements) VALUES ('01a2071d024173e3a8316c051a1810bb', '01a2071d02357c31a49316693d0ceed0', '01a2071d023d7185a261bd9ec1a1778b', 'webhook', 'activation', 'start', 'start', NULL, 'RUB', 1795415671000000, 1795415671361597, '01a2071d02417bfd939fed39cab09571-0', '01a2071d02417bca8c1bb788dbb82c9b', 'telegram', 11, 'Autumn', '01a2071d023f7a959e6df82c425b6998', '01a2071d02417592898548167107215a', 'parked', 'the ad account is paused', 0, 1795415671000000, 4102444800000000, NULL, NULL, '', '', 'a|01a2071d02417592898548167107215a|01a2071d023d7185a261bd9ec1a1778b', 0, '', NULL, NULL, 0, 0);
INSERT INTO conversions (id, project_id, account_id, network, kind, target, name, value, currency, occurred_at, created_at, event_id, subscriber_id, messenger, user_id, source, click_id, episode_id, status, status_reason, attempts, not_before, expires_at, next_attempt_at, delivered_at, batch_id, handle, count_key, attempt_open, lease_owner, lease_until, scheduled_at, schedules, settlements) VALUES ('01a2071d02457c6682894ca25d6c6c2f', '01a2071d02357c31a49316693d0ceed0', '01a2071d023c7f70b1895e0ef4f5021a', 'facebook', 'goal', 'userDidSharePhone', 'userDidSharePhone', NULL, 'RUB', 1795415671364748, 1795415671364831, '01a2071d024475c68b00fe5f0b8c8cd8-0', '01a2071d02417bca8c1bb788dbb82c9b', 'telegram', 11, 'Autumn', '01a2071d023f7a959e6df82c425b6998', '01a2071d02417592898548167107215a', 'delivered', '', 1, 1795415671364748, 4102444800000000, NULL, 1795415671392123, '01a2071d025770e9b5d17ee3349e0140', '', 'g|01a2071d02417592898548167107215a|01a2071d023c7f70b1895e0ef4f5021a|userDidSharePhone', 0, '', NULL, NULL, 1, 1);
INSERT INTO conversions (id, project_id, account_id, network, kind, target, name, value, currency, occurred_at, created_at, event_id, subscriber_id, messenger, user_id, source, click_id, episode_id, status, status_reason, attempts, not_before, expires_at, next_attempt_at, delivered_at, batch_id, handle, count_key, attempt_open, lease_owner, lease_until, scheduled_at, schedules, settlements) VALUES ('01a2071d024571a1af8441e99a5f8683', '01a2071d02357c31a49316693d0ceed0', '01a2071d023d7185a261bd9ec1a1778b', 'webhook', 'goal', 'userDidSharePhone', 'userDidSharePhone', NULL, 'RUB', 1795415671364748, 1795415671364831, '01a2071d024475c68b00fe5f0b8c8cd8-0', '01a2071d02417bca8c1bb788dbb82c9b', 'telegram', 11, 'Autumn', '01a2071d023f7a959e6df82c425b6998', '01a2071d02417592898548167107215a', 'parked', 'the ad account is paused', 0, 1795415671364748, 4102444800000000, NULL, NULL, '', '', 'g|01a2071d02417592898548167107215a|01a2071d023d7185a261bd9ec1a1778b|userDidSharePhone', 0, '', NULL, NULL, 0, 0);
INSERT INTO counters (project_id, second_at, hour_at, day_at, in_second, in_hour, in_day) VALUES ('01a2071d02357c31a49316693d0ceed0', 1795415671000000, 1795413600000000, 1795392000000000, 6, 6, 6);
INSERT INTO episodes (id, project_id, subscriber_id, opened_at, closed_at, link_id, click_id, touch) VALUES ('01a2071d02417592898548167107215a', '01a2071d02357c31a49316693d0ceed0', '01a2071d02417bca8c1bb788dbb82c9b', 1795415671000000, NULL, '01a2071d02397b00b838075b2a848844', '01a2071d023f7a959e6df82c425b6998', '{"at":"2026-11-23T06:34:31Z","start_value":"PJ041053826113aa4ce6d9","link_id":"01a2071d02397b00b838075b2a848844","click_id":"01a2071d023f7a959e6df82c425b6998","source":"Autumn","utm":{"source":"yandex","campaign":"may"},"reason":"click","confidence":1}');
INSERT INTO episodes (id, project_id, subscriber_id, opened_at, closed_at, link_id, click_id, touch) VALUES ('01a2071d02537fba88a4796ed53062df', '01a2071d02357c31a49316693d0ceed0', '01a2071d025378639ee5f99069e592e7', 1795415671377673, NULL, '', '', '{"at":"2026-11-23T06:34:31.377673Z","start_value":"friend","source":"friend","reason":"start_value","confidence":1}');
INSERT INTO event_keys (project_id, key, event_id, at) VALUES ('01a2071d02357c31a49316693d0ceed0', 'same:add_event:0:bec2b9b6a35f39c3ba1de91217bec2fe', '01a2071d025b7d2fb208d0546e036c29-0', 4102444800000000);
INSERT INTO event_keys (project_id, key, event_id, at) VALUES ('01a2071d02357c31a49316693d0ceed0', 'update:1:bot_started:11:1795415671000000', '01a2071d02417bfd939fed39cab09571-0', 4102444800000000);
INSERT INTO events (id, project_id, recorded_at, request_id, subscriber_id, episode_id, type, occurred_at, received_at, seq, change, link_id, click_id, touch, chat_id, invite_link, name, target, result, amount, raw_amount, currency, labels, goal_state) VALUES ('01a2071d02417bfd939fed39cab09571-0', '01a2071d02357c31a49316693d0ceed0', 1795415671361597, '01a2071d02417bfd939fed39cab09571', '01a2071d02417bca8c1bb788dbb82c9b', '01a2071d02417592898548167107215a', 'bot_started', 1795415671000000, 1795415671361406, 1, 'opened', '01a2071d02397b00b838075b2a848844', '01a2071d023f7a959e6df82c425b6998', '{"at":"2026-11-23T06:34:31Z","start_value":"PJ041053826113aa4ce6d9","link_id":"01a2071d02397b00b838075b2a848844","click_id":"01a2071d023f7a959e6df82c425b6998","source":"Autumn","utm":{"source":"yandex","campaign":"may"},"reason":"click","confidence":1}', 0, '', '', '', '', NULL, NULL, '', '', '');
INSERT INTO events (id, project_id, recorded_at, request_id, subscriber_id, episode_id, type, occurred_at, received_at, seq, change, link_id, click_id, touch, chat_id, invite_link, name, target, result, amount, raw_amount, currency, labels, goal_state) VALUES ('01a2071d024475c68b00fe5f0b8c8cd8-0', '01a2071d02357c31a49316693d0ceed0', 1795415671364831, '01a2071d024475c68b00fe5f0b8c8cd8', '01a2071d02417bca8c1bb788dbb82c9b', '01a2071d02417592898548167107215a', 'goal_reached', 1795415671364748, 1795415671364748, 2, '', '', '', '', 0, '', 'userDidSharePhone', '', '', NULL, NULL, '', '', 'counts');
INSERT INTO events (id, project_id, recorded_at, request_id, subscriber_id, episode_id, type, occurred_at, received_at, seq, change, link_id, click_id, touch, chat_id, invite_link, name, target, result, amount, raw_amount, currency, labels, goal_state) VALUES ('01a2071d02517529928a67a6e9d99538-0', '01a2071d02357c31a49316693d0ceed0', 1795415671379298, '01a2071d02517529928a67a6e9d99538', '01a2071d025378639ee5f99069e592e7', '01a2071d02537fba88a4796ed53062df', 'bot_started', 1795415671377673, 1795415671377673, 1, 'opened', '', '', '{"at":"2026-11-23T06:34:31.377673Z","start_value":"friend","source":"friend","reason":"start_value","confidence":1}', 0, '', '', '', '', NULL, NULL, '', '', '');
INSERT INTO events (id, project_id, recorded_at, request_id, subscriber_id, episode_id, type, occurred_at, received_at, seq, change, link_id, click_id, touch, chat_id, invite_link, name, target, result, amount, raw_amount, currency, labels, goal_state) VALUES ('01a2071d02567798af0cd73d818a686c-0', '01a2071d02357c31a49316693d0ceed0', 1795415671384949, '01a2071d02567798af0cd73d818a686c', '01a2071d02597681aba5b538eb871a66', '', 'goal_reached', 1795415671382321, 1795415671382321, 1, '', '', '', '', 0, '', 'waits', '', '', NULL, NULL, '', '', 'waits');
INSERT INTO events (id, project_id, recorded_at, request_id, subscriber_id, episode_id, type, occurred_at, received_at, seq, change, link_id, click_id, touch, chat_id, invite_link, name, target, result, amount, raw_amount, currency, labels, goal_state) VALUES ('01a2071d025b7d2fb208d0546e036c29-0', '01a2071d02357c31a49316693d0ceed0', 1795415671393795, '01a2071d025b7d2fb208d0546e036c29', '01a2071d02417bca8c1bb788dbb82c9b', '01a2071d02417592898548167107215a', 'funnel_event', 1795415671387217, 1795415671387217, 3, '', '', '', '', 0, '', 'survey', '', 'in_progress', NULL, NULL, '', '', '');
INSERT INTO idempotency_keys (project_id, method, key, body_hash, answer, created_at) VALUES ('01a2071d02357c31a49316693d0ceed0', 'send_reach_goal', 'kept-key', X'3C3363B35166048066086126442682E758A8A9E359F9ACB4913D619AB6A323C4', X'7B226576656E7473223A5B7B226964223A2230316132303731643032343437356336386230306665356630623863386364382D30222C2274797065223A22676F616C5F72656163686564222C226475706C6963617465223A66616C73657D5D7D', 4102444800000000);
INSERT INTO links (id, project_id, name, invite_link, invite_key, utm, start_value, created_at) VALUES ('01a2071d02397b00b838075b2a848844', '01a2071d02357c31a49316693d0ceed0', 'Autumn', '', '', '{"source":"yandex","campaign":"may"}', 'PJc1655e02014bf0923d1f', 1795415671353703);
INSERT INTO meta (key, value) VALUES ('secret_key_id', '4e7c9fd2573a5071');
INSERT INTO meta (key, value) VALUES ('admin_token_hash', '4947c71cfcbf94f6d1ffc1dba02c1f65fe93f862ccd4e79c744ded20c9cd626d');
INSERT INTO outbox (id, event_id, project_id, type, payload) VALUES (6, '01a2071d025b7d2fb208d0546e036c29-0', '01a2071d02357c31a49316693d0ceed0', 'funnel_event', X'7B22736368656D61223A227467747261636B2E6576656E742E7631222C226964223A2230316132303731643032356237643266623230386430353436653033366332392D30222C2270726F6A6563745F6964223A223031613230373164303233353763333161343933313636393364306365656430222C22726571756573745F6964223A223031613230373164303235623764326662323038643035343665303336633239222C22737562736372696265725F6964223A223031613230373164303234313762636138633162623738386462623832633962222C22657069736F64655F6964223A223031613230373164303234313735393238393835343831363731303732313561222C2274797065223A2266756E6E656C5F6576656E74222C226F636375727265645F6174223A22323032362D31312D32335430363A33343A33312E3338373231375A222C2272656365697665645F6174223A22323032362D31312D32335430363A33343A33312E3338373231375A222C22736571223A332C226E616D65223A22737572766579222C22726573756C74223A22696E5F70726F6772657373227D');
INSERT INTO projects (id, name, kind, username, constructor, mode, timezone, currency, attribution, send_guesses, enabled, amount_unit, per_second, per_hour, per_day, created_at, deleted_at) VALUES ('01a2071d02357c31a49316693d0ceed0', 'Upgrade bot', 'bot', 'upgrade_bot', 'telegram', 'production', 'Europe/Moscow', 'RUB', 'last', 0, 1, '', 0, 500, 5000, 1795415671349035, NULL);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (1, 'projects', 1795415671298102);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (2, 'people', 1795415671309315);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (3, 'events', 1795415671316752);
INSERT INTO schema_migrations (version, name, applied_at) VALUES (4, 'conversions', 1795415671318604);
INSERT INTO subscribers (id, project_id, messenger, user_id, username, first_name, last_name, language, is_premium, first_seen, seq, subscribed, episode_id, episode_at, stopped_at, first_join, last_start, first_source, first_utm, first_attributed, touches, waiting_goals, search) VALUES ('01a2071d02417bca8c1bb788dbb82c9b', '01a2071d02357c31a49316693d0ceed0', 'telegram', 11, 'vera', 'Вера', '', '', NULL, 1795415671361597, 3, 1, '01a2071d02417592898548167107215a', 1795415671000000, NULL, 1795415671000000, NULL, 'Autumn', '{"source":"yandex","campaign":"may"}', 1, '[{"at":"2026-11-23T06:34:31Z","start_value":"PJ041053826113aa4ce6d9","link_id":"01a2071d02397b00b838075b2a848844","click_id":"01a2071d023f7a959e6df82c425b6998","source":"Autumn","utm":{"source":"yandex","campaign":"may"},"reason":"click","confidence":1}]', 0, 'вера
vera
11');
INSERT INTO subscribers (id, project_id, messenger, user_id, username, first_name, last_name, language, is_premium, first_seen, seq, subscribed, episode_id, episode_at, stopped_at, first_join, last_start, first_source, first_utm, first_attributed, touches, waiting_goals, search) VALUES ('01a2071d025378639ee5f99069e592e7', '01a2071d02357c31a49316693d0ceed0', 'telegram', 12, '', 'Ivan', '', '', NULL, 1795415671379298, 1, 1, '01a2071d02537fba88a4796ed53062df', 1795415671377673, NULL, 1795415671377673, NULL, 'friend', '', 0, '', 0, 'ivan
12');
INSERT INTO subscribers (id, project_id, messenger, user_id, username, first_name, last_name, language, is_premium, first_seen, seq, subscribed, episode_id, episode_at, stopped_at, first_join, last_start, first_source, first_utm, first_attributed, touches, waiting_goals, search) VALUES ('01a2071d02597681aba5b538eb871a66', '01a2071d02357c31a49316693d0ceed0', 'telegram', 13, '', '', '', '', NULL, 1795415671384949, 1, 0, '', NULL, NULL, NULL, NULL, '', '', 0, '', 1, '
13');
INSERT INTO waiting_goals (event_id, project_id, subscriber_id, target, amount, raw_amount, currency, occurred_at, until) VALUES ('01a2071d02567798af0cd73d818a686c-0', '01a2071d02357c31a49316693d0ceed0', '01a2071d02597681aba5b538eb871a66', 'waits', NULL, NULL, '', 1795415671382321, 4102444800000000);
CREATE INDEX ad_accounts_project ON ad_accounts (project_id, id);
CREATE INDEX api_keys_project ON api_keys (project_id);
CREATE INDEX attempts_conversion ON attempts (conversion_id, id);
CREATE INDEX clicks_claimed ON clicks (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX clicks_counted ON clicks (link_id, at) WHERE robot = FALSE;
CREATE INDEX clicks_free ON clicks (project_id, at DESC, id DESC) WHERE claimed_by IS NULL AND robot = FALSE;
CREATE INDEX clicks_free_of_link ON clicks (link_id, at DESC, id DESC) WHERE claimed_by IS NULL AND robot = FALSE;
CREATE INDEX clicks_reported ON clicks (project_id, at) WHERE robot = FALSE;
CREATE INDEX conversions_account ON conversions (account_id, status);
CREATE INDEX conversions_due ON conversions (next_attempt_at)
    WHERE status IN ('pending', 'retrying', 'accepted', 'parked') AND next_attempt_at IS NOT NULL AND scheduled_at IS NULL;
CREATE INDEX conversions_expiry ON conversions (expires_at)
    WHERE status IN ('pending', 'retrying', 'parked');
CREATE INDEX conversions_handed ON conversions (scheduled_at)
    WHERE status IN ('pending', 'retrying', 'accepted', 'parked') AND scheduled_at IS NOT NULL;
CREATE INDEX conversions_person ON conversions (subscriber_id);
CREATE INDEX conversions_project ON conversions (project_id, id);
CREATE INDEX conversions_reported ON conversions (project_id, occurred_at);
CREATE INDEX episodes_link ON episodes (link_id) WHERE link_id <> '';
CREATE INDEX episodes_person ON episodes (subscriber_id, opened_at);
CREATE INDEX episodes_reported ON episodes (project_id, opened_at);
CREATE INDEX event_keys_age ON event_keys (at);
CREATE INDEX event_keys_short ON event_keys (at) WHERE substr(key, 1, 5) = 'same:';
CREATE INDEX events_person ON events (project_id, subscriber_id, seq);
CREATE INDEX events_reported ON events (project_id, occurred_at);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
CREATE INDEX links_invite ON links (project_id, invite_key) WHERE invite_key <> '';
CREATE INDEX links_name ON links (project_id, name);
CREATE INDEX links_project ON links (project_id, id);
CREATE UNIQUE INDEX subscribers_person ON subscribers (project_id, messenger, user_id) WHERE user_id <> 0;
CREATE INDEX subscribers_project ON subscribers (project_id, id);
CREATE INDEX waiting_goals_person ON waiting_goals (subscriber_id);
CREATE INDEX waiting_goals_until ON waiting_goals (until);
