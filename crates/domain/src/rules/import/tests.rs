use secrecy::ExposeSecret as _;

use super::*;
use crate::error::Prohibited;
use crate::fixtures::account;
use crate::secret::PasswordHash;
use crate::transfer::FullColumns;

const BCRYPT: &str = "$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";
const ARGON2: &str = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g";
const PBKDF2: &str = "pbkdf2_sha256$600000$salt$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn terms(policy: &PasswordPolicy) -> ImportTerms<'_> {
    ImportTerms { options: ImportOptions::default(), importer: Importer::Operator, attached: None, policy }
}

fn record(email: &str) -> AccountRecord {
    AccountRecord { email: Some(email.to_owned()), ..AccountRecord::default() }
}

fn stored(hash: Option<&str>) -> KnownAccount {
    let hash = hash.map(|hash| PasswordHash::from_stored(hash.to_owned()));
    KnownAccount { row: account(), hash, active: true, is_suspended: false }
}

fn with(change: impl FnOnce(&mut AccountRecord)) -> AccountRecord {
    let mut record = record("new@example.com");
    change(&mut record);
    record
}

#[test]
fn t2_what_a_file_leaves_out_becomes_the_usual() {
    let policy = PasswordPolicy::default();
    let new = judge_new(&record(" New.Person@Example.com "), &terms(&policy)).unwrap();
    assert_eq!(new.email.as_str(), "new.person@example.com");
    assert_eq!(new.name.as_str(), "new.person");
    assert_eq!((new.role, new.groups.is_none()), (Role::User, true));
    assert!(matches!(new.credential, Credential::None));
}

#[test]
fn t2_what_cannot_be_stored_is_refused() {
    let policy = PasswordPolicy::default();
    let long = "x".repeat(2_001);
    for (record, said) in [
        (with(|it| it.email = None), "it has no e-mail address"),
        (with(|it| it.email = Some(" ".to_owned())), "it has no e-mail address"),
        (with(|it| it.email = Some("nobody".to_owned())), "This is not a valid e-mail address"),
        (with(|it| it.name = Some("a\0b".to_owned())), "name: must not contain control characters"),
        (with(|it| it.role = Some("root".to_owned())), "role must be pending, user or admin"),
        (with(|it| it.groups = Some(vec![String::new()])), "groups: a name must not be empty"),
        (with(|it| it.rest.bio = Some(long.clone())), "bio: must not be longer than 2000 characters"),
        (with(|it| it.rest.username = Some("x".repeat(51))), "username: must not be longer"),
        (with(|it| it.rest.gender = Some("\0".to_owned())), "gender: must not contain the NUL"),
        (with(|it| it.rest.id = Some(String::new())), "id: "),
        (with(|it| it.rest.created_at = Some(1_700_000_000_000)), "created_at: must be a number of seconds"),
        (with(|it| it.rest.profile_image_url = Some("javascript:x".to_owned())), "profile_image_url: "),
    ] {
        let told = judge_new(&record, &terms(&policy)).unwrap_err();
        assert!(told.starts_with(said), "{told}");
    }
}

#[test]
fn t4_nobody_becomes_or_ceases_to_be_an_admin_unasked() {
    let policy = PasswordPolicy::default();
    let usual = terms(&policy);
    let allowed = ImportTerms { options: ImportOptions { allow_admins: true, ..usual.options }, ..usual };
    let admin = with(|it| it.role = Some("Admin".to_owned()));
    assert!(judge_new(&admin, &usual).unwrap_err().starts_with("it would be an admin"));
    assert_eq!(judge_new(&admin, &allowed).unwrap().role, Role::Admin);

    let known = stored(None);
    assert!(judge_known(&admin, &known, None, &usual).unwrap_err().contains("become an admin"));
    assert_eq!(judge_known(&admin, &known, None, &allowed).unwrap().changes.role, Some(Role::Admin));
    let mut was = stored(None);
    was.row.role = Role::Admin;
    let user = with(|it| it.role = Some("user".to_owned()));
    assert!(judge_known(&user, &was, None, &usual).unwrap_err().contains("cease to be an admin"));
    let me = ImportTerms { importer: Importer::Admin(&was.row.id), ..allowed };
    assert!(judge_known(&user, &was, None, &me).unwrap_err().contains("your own account"));
    assert!(judge_known(&admin, &was, None, &usual).unwrap().changes.is_empty());
}

#[test]
fn u3_an_import_gives_a_suspended_account_no_other_role() {
    let policy = PasswordPolicy::default();
    let mut known = stored(Some(BCRYPT));
    (known.row.role, known.is_suspended) = (Role::Pending, true);
    let user = with(|it| it.role = Some("user".to_owned()));
    let refused = judge_known(&user, &known, None, &terms(&policy)).unwrap_err();
    assert!(refused.contains("is suspended"), "{refused}");
    let renamed = with(|it| (it.role, it.name) = (Some("pending".to_owned()), Some("Other".to_owned())));
    assert!(judge_known(&renamed, &known, None, &terms(&policy)).unwrap().changes.name.is_some());
}

#[test]
fn t4_the_primary_admin_is_never_changed() {
    let policy = PasswordPolicy::default();
    let known = stored(Some(BCRYPT));
    let primary = Some(&known.row.id);
    let renamed = with(|it| it.name = Some("Other".to_owned()));
    let refused = judge_known(&renamed, &known, primary, &terms(&policy)).unwrap_err();
    assert_eq!(refused, Prohibited::PrimaryAdminProtected.to_string());
    let same = with(|it| it.name = Some(known.row.name.clone()));
    let same = judge_known(&same, &known, primary, &terms(&policy)).unwrap();
    assert!(same.changes.is_empty());
}

#[test]
fn t5_a_password_that_somebody_has_stays_unless_asked() {
    let policy = PasswordPolicy::default();
    let usual = terms(&policy);
    let set = ImportTerms { options: ImportOptions { set_passwords: true, ..usual.options }, ..usual };
    let hash = |hash: &str| with(|it| it.password_hash = Some(hash.to_owned().into()));
    let credential = |record: &AccountRecord, known: &KnownAccount, terms: &ImportTerms<'_>| {
        judge_known(record, known, None, terms).unwrap().credential
    };
    let known = stored(Some(BCRYPT));
    assert!(matches!(credential(&hash(ARGON2), &known, &usual), Credential::None));
    assert!(matches!(credential(&hash(ARGON2), &known, &set), Credential::Hash(_)));
    assert!(matches!(credential(&hash(BCRYPT), &known, &set), Credential::None), "the same");
    let unset = PasswordHash::unset(12);
    assert!(matches!(credential(&hash(unset.expose()), &known, &set), Credential::None));
    for without in [stored(None), stored(Some(unset.expose()))] {
        assert!(!without.has_password());
        assert!(matches!(credential(&hash(ARGON2), &without, &usual), Credential::Hash(_)));
    }
}

#[test]
fn t5_an_admin_chooses_neither_ids_nor_times_nor_what_opens_accounts() {
    let policy = PasswordPolicy::default();
    let me = UserId::from_stored("me".to_owned());
    let rest = FullColumns {
        id: Some("chosen".to_owned()),
        bio: Some("Hi".to_owned()),
        created_at: Some(1),
        session_stamp: Some("stamp".to_owned().into()),
        ..FullColumns::default()
    };
    let full = with(|it| it.rest = rest);
    let usual = terms(&policy);
    let by_admin = judge_new(&full, &ImportTerms { importer: Importer::Admin(&me), ..usual }).unwrap();
    assert_eq!((by_admin.id, by_admin.rest.created_at), (None, None));
    assert!(by_admin.rest.session_stamp.is_none() && by_admin.rest.bio.is_some());
    let by_operator = judge_new(&full, &usual).unwrap();
    assert_eq!(by_operator.id.unwrap().as_str(), "chosen");
    assert_eq!(by_operator.rest.session_stamp.unwrap().expose_secret(), "stamp");
}

#[test]
fn t6_a_hash_is_one_that_can_be_checked() {
    let policy = PasswordPolicy::default();
    let usual = terms(&policy);
    let judged = |hash: &str, attached| {
        let record = with(|it| it.password_hash = Some(hash.to_owned().into()));
        judge_new(&record, &ImportTerms { attached, ..usual })
    };
    for hash in [BCRYPT, ARGON2, PBKDF2] {
        assert!(judged(hash, None).is_ok(), "{hash}");
    }
    assert!(judged(BCRYPT, Some(Dialect::V0_6)).is_ok() && judged(ARGON2, Some(Dialect::V0_12)).is_ok());
    for (hash, attached) in [
        ("hunter2", None),
        // Too short a key: it fits no password.
        ("pbkdf2_sha256$600000$salt$aGFzaA==", None),
        ("{SSHA}x", None),
        (ARGON2, Some(Dialect::V0_6)),
        (PBKDF2, Some(Dialect::V0_12)),
    ] {
        let told = judged(hash, attached).unwrap_err();
        assert!(told.starts_with("password_hash is") && !told.contains(hash), "{told}");
    }
}

#[test]
fn t7_a_password_meets_the_policy_and_comes_alone() {
    let policy = PasswordPolicy::default();
    let password = |password: &str| with(|it| it.password = Some(password.to_owned().into()));
    let short = judge_new(&password("short"), &terms(&policy)).unwrap_err();
    assert_eq!(short, "The password cannot be used: it needs at least 8 characters.");
    assert!(matches!(
        judge_new(&password("a long pass phrase"), &terms(&policy)).unwrap().credential,
        Credential::Plain(_)
    ));
    let mut both = password("a long pass phrase");
    both.password_hash = Some(BCRYPT.to_owned().into());
    assert!(judge_new(&both, &terms(&policy)).unwrap_err().contains("one is enough"));
}

#[test]
fn t9_each_group_is_named_once() {
    let policy = PasswordPolicy::default();
    let record = with(|it| it.groups = Some([" a ", "b", "a"].map(str::to_owned).to_vec()));
    let groups = judge_new(&record, &terms(&policy)).unwrap().groups.unwrap();
    assert_eq!(groups.iter().map(GroupName::as_str).collect::<Vec<_>>(), ["a", "b"]);
}
