-- People are found by how their names begin, and listed from the newest on.
-- Last name and first name in lower case, for whoever has a last name.
ALTER TABLE subscribers ADD COLUMN search_last TEXT NOT NULL DEFAULT '';
UPDATE subscribers SET search_last = trim(CASE WHEN first_name = '' THEN substr(search, 1, length(last_name))
    ELSE substr(search, length(first_name) + 2, length(last_name)) || ' ' || substr(search, 1, length(first_name)) END)
    WHERE last_name <> '';
CREATE INDEX subscribers_listed ON subscribers (project_id, first_seen, id) WHERE user_id <> 0;
CREATE INDEX subscribers_of_source ON subscribers (project_id, first_source, first_seen, id) WHERE user_id <> 0;
CREATE INDEX subscribers_search ON subscribers (project_id, search) WHERE user_id <> 0;
CREATE INDEX subscribers_search_last ON subscribers (project_id, search_last) WHERE search_last <> '';
CREATE INDEX subscribers_username ON subscribers (project_id, lower(username)) WHERE username <> '';
