DROP INDEX rosterd_ix_event_block_subject;
DROP INDEX rosterd_ix_event_block_actor;
CREATE INDEX rosterd_ix_event_subject ON rosterd_event (subject_id, id);
CREATE INDEX rosterd_ix_event_actor ON rosterd_event (actor_id, id)
    WHERE actor_id IS NOT NULL AND (subject_id IS NULL OR subject_id <> actor_id);
