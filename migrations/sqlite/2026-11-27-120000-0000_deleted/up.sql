-- Accounts that were deleted and are kept for a while.
CREATE TABLE rosterd_deleted (
    user_id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT NOT NULL,
    deleted_by TEXT,
    row_count BIGINT NOT NULL,
    bytes BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX rosterd_ix_deleted_deleted_at ON rosterd_deleted (deleted_at, user_id);
-- Their rows, with all columns, each as a JSON object.
CREATE TABLE rosterd_deleted_row (
    user_id TEXT NOT NULL,
    table_name TEXT NOT NULL,
    number BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (user_id, table_name, number)
);
