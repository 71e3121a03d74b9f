-- The sessions that rosterd opened. A token that names one is refused once the row is gone or has an end.
CREATE TABLE rosterd_session (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL,
    method TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT,
    ended_at BIGINT,
    client_ip TEXT,
    user_agent TEXT
) WITHOUT ROWID;
CREATE INDEX rosterd_ix_session_user_id ON rosterd_session (user_id, created_at, id);
CREATE INDEX rosterd_ix_session_expires_at ON rosterd_session (expires_at);
