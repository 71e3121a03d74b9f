-- All columns of the list of all users, in its order: it is read from the index alone. An account stands in the table where it came
-- in, such as in the order of a file that was imported, so a walk along an index without them reads another page for each row.
DROP INDEX rosterd_ix_user_created_at;
CREATE INDEX rosterd_ix_user_created_at ON "user"
    (created_at, id, name, email, role, status_emoji, status_message, status_expires_at, bio, timezone, last_active_at);
