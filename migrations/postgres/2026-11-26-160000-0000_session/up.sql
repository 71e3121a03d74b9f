-- The sessions that rosterd opened. A token that names one is refused once the row is gone or has an end.
CREATE TABLE rosterd_session (
    id text COLLATE "C" PRIMARY KEY,
    user_id text NOT NULL,
    method text NOT NULL,
    created_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    expires_at bigint,
    ended_at bigint,
    client_ip text,
    user_agent text
);
CREATE INDEX rosterd_ix_session_user_id ON rosterd_session (user_id, created_at, id);
CREATE INDEX rosterd_ix_session_expires_at ON rosterd_session (expires_at);
