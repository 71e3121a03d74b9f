-- Mails that the server sends by itself. One without `next_attempt_at` has ended. Neither texts nor tokens of links are stored.
CREATE TABLE rosterd_mail (
    id text COLLATE "C" PRIMARY KEY,
    kind text NOT NULL,
    user_id text COLLATE "C",
    recipient text NOT NULL,
    language text NOT NULL,
    link_id text,
    data text NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL,
    next_attempt_at bigint,
    last_error text,
    created_at bigint NOT NULL,
    sent_at bigint
);
CREATE INDEX rosterd_ix_mail_due ON rosterd_mail (next_attempt_at, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX rosterd_ix_mail_state ON rosterd_mail (state, id);
CREATE INDEX rosterd_ix_mail_user_id ON rosterd_mail (user_id);
