-- Accounts that were deleted and are kept for a while.
CREATE TABLE rosterd_deleted (
    user_id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    created_at bigint NOT NULL,
    deleted_at bigint NOT NULL,
    deleted_by text,
    row_count bigint NOT NULL,
    bytes bigint NOT NULL
);
CREATE INDEX rosterd_ix_deleted_deleted_at ON rosterd_deleted (deleted_at, user_id);
-- Their rows, with all columns, each as a JSON object.
CREATE TABLE rosterd_deleted_row (
    user_id text COLLATE "C" NOT NULL,
    table_name text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (user_id, table_name, number)
);
