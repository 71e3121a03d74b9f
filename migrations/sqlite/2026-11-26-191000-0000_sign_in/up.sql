-- When each account signed in, and how many attempts to sign in opened no session: since then, and between that sign-in and the
-- one before it.
CREATE TABLE rosterd_sign_in (
    user_id TEXT PRIMARY KEY NOT NULL,
    signed_in_at BIGINT,
    failed BIGINT NOT NULL,
    failed_at BIGINT,
    previous_at BIGINT,
    failed_before BIGINT NOT NULL
) WITHOUT ROWID;
