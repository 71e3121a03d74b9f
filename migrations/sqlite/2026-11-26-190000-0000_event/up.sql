-- What happened, written with the change that it tells of. A row without a position is not sealed yet.
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
CREATE INDEX rosterd_ix_event_subject ON rosterd_event (subject_id, id);
CREATE INDEX rosterd_ix_event_actor ON rosterd_event (actor_id, id);
CREATE INDEX rosterd_ix_event_unsealed ON rosterd_event (id) WHERE position IS NULL;
CREATE UNIQUE INDEX rosterd_ix_event_position ON rosterd_event (position) WHERE position IS NOT NULL;
-- How far each of the two chains of seals has come, and the last seal of what was removed from it.
CREATE TABLE rosterd_seal (
    chain TEXT PRIMARY KEY NOT NULL,
    position BIGINT NOT NULL,
    seal TEXT NOT NULL,
    removed_position BIGINT NOT NULL,
    removed_seal TEXT NOT NULL
) WITHOUT ROWID;
