-- Identity providers that make and change accounts and groups by SCIM: the hash of the token, the one before it that still counts for
-- a while, and what the connection may do.
CREATE TABLE rosterd_scim_connection (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    token_hash TEXT NOT NULL UNIQUE,
    old_token_hash TEXT UNIQUE,
    old_token_until BIGINT,
    default_role TEXT NOT NULL,
    links_by_email BOOLEAN NOT NULL,
    takes_passwords BOOLEAN NOT NULL,
    deletes_accounts BOOLEAN NOT NULL,
    group_rule TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT,
    last_used_at BIGINT
) WITHOUT ROWID;
-- Accounts that a connection made, or was linked to, with what it sent of each. `hidden_at`: the connection has deleted it, and sees it
-- no more. `suspended_since`: the beginning of the suspension, where the connection wants the account to be suspended. What ends in
-- `_key` is the text as it is compared: NFC, in small letters.
CREATE TABLE rosterd_scim_user (
    connection_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    made BOOLEAN NOT NULL,
    hidden_at BIGINT,
    suspended_since BIGINT,
    user_name TEXT NOT NULL,
    user_name_key TEXT NOT NULL,
    external_id TEXT,
    display_name TEXT,
    display_key TEXT,
    formatted TEXT,
    formatted_key TEXT,
    family_name TEXT,
    family_key TEXT,
    given_name TEXT,
    given_key TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (connection_id, user_id),
    UNIQUE (connection_id, user_name_key)
) WITHOUT ROWID;
CREATE INDEX rosterd_ix_scim_user_external_id ON rosterd_scim_user (connection_id, external_id);
CREATE INDEX rosterd_ix_scim_user_display_key ON rosterd_scim_user (connection_id, display_key);
CREATE INDEX rosterd_ix_scim_user_created_at ON rosterd_scim_user (connection_id, created_at, user_id);
CREATE INDEX rosterd_ix_scim_user_user_id ON rosterd_scim_user (user_id);
-- Their e-mail addresses, in the order in which they were sent: `position` is 0000, 0001 and so on.
CREATE TABLE rosterd_scim_email (
    connection_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    position TEXT NOT NULL,
    value TEXT NOT NULL,
    value_key TEXT NOT NULL,
    display TEXT,
    display_key TEXT,
    kind TEXT,
    kind_key TEXT,
    is_primary BOOLEAN,
    PRIMARY KEY (connection_id, user_id, position)
) WITHOUT ROWID;
CREATE INDEX rosterd_ix_scim_email_value_key ON rosterd_scim_email (connection_id, value_key);
CREATE INDEX rosterd_ix_scim_email_user_id ON rosterd_scim_email (user_id);
-- Groups that a connection made, or was linked to.
CREATE TABLE rosterd_scim_group (
    connection_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    made BOOLEAN NOT NULL,
    hidden_at BIGINT,
    display_name TEXT NOT NULL,
    display_key TEXT NOT NULL,
    external_id TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (connection_id, group_id)
) WITHOUT ROWID;
CREATE INDEX rosterd_ix_scim_group_external_id ON rosterd_scim_group (connection_id, external_id);
CREATE INDEX rosterd_ix_scim_group_display_key ON rosterd_scim_group (connection_id, display_key);
CREATE INDEX rosterd_ix_scim_group_created_at ON rosterd_scim_group (connection_id, created_at, group_id);
CREATE INDEX rosterd_ix_scim_group_group_id ON rosterd_scim_group (group_id);
