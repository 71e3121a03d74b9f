-- The tables that Open WebUI also has keep its names, columns and types. Columns that may grow large stand last: SQLite
-- reads a row from the front and need not follow them into overflow pages.
CREATE TABLE "user" (
    id VARCHAR(255) NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    -- As EmailAddress gives it, lower case included: that is what makes this index enforce rule R2.
    email VARCHAR(255) NOT NULL,
    role VARCHAR(255) NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_active_at BIGINT NOT NULL,
    username VARCHAR(50),
    gender TEXT,
    date_of_birth DATE,
    timezone VARCHAR,
    presence_state VARCHAR,
    status_emoji VARCHAR,
    status_message TEXT,
    status_expires_at BIGINT,
    bio TEXT,
    info JSON,
    settings JSON,
    oauth JSON,
    profile_image_url TEXT NOT NULL,
    profile_banner_image_url TEXT
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
    id VARCHAR(255) NOT NULL PRIMARY KEY,
    email VARCHAR(255) NOT NULL,
    password TEXT NOT NULL,
    active INTEGER NOT NULL,
    -- A token issued under another stamp is refused; NULL until the password first changes.
    session_stamp TEXT
);
CREATE UNIQUE INDEX rosterd_ux_auth_email ON auth (email);

CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT REFERENCES "user" (id) ON DELETE CASCADE,
    "key" TEXT NOT NULL UNIQUE,
    data JSON,
    expires_at BIGINT,
    last_used_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX rosterd_ix_api_key_user_id ON api_key (user_id);

CREATE TABLE "group" (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT,
    name TEXT,
    description TEXT,
    data JSON,
    meta JSON,
    permissions JSON,
    created_at BIGINT,
    updated_at BIGINT
);
CREATE INDEX rosterd_ix_group_updated_at ON "group" (updated_at, id);
CREATE INDEX rosterd_ix_group_name ON "group" (name);

CREATE TABLE group_member (
    id TEXT NOT NULL PRIMARY KEY,
    group_id TEXT NOT NULL REFERENCES "group" (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    created_at BIGINT,
    updated_at BIGINT,
    UNIQUE (group_id, user_id)
);
CREATE INDEX rosterd_ix_group_member_user_id ON group_member (user_id, group_id);

CREATE TABLE oauth_session (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    token TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX rosterd_ix_oauth_session_user_id ON oauth_session (user_id);

-- Only what tells whose a chat is.
CREATE TABLE chat (
    id VARCHAR(255) NOT NULL PRIMARY KEY,
    user_id VARCHAR(255) NOT NULL,
    share_id VARCHAR(255) UNIQUE
);
CREATE INDEX rosterd_ix_chat_user_id ON chat (user_id);

-- One row a dotted path, as the newer Open WebUI keeps it.
CREATE TABLE config (
    "key" TEXT NOT NULL PRIMARY KEY,
    value JSON NOT NULL,
    updated_at BIGINT
);

CREATE TABLE rosterd_revoked_token (
    jti TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT
);
CREATE INDEX rosterd_ix_revoked_token_expires_at ON rosterd_revoked_token (expires_at);

-- How many users there are, without counting them.
CREATE TABLE rosterd_counter (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO rosterd_counter (name, value) VALUES ('users', 0);
CREATE TRIGGER rosterd_tr_user_added AFTER INSERT ON "user" BEGIN
    UPDATE rosterd_counter SET value = value + 1 WHERE name = 'users';
END;
CREATE TRIGGER rosterd_tr_user_removed AFTER DELETE ON "user" BEGIN
    UPDATE rosterd_counter SET value = value - 1 WHERE name = 'users';
END;

-- Name and e-mail address folded by rosterd (SQLite's lower() knows ASCII only), joined by a line feed. The row
-- number has a name of its own because the index below refers to it, and VACUUM may renumber rows that have none.
CREATE TABLE rosterd_user_search (
    id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE REFERENCES "user" (id) ON DELETE CASCADE,
    folded TEXT NOT NULL
);
CREATE VIRTUAL TABLE rosterd_user_fts USING fts5 (
    folded,
    content = 'rosterd_user_search',
    content_rowid = 'id',
    tokenize = 'trigram case_sensitive 1'
);
CREATE TRIGGER rosterd_tr_user_search_added AFTER INSERT ON rosterd_user_search BEGIN
    INSERT INTO rosterd_user_fts (rowid, folded) VALUES (new.id, new.folded);
END;
CREATE TRIGGER rosterd_tr_user_search_removed AFTER DELETE ON rosterd_user_search BEGIN
    INSERT INTO rosterd_user_fts (rosterd_user_fts, rowid, folded) VALUES ('delete', old.id, old.folded);
END;
CREATE TRIGGER rosterd_tr_user_search_changed AFTER UPDATE ON rosterd_user_search BEGIN
    INSERT INTO rosterd_user_fts (rosterd_user_fts, rowid, folded) VALUES ('delete', old.id, old.folded);
    INSERT INTO rosterd_user_fts (rowid, folded) VALUES (new.id, new.folded);
END;
