-- What a network warned of when it took a conversion, and when it did last.
ALTER TABLE ad_accounts ADD COLUMN network_warning TEXT NOT NULL DEFAULT '';
ALTER TABLE ad_accounts ADD COLUMN network_warned_at INTEGER;
