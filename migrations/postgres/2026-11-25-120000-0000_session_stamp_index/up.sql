-- Every request asks for the stamp of its caller: found in the index alone.
CREATE INDEX rosterd_ix_auth_session_stamp ON auth (id, session_stamp);
