-- API keys that have a name, any number for an account. Of the key itself only the SHA-256 is kept, in hexadecimal digits, and
-- how it begins. allowed_paths: a JSON list; NULL: every path. expires_at NULL: no end.
CREATE TABLE rosterd_api_key (
    id text COLLATE "C" PRIMARY KEY,
    user_id varchar(255) COLLATE "C" NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    name text NOT NULL,
    hash text COLLATE "C" NOT NULL UNIQUE,
    prefix text NOT NULL,
    read_only boolean NOT NULL,
    allowed_paths text,
    created_at bigint NOT NULL,
    expires_at bigint,
    last_used_at bigint
);
CREATE INDEX rosterd_ix_rosterd_api_key_user_id ON rosterd_api_key (user_id);
