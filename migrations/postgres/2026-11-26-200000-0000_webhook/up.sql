-- Where events are sent to. Secrets are sealed with a key that is made of the token secret. `position` is that of the last event
-- that was looked at.
CREATE TABLE rosterd_webhook (
    id text COLLATE "C" PRIMARY KEY,
    url text NOT NULL,
    events text NOT NULL,
    description text NOT NULL,
    secret text NOT NULL,
    previous_secret text,
    previous_until bigint,
    disabled_at bigint,
    disabled_reason text,
    position bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
-- Events that a webhook is told of. A delivery without `next_at` has ended.
CREATE TABLE rosterd_webhook_delivery (
    webhook_id text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    action text NOT NULL,
    subject text COLLATE "C" NOT NULL,
    tries bigint NOT NULL,
    next_at bigint,
    last_at bigint,
    status bigint,
    error text,
    created_at bigint NOT NULL,
    PRIMARY KEY (webhook_id, event_id)
);
CREATE INDEX rosterd_ix_webhook_delivery_position ON rosterd_webhook_delivery (webhook_id, position);
CREATE INDEX rosterd_ix_webhook_delivery_waiting ON rosterd_webhook_delivery (webhook_id, subject, position) WHERE next_at IS NOT NULL;
