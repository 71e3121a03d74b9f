-- The set-up token, while there is no account: whoever has it may open the first one. One row at most, which goes with the
-- first account. It is not hashed, because each start prints it again.
CREATE TABLE rosterd_setup_token (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    token TEXT NOT NULL
);
