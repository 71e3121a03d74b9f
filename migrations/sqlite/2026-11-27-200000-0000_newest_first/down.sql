DROP INDEX rosterd_ix_user_created_at;
CREATE INDEX rosterd_ix_user_created_at ON "user" (created_at, id);
