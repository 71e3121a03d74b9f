-- The tables that Open WebUI also has keep its names, columns and types. Text that is sorted or looked up has collation
-- "C": code point order (rule L1), the same on every machine and on SQLite, and usable by the indexes below.
CREATE TABLE "user" (
    id varchar(255) COLLATE "C" PRIMARY KEY,
    name varchar(255) COLLATE "C" NOT NULL,
    -- As EmailAddress gives it, lower case included: that is what makes this index enforce rule R2.
    email varchar(255) COLLATE "C" NOT NULL,
    role varchar(255) COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    last_active_at bigint NOT NULL,
    username varchar(50),
    gender text,
    date_of_birth date,
    timezone varchar,
    presence_state varchar,
    status_emoji varchar,
    status_message text,
    status_expires_at bigint,
    bio text,
    info json,
    settings json,
    oauth json,
    profile_image_url text NOT NULL,
    profile_banner_image_url text
);
CREATE UNIQUE INDEX rosterd_ux_user_email ON "user" (email);
-- One for each order of a list (rule L1), ending in the tie-breaker.
CREATE INDEX rosterd_ix_user_name ON "user" (name, id);
CREATE INDEX rosterd_ix_user_email ON "user" (email, id);
CREATE INDEX rosterd_ix_user_role ON "user" (role, id);
CREATE INDEX rosterd_ix_user_created_at ON "user" (created_at, id);
CREATE INDEX rosterd_ix_user_updated_at ON "user" (updated_at, id);
CREATE INDEX rosterd_ix_user_last_active_at ON "user" (last_active_at, id);

CREATE TABLE auth (
    id varchar(255) COLLATE "C" PRIMARY KEY,
    email varchar(255) COLLATE "C" NOT NULL,
    password text NOT NULL,
    active boolean NOT NULL,
    -- A token issued under another stamp is refused; NULL until the password first changes.
    session_stamp text
);
CREATE UNIQUE INDEX rosterd_ux_auth_email ON auth (email);

CREATE TABLE api_key (
    id text COLLATE "C" PRIMARY KEY,
    user_id varchar(255) COLLATE "C" REFERENCES "user" (id) ON DELETE CASCADE,
    key text COLLATE "C" NOT NULL UNIQUE,
    data json,
    expires_at bigint,
    last_used_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX rosterd_ix_api_key_user_id ON api_key (user_id);

CREATE TABLE "group" (
    id text COLLATE "C" PRIMARY KEY,
    user_id text,
    name text COLLATE "C",
    description text,
    data json,
    meta json,
    permissions json,
    created_at bigint,
    updated_at bigint
);
CREATE INDEX rosterd_ix_group_updated_at ON "group" (updated_at, id);
CREATE INDEX rosterd_ix_group_name ON "group" (name);

CREATE TABLE group_member (
    id text COLLATE "C" PRIMARY KEY,
    group_id text COLLATE "C" NOT NULL REFERENCES "group" (id) ON DELETE CASCADE,
    user_id varchar(255) COLLATE "C" NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    created_at bigint,
    updated_at bigint,
    UNIQUE (group_id, user_id)
);
CREATE INDEX rosterd_ix_group_member_user_id ON group_member (user_id, group_id);

CREATE TABLE oauth_session (
    id text COLLATE "C" PRIMARY KEY,
    user_id varchar(255) COLLATE "C" NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    provider text NOT NULL,
    token text NOT NULL,
    expires_at bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX rosterd_ix_oauth_session_user_id ON oauth_session (user_id);

-- Only what tells whose a chat is.
CREATE TABLE chat (
    id varchar(255) COLLATE "C" PRIMARY KEY,
    user_id varchar(255) COLLATE "C" NOT NULL,
    share_id varchar(255) COLLATE "C" UNIQUE
);
CREATE INDEX rosterd_ix_chat_user_id ON chat (user_id);

-- One row a dotted path, as the newer Open WebUI keeps it.
CREATE TABLE config (
    key text COLLATE "C" PRIMARY KEY,
    value json NOT NULL,
    updated_at bigint
);

CREATE TABLE rosterd_revoked_token (
    jti text COLLATE "C" PRIMARY KEY,
    expires_at bigint
);
CREATE INDEX rosterd_ix_revoked_token_expires_at ON rosterd_revoked_token (expires_at);

-- How many users there are, without counting them. Once for each statement, however many rows it inserts.
CREATE TABLE rosterd_counter (
    name text COLLATE "C" PRIMARY KEY,
    value bigint NOT NULL
);
INSERT INTO rosterd_counter (name, value) VALUES ('users', 0);
CREATE FUNCTION rosterd_count_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE rosterd_counter SET value = value + (SELECT count(*) FROM changed) WHERE name = 'users';
    ELSE
        UPDATE rosterd_counter SET value = value - (SELECT count(*) FROM changed) WHERE name = 'users';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER rosterd_tr_user_added AFTER INSERT ON "user"
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rosterd_count_users();
CREATE TRIGGER rosterd_tr_user_removed AFTER DELETE ON "user"
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rosterd_count_users();

-- Name and e-mail address folded by rosterd, the same way as on SQLite, joined by a line feed.
CREATE TABLE rosterd_user_search (
    user_id varchar(255) COLLATE "C" PRIMARY KEY REFERENCES "user" (id) ON DELETE CASCADE,
    folded text COLLATE "C" NOT NULL
);
-- An extension needs a right that the role may not have; without it a search reads the table above from end to end.
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX rosterd_ix_user_search_trgm ON rosterd_user_search USING gin (folded gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'no trigram index: %', SQLERRM;
END
$$;
