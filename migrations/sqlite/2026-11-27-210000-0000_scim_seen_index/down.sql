CREATE INDEX rosterd_ix_scim_user_created_at ON rosterd_scim_user (connection_id, created_at, user_id);
DROP INDEX rosterd_ix_scim_user_seen;
