-- One-time links: for whom and what for, the hash of the token, who made it (NULL: nobody in particular) and how long it can be
-- used. A link for an account takes the place of the one of its kind.
CREATE TABLE rosterd_link (
    id text COLLATE "C" PRIMARY KEY,
    kind text NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    email text NOT NULL,
    token_hash text COLLATE "C" NOT NULL UNIQUE,
    maker text,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    UNIQUE (user_id, kind)
);
