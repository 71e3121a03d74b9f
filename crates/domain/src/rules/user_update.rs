//! An admin changes an account (rules R1 to R5).
//!
//! R1 is kept by [`Role`]'s own parsing, the form of R2 by [`EmailAddress`]'s. R4, all fields in one transaction, is
//! the storage layer's.

use crate::email::EmailAddress;
use crate::error::DomainError;
use crate::ids::UserId;
use crate::profile_image;
use crate::role::Role;
use crate::secret::{PasswordPolicy, PlainPassword};
use crate::text::ensure_storable;
use crate::user::{AccountRow, UserChanges};

/// The form, checked field by field.
#[derive(Debug, Clone)]
pub struct UserUpdate {
    /// The role to have.
    pub role: Role,
    /// The name to have.
    pub name: String,
    /// The address to have.
    pub email: EmailAddress,
    /// The picture to have.
    pub profile_image_url: String,
    /// The password to have; `None` or empty: the one it has (rule R3).
    pub password: Option<PlainPassword>,
}

/// The columns that differ between `target` and the form; none differs, none is written and `updated_at` stays (rule
/// R5). `email_owner` is whoever has the form's address now, compared without regard to case and read in the same
/// transaction.
///
/// What a row already holds is not held against it: an address that does not change is no claim on it even where an
/// old database gave it to two accounts, and a picture that does not change need not be one that could be stored
/// today.
///
/// # Errors
/// [`DomainError::EmailTaken`] when the address is new to `target` and somebody else's (rule R2);
/// [`DomainError::Field`] at `["name"]` or `["profile_image_url"]` when the text cannot be stored.
pub fn changes(
    target: &AccountRow,
    form: &UserUpdate,
    email_owner: Option<&UserId>,
) -> Result<UserChanges, DomainError> {
    let claims_email = target.email.to_lowercase() != form.email.as_str();
    if claims_email && email_owner.is_some_and(|owner| *owner != target.id) {
        return Err(DomainError::EmailTaken);
    }
    ensure_storable("name", &form.name)?;
    if form.profile_image_url != target.profile_image_url {
        profile_image::accept(&form.profile_image_url)?;
    }
    Ok(UserChanges {
        role: (form.role != target.role).then(|| form.role.clone()),
        name: (form.name != target.name).then(|| form.name.clone()),
        email: (form.email.as_str() != target.email).then(|| form.email.clone()),
        profile_image_url: (form.profile_image_url != target.profile_image_url)
            .then(|| form.profile_image_url.clone()),
        ..UserChanges::default()
    })
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
            role: Role::User,
            name: "Alice".into(),
            email: EmailAddress::parse("alice@example.com").unwrap(),
            profile_image_url: "/user.png".into(),
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
    fn r4_r5_only_what_differs_is_written() {
        let form = UserUpdate { role: Role::Admin, name: "Alice Z".into(), ..form() };
        let expected =
            UserChanges { role: Some(Role::Admin), name: Some("Alice Z".into()), ..UserChanges::default() };
        assert_eq!(changes(&account(), &form, Some(&account().id)), Ok(expected));
    }

    #[test]
    fn r1_a_stored_unknown_role_can_be_put_right() {
        let target = AccountRow { role: Role::Unknown("root".into()), ..account() };
        assert_eq!(changes(&target, &form(), None).unwrap().role, Some(Role::User));
    }

    #[test]
    fn r2_an_address_is_taken_unless_it_is_ones_own() {
        let form = UserUpdate { email: EmailAddress::parse("New@Example.com").unwrap(), ..form() };
        assert_eq!(changes(&account(), &form, Some(&other())), Err(DomainError::EmailTaken));
        for owner in [None, Some(&account().id)] {
            let email = changes(&account(), &form, owner).unwrap().email;
            assert_eq!(email, Some(form.email.clone()));
        }
    }

    #[test]
    fn r2_the_address_one_has_is_no_claim() {
        // Two accounts of an old database may share it; either can still be renamed.
        assert!(changes(&account(), &form(), Some(&other())).unwrap().is_empty());
        let mixed_case = AccountRow { email: "Alice@Example.com".into(), ..account() };
        let written = changes(&mixed_case, &form(), Some(&other())).unwrap();
        assert_eq!(written.email, Some(form().email), "stored in lower case from now on");
    }

    #[test]
    fn a_new_picture_must_be_one_that_may_be_stored() {
        let form = UserUpdate { profile_image_url: "javascript:alert(1)".into(), ..form() };
        assert!(matches!(changes(&account(), &form, None), Err(DomainError::Field { .. })));
        let old = AccountRow { profile_image_url: "javascript:alert(1)".into(), ..account() };
        assert!(
            changes(&old, &form, None).unwrap().is_empty(),
            "an old one is no reason to refuse a renaming"
        );
    }

    #[test]
    fn a_name_must_be_storable() {
        let form = UserUpdate { name: "a\0".into(), ..form() };
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
