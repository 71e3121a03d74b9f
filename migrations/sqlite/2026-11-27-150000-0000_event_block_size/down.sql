DROP INDEX rosterd_ix_event_span_subject;
DROP INDEX rosterd_ix_event_span_actor;
CREATE INDEX rosterd_ix_event_block_subject ON rosterd_event ((position / 4096), subject_id, id) WHERE position IS NOT NULL;
CREATE INDEX rosterd_ix_event_block_actor ON rosterd_event ((position / 4096), actor_id, id)
    WHERE position IS NOT NULL AND actor_id IS NOT NULL AND (subject_id IS NULL OR subject_id <> actor_id);
