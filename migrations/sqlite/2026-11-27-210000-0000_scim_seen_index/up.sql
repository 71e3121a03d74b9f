-- The users that a connection sees, in the order in which it lists them: their pages and their number are found in this index alone.
CREATE INDEX rosterd_ix_scim_user_seen ON rosterd_scim_user (connection_id, hidden_at, created_at, user_id);
DROP INDEX rosterd_ix_scim_user_created_at;
