-- Identity providers that make and change accounts and groups by SCIM: the hash of the token, the one before it that still counts for
-- a while, and what the connection may do.
CREATE TABLE rosterd_scim_connection (
    id text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    token_hash text COLLATE "C" NOT NULL UNIQUE,
    old_token_hash text COLLATE "C" UNIQUE,
    old_token_until bigint,
    default_role text NOT NULL,
    links_by_email boolean NOT NULL,
    takes_passwords boolean NOT NULL,
    deletes_accounts boolean NOT NULL,
    group_rule text NOT NULL,
    created_at bigint NOT NULL,
    created_by text,
    last_used_at bigint
);
-- Accounts that a connection made, or was linked to, with what it sent of each. `hidden_at`: the connection has deleted it, and sees it
-- no more. `suspended_since`: the beginning of the suspension, where the connection wants the account to be suspended. What ends in
-- `_key` is the text as it is compared: NFC, in small letters.
CREATE TABLE rosterd_scim_user (
    connection_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    made boolean NOT NULL,
    hidden_at bigint,
    suspended_since bigint,
    user_name text NOT NULL,
    user_name_key text COLLATE "C" NOT NULL,
    external_id text COLLATE "C",
    display_name text,
    display_key text COLLATE "C",
    formatted text,
    formatted_key text COLLATE "C",
    family_name text,
    family_key text COLLATE "C",
    given_name text,
    given_key text COLLATE "C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (connection_id, user_id),
    UNIQUE (connection_id, user_name_key)
);
CREATE INDEX rosterd_ix_scim_user_external_id ON rosterd_scim_user (connection_id, external_id);
CREATE INDEX rosterd_ix_scim_user_display_key ON rosterd_scim_user (connection_id, display_key);
CREATE INDEX rosterd_ix_scim_user_created_at ON rosterd_scim_user (connection_id, created_at, user_id);
CREATE INDEX rosterd_ix_scim_user_user_id ON rosterd_scim_user (user_id);
-- Their e-mail addresses, in the order in which they were sent: `position` is 0000, 0001 and so on.
CREATE TABLE rosterd_scim_email (
    connection_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    position text COLLATE "C" NOT NULL,
    value text NOT NULL,
    value_key text COLLATE "C" NOT NULL,
    display text,
    display_key text COLLATE "C",
    kind text,
    kind_key text COLLATE "C",
    is_primary boolean,
    PRIMARY KEY (connection_id, user_id, position)
);
CREATE INDEX rosterd_ix_scim_email_value_key ON rosterd_scim_email (connection_id, value_key);
CREATE INDEX rosterd_ix_scim_email_user_id ON rosterd_scim_email (user_id);
-- Groups that a connection made, or was linked to.
CREATE TABLE rosterd_scim_group (
    connection_id text COLLATE "C" NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    made boolean NOT NULL,
    hidden_at bigint,
    display_name text NOT NULL,
    display_key text COLLATE "C" NOT NULL,
    external_id text COLLATE "C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (connection_id, group_id)
);
CREATE INDEX rosterd_ix_scim_group_external_id ON rosterd_scim_group (connection_id, external_id);
CREATE INDEX rosterd_ix_scim_group_display_key ON rosterd_scim_group (connection_id, display_key);
CREATE INDEX rosterd_ix_scim_group_created_at ON rosterd_scim_group (connection_id, created_at, group_id);
CREATE INDEX rosterd_ix_scim_group_group_id ON rosterd_scim_group (group_id);
