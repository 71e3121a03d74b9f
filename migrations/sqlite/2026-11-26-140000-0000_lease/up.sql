-- Who does what only one process on this database may do at a time, until when (seconds since the epoch, by the clock of the
-- database).
CREATE TABLE rosterd_lease (
    name TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL
) WITHOUT ROWID;
