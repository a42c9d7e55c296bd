-- People are also listed by whether they are subscribed, and found by their id
-- whatever the messenger.
DROP INDEX subscribers_listed;
DROP INDEX subscribers_of_source;
DROP INDEX subscribers_person;
CREATE INDEX subscribers_listed ON subscribers (project_id, subscribed, first_seen, id) WHERE user_id <> 0;
CREATE INDEX subscribers_of_source ON subscribers (project_id, first_source, subscribed, first_seen, id) WHERE user_id <> 0;
CREATE UNIQUE INDEX subscribers_person ON subscribers (project_id, user_id, messenger) WHERE user_id <> 0;

-- The conversions of a project and of an ad account are listed by their status.
DROP INDEX conversions_project;
DROP INDEX conversions_account;
CREATE INDEX conversions_project ON conversions (project_id, status, id);
CREATE INDEX conversions_account ON conversions (account_id, status, id);
