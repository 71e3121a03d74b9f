DROP TRIGGER rosterd_tr_member_deleted ON "user";
DROP TRIGGER rosterd_tr_member_renamed ON "user";
DROP TRIGGER rosterd_tr_member_changed ON group_member;
DROP FUNCTION rosterd_forget_member();
DROP FUNCTION rosterd_rename_member();
DROP FUNCTION rosterd_follow_member();
DROP TABLE rosterd_member_name;
