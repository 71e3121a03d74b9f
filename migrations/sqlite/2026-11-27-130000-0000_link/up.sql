-- One-time links: for whom and what for, the hash of the token, who made it (NULL: nobody in particular) and how long it can be
-- used. A link for an account takes the place of the one of its kind.
CREATE TABLE rosterd_link (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    user_id TEXT NOT NULL,
    email TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    maker TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (user_id, kind)
) WITHOUT ROWID;
