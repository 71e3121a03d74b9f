-- Attempts to sign in, as they are counted for all servers on this database. A place is a hash of the client IP, of the
-- e-mail address or of both; there is a fixed number of places. Times are seconds of the database's clock.
CREATE TABLE rosterd_attempt (
    place BIGINT PRIMARY KEY NOT NULL,
    began_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    attempts_before BIGINT NOT NULL
) WITHOUT ROWID;
