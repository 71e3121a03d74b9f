DROP INDEX rosterd_ix_auth_state;
CREATE INDEX rosterd_ix_auth_session_stamp ON auth (id, session_stamp);
