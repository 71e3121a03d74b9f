-- API keys that have a name, any number for an account. Of the key itself only the SHA-256 is kept, in hexadecimal digits, and
-- how it begins. allowed_paths: a JSON list; NULL: every path. expires_at NULL: no end.
CREATE TABLE rosterd_api_key (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    read_only BOOLEAN NOT NULL,
    allowed_paths TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT
);
CREATE INDEX rosterd_ix_rosterd_api_key_user_id ON rosterd_api_key (user_id);
