-- Where events are sent to. Secrets are sealed with a key that is made of the token secret. `position` is that of the last event
-- that was looked at.
CREATE TABLE rosterd_webhook (
    id TEXT PRIMARY KEY NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    description TEXT NOT NULL,
    secret TEXT NOT NULL,
    previous_secret TEXT,
    previous_until BIGINT,
    disabled_at BIGINT,
    disabled_reason TEXT,
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;
-- Events that a webhook is told of. A delivery without `next_at` has ended.
CREATE TABLE rosterd_webhook_delivery (
    webhook_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    tries BIGINT NOT NULL,
    next_at BIGINT,
    last_at BIGINT,
    status BIGINT,
    error TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (webhook_id, event_id)
) WITHOUT ROWID;
CREATE INDEX rosterd_ix_webhook_delivery_position ON rosterd_webhook_delivery (webhook_id, position);
CREATE INDEX rosterd_ix_webhook_delivery_waiting ON rosterd_webhook_delivery (webhook_id, subject, position) WHERE next_at IS NOT NULL;
