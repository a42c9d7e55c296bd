-- People are also listed by whether they are subscribed.
DROP INDEX subscribers_listed;
DROP INDEX subscribers_of_source;
CREATE INDEX subscribers_listed ON subscribers (project_id, subscribed, first_seen, id) WHERE user_id <> 0;
CREATE INDEX subscribers_of_source ON subscribers (project_id, first_source, subscribed, first_seen, id) WHERE user_id <> 0;
