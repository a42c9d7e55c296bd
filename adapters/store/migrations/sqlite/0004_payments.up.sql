-- Sealed: with which constructors sign their requests, by name.
ALTER TABLE projects ADD COLUMN webhook_secrets BLOB;
-- Whether payments that Telegram tells of are read, 'auto' or 'off'; what one
-- star is worth, in millionths of the project's currency, 0 while nobody said.
ALTER TABLE projects ADD COLUMN telegram_payments TEXT NOT NULL DEFAULT 'auto';
ALTER TABLE projects ADD COLUMN star_rate INTEGER NOT NULL DEFAULT 0;

-- Stars that nobody gave a rate for: what was paid less what went back.
ALTER TABLE rollup_days ADD COLUMN stars INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup_hours ADD COLUMN stars INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup_steps ADD COLUMN stars INTEGER NOT NULL DEFAULT 0;
