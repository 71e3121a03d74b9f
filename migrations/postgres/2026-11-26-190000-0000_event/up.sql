-- What happened, written with the change that it tells of. A row without a position is not sealed yet.
CREATE TABLE rosterd_event (
    id text COLLATE "C" PRIMARY KEY,
    at bigint NOT NULL,
    action text NOT NULL,
    actor_kind text NOT NULL,
    actor_id text,
    actor_via text,
    actor_credential text,
    client_ip text,
    request_id text,
    subject_kind text,
    subject_id text,
    subject_label text,
    details text,
    count bigint,
    salt text NOT NULL,
    erased boolean NOT NULL DEFAULT FALSE,
    position bigint,
    seal text
);
CREATE INDEX rosterd_ix_event_subject ON rosterd_event (subject_id, id);
CREATE INDEX rosterd_ix_event_actor ON rosterd_event (actor_id, id);
CREATE INDEX rosterd_ix_event_unsealed ON rosterd_event (id) WHERE position IS NULL;
CREATE UNIQUE INDEX rosterd_ix_event_position ON rosterd_event (position) WHERE position IS NOT NULL;
-- How far each of the two chains of seals has come, and the last seal of what was removed from it.
CREATE TABLE rosterd_seal (
    chain text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL,
    seal text NOT NULL,
    removed_position bigint NOT NULL,
    removed_seal text NOT NULL
);
