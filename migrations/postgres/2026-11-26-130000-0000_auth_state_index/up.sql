-- Every request asks for the stamp of its caller and whether the account is active: found in one index alone.
DROP INDEX rosterd_ix_auth_session_stamp;
CREATE INDEX rosterd_ix_auth_state ON auth (id, session_stamp, active);
