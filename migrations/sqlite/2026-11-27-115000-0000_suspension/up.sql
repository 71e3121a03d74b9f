-- Accounts that are suspended: since when, until when (NULL: until somebody ends it), why, and what they are again afterwards:
-- their role, and whether they may sign in. Meanwhile the row of `user` has the role pending, and that of `auth` is not active.
CREATE TABLE rosterd_suspension (
    user_id TEXT PRIMARY KEY NOT NULL,
    since BIGINT NOT NULL,
    until BIGINT,
    reason TEXT,
    role TEXT NOT NULL,
    active BOOLEAN NOT NULL
) WITHOUT ROWID;
