-- Mails that the server sends by itself. One without `next_attempt_at` has ended. Neither texts nor tokens of links are stored.
CREATE TABLE rosterd_mail (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    user_id TEXT,
    recipient TEXT NOT NULL,
    language TEXT NOT NULL,
    link_id TEXT,
    data TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    sent_at BIGINT
) WITHOUT ROWID;
CREATE INDEX rosterd_ix_mail_due ON rosterd_mail (next_attempt_at, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX rosterd_ix_mail_state ON rosterd_mail (state, id);
CREATE INDEX rosterd_ix_mail_user_id ON rosterd_mail (user_id);
