-- Attempts to sign in, as they are counted for all servers on this database. A place is a hash of the client IP, of the
-- e-mail address or of both; there is a fixed number of places. Times are seconds of the database's clock.
CREATE TABLE rosterd_attempt (
    place bigint PRIMARY KEY,
    began_at bigint NOT NULL,
    attempts bigint NOT NULL,
    attempts_before bigint NOT NULL
) WITH (fillfactor = 50);
