-- Accounts whose e-mail address is to be confirmed: the role that they get then, and since when they wait. Meanwhile the row of
-- `user` has the role pending. A row of an account with another role counts for nothing.
CREATE TABLE rosterd_unconfirmed (
    user_id text COLLATE "C" PRIMARY KEY,
    role text NOT NULL,
    since bigint NOT NULL
);
