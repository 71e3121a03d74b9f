//! An admin changes an account (rules R1 to R5).
//!
//! Only fields that change are checked. R4, all fields in one transaction, is the task of the storage layer.

use chrono::NaiveDate;

use crate::dialect::Dialect;
use crate::email::{EmailAddress, comparable};
use crate::error::DomainError;
use crate::ids::UserId;
use crate::name::UserName;
use crate::profile_image::ProfileImageUrl;
use crate::role::Role;
use crate::secret::{PasswordPolicy, PlainPassword};
use crate::text::{MAX_BIO, MAX_GENDER, all_of, ensure_short};
use crate::user::{AccountRow, UserChanges};

/// The form as it was sent; only fields that differ from the stored ones are checked. What is `None` stays as it is
/// (rule N10).
#[derive(Debug, Clone, Default)]
pub struct UserUpdate {
    /// The role to have.
    pub role: Option<Role>,
    /// The name to have, as it was typed.
    pub name: Option<String>,
    /// The e-mail address to have, as it was typed.
    pub email: Option<String>,
    /// The picture to have.
    pub profile_image_url: Option<String>,
    /// The password to have; `None` or empty: the one it has (rule R3).
    pub password: Option<PlainPassword>,
}

/// The fields that a form must have, and has not got: in the older dialect it has all but the password, in the newest none
/// is needed (rule N10). `sent` are the names of those that are there and not null.
#[must_use]
pub fn missing_fields(dialect: Dialect, sent: &[&str]) -> Vec<&'static str> {
    const NEEDED: [&str; 4] = ["role", "name", "email", "profile_image_url"];
    match dialect {
        Dialect::V0_6 => NEEDED.into_iter().filter(|name| !sent.contains(name)).collect(),
        Dialect::V0_12 => Vec::new(),
    }
}

/// The role that was sent (rule R1): one of the three, or the one that `target` has, whatever it is.
///
/// # Errors
/// [`DomainError::Field`] at `["role"]`.
pub fn role(sent: &str, target: Option<&AccountRow>) -> Result<Role, DomainError> {
    match (Role::parse(sent), target) {
        (Some(role), _) => Ok(role),
        (None, Some(target)) if target.role.as_str() == sent => Ok(target.role.clone()),
        (None, _) => Err(DomainError::field("role", "must be pending, user or admin")),
    }
}

/// The name that is written for the one that was sent: none where `target` has it already, whatever it looks like.
///
/// # Errors
/// Those of [`UserName::parse`].
pub fn new_name(sent: &str, target: Option<&AccountRow>) -> Result<Option<UserName>, DomainError> {
    let stored = target.map(|target| target.name.as_str());
    if stored == Some(sent) {
        return Ok(None);
    }
    let name = UserName::parse(sent)?;
    Ok((stored != Some(name.as_str())).then_some(name))
}

/// The picture that is written for the one that was sent: none where `target` has it already, whatever it is.
///
/// # Errors
/// Those of [`ProfileImageUrl::parse`].
pub fn new_image(sent: &str, target: &AccountRow) -> Result<Option<ProfileImageUrl>, DomainError> {
    (sent != target.profile_image_url).then(|| ProfileImageUrl::parse(sent.to_owned())).transpose()
}

/// The e-mail address that is written for the one that was sent: none where `target` has it already, be it in another
/// spelling that could not be stored today.
///
/// # Errors
/// [`DomainError::InvalidEmail`] for a new text that is not an e-mail address (rule R2).
pub fn new_email(sent: &str, target: &AccountRow) -> Result<Option<EmailAddress>, DomainError> {
    if sent == target.email {
        return Ok(None);
    }
    match EmailAddress::parse(sent) {
        Ok(email) => Ok((email.as_str() != target.email).then_some(email)),
        Err(_invalid) if comparable(sent) == comparable(&target.email) => Ok(None),
        Err(invalid) => Err(invalid),
    }
}

/// The columns that differ between `target` and the form; none differs, none is written and `updated_at` stays (rule
/// R5). `email_owner` is whoever has the form's e-mail address now, compared as [`comparable`] does and read in the
/// same transaction.
///
/// What a row already holds is not held against it: a name, an e-mail address or a picture that does not change need
/// not be one that could be stored today, and an e-mail address is no claim on it even where an old database gave it
/// to two accounts.
///
/// # Errors
/// [`DomainError::InvalidEmail`]; [`DomainError::EmailTaken`] when the e-mail address is new to `target` and somebody
/// else's (rule R2); [`DomainError::Field`] at `["name"]` or `["profile_image_url"]` when the text cannot be stored.
pub fn changes(
    target: &AccountRow,
    form: &UserUpdate,
    email_owner: Option<&UserId>,
) -> Result<UserChanges, DomainError> {
    let email = match &form.email {
        Some(email) => new_email(email, target)?,
        None => None,
    };
    let claims = email.as_ref().is_some_and(|email| comparable(email.as_str()) != comparable(&target.email));
    if claims && email_owner.is_some_and(|owner| *owner != target.id) {
        return Err(DomainError::EmailTaken);
    }
    let name = match &form.name {
        Some(name) => new_name(name, Some(target))?,
        None => None,
    };
    let profile_image_url = match &form.profile_image_url {
        Some(image) => new_image(image, target)?,
        None => None,
    };
    Ok(UserChanges {
        name,
        profile_image_url,
        role: form.role.clone().filter(|role| *role != target.role),
        email,
        ..UserChanges::default()
    })
}

/// What people sent of their own profile: `None` where a field was not sent, `Some(None)` to empty it. Its fields are
/// judged where they differ from what is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentProfile {
    /// The name to have, as it was typed.
    pub name: Option<String>,
    /// The picture to have.
    pub profile_image_url: Option<String>,
    /// Words about themselves.
    pub bio: Option<Option<String>>,
    /// A gender.
    pub gender: Option<Option<String>>,
    /// A date of birth.
    pub date_of_birth: Option<Option<NaiveDate>>,
}

impl SentProfile {
    /// Checks the length of what people write about themselves, against the limits of [`crate::text`]. What is stored
    /// already may be sent again.
    ///
    /// # Errors
    /// [`DomainError::Fields`] with each field that is too long.
    pub fn ensure_fits(&self, stored: &AccountRow) -> Result<(), DomainError> {
        let judge = |field, sent: &Option<Option<String>>, stored: &Option<String>, max| match sent {
            Some(Some(text)) => ensure_short(field, text, stored.as_deref(), max),
            _ => Ok(()),
        };
        all_of([
            judge("bio", &self.bio, &stored.bio, MAX_BIO),
            judge("gender", &self.gender, &stored.gender, MAX_GENDER),
        ])
    }

    /// What of it differs from what is stored.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["name"]` or `["profile_image_url"]` when the text is new and cannot be stored.
    pub fn changes(self, stored: &AccountRow) -> Result<UserChanges, DomainError> {
        let name = match &self.name {
            Some(name) => new_name(name, Some(stored))?,
            None => None,
        };
        let profile_image_url = match &self.profile_image_url {
            Some(image) => new_image(image, stored)?,
            None => None,
        };
        Ok(UserChanges {
            name,
            profile_image_url,
            bio: self.bio.filter(|bio| *bio != stored.bio),
            gender: self.gender.filter(|gender| *gender != stored.gender),
            date_of_birth: self.date_of_birth.filter(|date| *date != stored.date_of_birth),
            ..UserChanges::default()
        })
    }
}

/// The password to hash and store, if any (rule R3): absent and empty mean unchanged.
///
/// # Errors
/// Those of [`PasswordPolicy::check`].
pub fn new_password<'a>(
    password: &'a Option<PlainPassword>,
    policy: &PasswordPolicy,
) -> Result<Option<&'a PlainPassword>, DomainError> {
    match password {
        Some(password) if !password.expose().is_empty() => policy.check(password).map(|()| Some(password)),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::account;

    fn form() -> UserUpdate {
        UserUpdate {
            role: Some(Role::User),
            name: Some("Alice".into()),
            email: Some("alice@example.com".into()),
            profile_image_url: Some("/user.png".into()),
            password: None,
        }
    }

    fn other() -> UserId {
        UserId::from_stored("u-2".into())
    }

    #[test]
    fn r5_nothing_differs_nothing_is_written() {
        let unchanged = changes(&account(), &form(), Some(&account().id)).unwrap();
        assert!(unchanged.is_empty());
    }

    #[test]
    fn n10_an_older_form_is_whole() {
        assert_eq!(missing_fields(Dialect::V0_6, &["name", "role"]), ["email", "profile_image_url"]);
        assert!(missing_fields(Dialect::V0_12, &[]).is_empty());
    }

    #[test]
    fn n10_what_is_not_sent_stays() {
        assert!(changes(&account(), &UserUpdate::default(), Some(&other())).unwrap().is_empty());
        let form = UserUpdate { name: Some("Alice Z".into()), ..UserUpdate::default() };
        let expected =
            UserChanges { name: Some(UserName::parse("Alice Z").unwrap()), ..UserChanges::default() };
        assert_eq!(changes(&account(), &form, None), Ok(expected));
    }

    #[test]
    fn r4_r5_only_what_differs_is_written() {
        let form = UserUpdate { role: Some(Role::Admin), name: Some("Alice Z".into()), ..form() };
        let expected = UserChanges {
            role: Some(Role::Admin),
            name: Some(UserName::parse("Alice Z").unwrap()),
            ..UserChanges::default()
        };
        assert_eq!(changes(&account(), &form, Some(&account().id)), Ok(expected));
    }

    #[test]
    fn r1_a_stored_unknown_role_can_be_put_right() {
        let target = AccountRow { role: Role::Unknown("root".into()), ..account() };
        assert_eq!(changes(&target, &form(), None).unwrap().role, Some(Role::User));
    }

    #[test]
    fn r2_an_address_is_taken_unless_it_is_ones_own() {
        let form = UserUpdate { email: Some("New@Example.com".into()), ..form() };
        assert_eq!(changes(&account(), &form, Some(&other())), Err(DomainError::EmailTaken));
        for owner in [None, Some(&account().id)] {
            let email = changes(&account(), &form, owner).unwrap().email;
            assert_eq!(email, EmailAddress::parse("new@example.com").ok());
        }
    }

    #[test]
    fn r2_the_address_one_has_is_no_claim() {
        // Two accounts of an old database may share it; either can still be renamed.
        assert!(changes(&account(), &form(), Some(&other())).unwrap().is_empty());
        let mixed_case = AccountRow { email: "Alice@Example.com".into(), ..account() };
        let written = changes(&mixed_case, &form(), Some(&other())).unwrap();
        assert_eq!(
            written.email,
            EmailAddress::parse("alice@example.com").ok(),
            "stored in lower case from now on"
        );
    }

    #[test]
    fn what_does_not_change_is_not_judged() {
        let odd = AccountRow {
            name: "x".repeat(300),
            email: "no address \u{202e}".into(),
            role: Role::Unknown("root".into()),
            profile_image_url: "javascript:alert(1)".into(),
            ..account()
        };
        let form = UserUpdate {
            role: role("root", Some(&odd)).ok(),
            name: Some(odd.name.clone()),
            email: Some(odd.email.clone()),
            profile_image_url: Some(odd.profile_image_url.clone()),
            password: None,
        };
        assert!(changes(&odd, &form, Some(&other())).unwrap().is_empty());
        for name in ["", " Alice ", "a\u{0}"] {
            let stored = AccountRow { name: name.into(), ..account() };
            assert_eq!(new_name(name, Some(&stored)), Ok(None), "{name:?}");
        }
        assert!(new_name("", Some(&account())).is_err());
        assert!(role("root", Some(&account())).is_err() && role("root", None).is_err());
    }

    #[test]
    fn a_name_is_written_as_it_is_judged() {
        assert_eq!(new_name(" Jose\u{301} ", Some(&account())), UserName::parse("José").map(Some));
        assert_eq!(new_name(" Alice ", Some(&account())), Ok(None));
    }

    #[test]
    fn r2_an_address_in_another_spelling_is_the_same_address() {
        let stored = |email: &str| AccountRow { email: email.into(), ..account() };
        assert_eq!(new_email("jd@intranet", &stored("JD@intranet ")), Ok(None));
        assert_eq!(new_email("bob@b.c", &stored("bob@b.c ")), EmailAddress::parse("bob@b.c").map(Some));
        assert_eq!(new_email("jd@elsewhere", &stored("jd@intranet")), Err(DomainError::InvalidEmail));
    }

    #[test]
    fn of_a_profile_only_what_differs_is_written() {
        let sent = SentProfile {
            name: Some(account().name),
            profile_image_url: Some(account().profile_image_url),
            bio: Some(account().bio),
            gender: Some(None),
            date_of_birth: Some(account().date_of_birth),
        };
        let written = sent.changes(&account()).unwrap();
        assert_eq!(written, UserChanges { gender: Some(None), ..UserChanges::default() });
    }

    #[test]
    fn a_long_profile_is_refused_unless_it_is_the_stored_one() {
        let bio = "x".repeat(MAX_BIO + 1);
        let sent = SentProfile {
            bio: Some(Some(bio.clone())),
            gender: Some(Some("x".repeat(MAX_GENDER))),
            ..SentProfile::default()
        };
        assert!(
            matches!(sent.ensure_fits(&account()), Err(DomainError::Fields(faults)) if faults.len() == 1)
        );
        assert_eq!(sent.ensure_fits(&AccountRow { bio: Some(bio), ..account() }), Ok(()));
    }

    #[test]
    fn a_new_picture_must_be_one_that_may_be_stored() {
        let form = UserUpdate { profile_image_url: Some("javascript:alert(1)".into()), ..form() };
        assert!(matches!(changes(&account(), &form, None), Err(DomainError::Field { .. })));
        let old = AccountRow { profile_image_url: "javascript:alert(1)".into(), ..account() };
        assert!(
            changes(&old, &form, None).unwrap().is_empty(),
            "an old one is no reason to refuse a renaming"
        );
    }

    #[test]
    fn a_name_must_be_storable() {
        let form = UserUpdate { name: Some("a\0".into()), ..form() };
        assert!(matches!(changes(&account(), &form, None), Err(DomainError::Field { .. })));
    }

    #[test]
    fn r3_absent_and_empty_leave_the_password_alone() {
        let policy = PasswordPolicy::default();
        for password in [None, Some(PlainPassword::new(String::new()))] {
            assert!(new_password(&password, &policy).unwrap().is_none());
        }
        let short = Some(PlainPassword::new("short".into()));
        assert!(matches!(new_password(&short, &policy), Err(DomainError::InvalidPassword { .. })));
        let fine = Some(PlainPassword::new("Correct-Horse-7".into()));
        assert_eq!(new_password(&fine, &policy).unwrap().unwrap().expose(), "Correct-Horse-7");
    }
}
