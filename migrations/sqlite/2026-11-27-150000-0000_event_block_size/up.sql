-- Events get their positions as they are written, a few at a time. With blocks of 4,096 positions each of them went to a page of its
-- own; of 512 most share one.
DROP INDEX rosterd_ix_event_block_subject;
DROP INDEX rosterd_ix_event_block_actor;
CREATE INDEX rosterd_ix_event_span_subject ON rosterd_event ((position / 512), subject_id, id) WHERE position IS NOT NULL;
CREATE INDEX rosterd_ix_event_span_actor ON rosterd_event ((position / 512), actor_id, id)
    WHERE position IS NOT NULL AND actor_id IS NOT NULL AND (subject_id IS NULL OR subject_id <> actor_id);
