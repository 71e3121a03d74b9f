-- Who does what only one process on this database may do at a time, until when (seconds since the epoch, by the clock of the
-- database).
CREATE TABLE rosterd_lease (
    name text COLLATE "C" PRIMARY KEY,
    holder text NOT NULL,
    until bigint NOT NULL
);
