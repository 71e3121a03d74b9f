ALTER TABLE rosterd_event RENAME TO rosterd_event_in_order;
CREATE TABLE rosterd_event (
    id TEXT PRIMARY KEY NOT NULL,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    actor_via TEXT,
    actor_credential TEXT,
    client_ip TEXT,
    request_id TEXT,
    subject_kind TEXT,
    subject_id TEXT,
    subject_label TEXT,
    details TEXT,
    count BIGINT,
    salt TEXT NOT NULL,
    erased BOOLEAN NOT NULL DEFAULT FALSE,
    position BIGINT,
    seal TEXT
) WITHOUT ROWID;
INSERT INTO rosterd_event SELECT * FROM rosterd_event_in_order;
DROP TABLE rosterd_event_in_order;
CREATE INDEX rosterd_ix_event_unsealed ON rosterd_event (id) WHERE position IS NULL;
CREATE UNIQUE INDEX rosterd_ix_event_position ON rosterd_event (position) WHERE position IS NOT NULL;
CREATE INDEX rosterd_ix_event_span_subject ON rosterd_event ((position / 512), subject_id, id) WHERE position IS NOT NULL;
CREATE INDEX rosterd_ix_event_span_actor ON rosterd_event ((position / 512), actor_id, id)
    WHERE position IS NOT NULL AND actor_id IS NOT NULL AND (subject_id IS NULL OR subject_id <> actor_id);
