DROP TRIGGER rosterd_tr_member_deleted;
DROP TRIGGER rosterd_tr_member_renamed;
DROP TRIGGER rosterd_tr_member_moved;
DROP TRIGGER rosterd_tr_member_removed;
DROP TRIGGER rosterd_tr_member_added;
DROP TABLE rosterd_member_name;
