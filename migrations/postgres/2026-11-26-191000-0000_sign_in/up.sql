-- When each account signed in, and how many attempts to sign in opened no session: since then, and between that sign-in and the
-- one before it.
CREATE TABLE rosterd_sign_in (
    user_id text COLLATE "C" PRIMARY KEY,
    signed_in_at bigint,
    failed bigint NOT NULL,
    failed_at bigint,
    previous_at bigint,
    failed_before bigint NOT NULL
);
