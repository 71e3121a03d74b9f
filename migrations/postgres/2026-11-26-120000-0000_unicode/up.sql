-- Find an account by its e-mail address even where somebody stored it with blanks or in another case. New e-mail
-- addresses are stored in one form, so that the unique indexes on the columns themselves keep them apart.
CREATE INDEX rosterd_ix_user_email_trimmed ON "user" (lower(trim(email)));
CREATE INDEX rosterd_ix_auth_email_trimmed ON auth (lower(trim(email)));
-- With this migration rosterd folds every row of rosterd_user_search anew: see `storage/migrations.rs`.
