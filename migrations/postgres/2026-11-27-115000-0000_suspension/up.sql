-- Accounts that are suspended: since when, until when (NULL: until somebody ends it), why, and what they are again afterwards:
-- their role, and whether they may sign in. Meanwhile the row of `user` has the role pending, and that of `auth` is not active.
CREATE TABLE rosterd_suspension (
    user_id text COLLATE "C" PRIMARY KEY,
    since bigint NOT NULL,
    until bigint,
    reason text,
    role text NOT NULL,
    active boolean NOT NULL
);
