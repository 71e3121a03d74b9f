//! What a connection is made of, as it is sent.

use rosterd_domain::role::Role;
use rosterd_domain::scim::{
    ConnectionDraft, ConnectionName, ConnectionSettings, ConnectionUpdate, GroupRule, ensure_default_role,
};
use rosterd_domain::webhook::Overlap;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::extract::{Fault, FieldType, NAME_PATTERN, Parts, form, name_fault};

form! {
    /// A connection to be made.
    pub(crate) struct NewConnectionForm {
        /// What you call it.
        name: ConnectionName,
        /// The role of the accounts that it makes: `user` or `pending`; `user` when absent.
        default_role: Option<DefaultRole>,
        /// `true`: accounts that have the e-mail address of one of its users already are linked to it, unless they are admins' (rule J7).
        links_by_email: Option<bool>,
        /// `true`: the passwords that it sends are set (rule J10).
        takes_passwords: Option<bool>,
        /// `true`: its DELETE deletes accounts that it made (rule J6).
        deletes_accounts: Option<bool>,
        /// How the names of its groups lead to groups (rule J9): `make`, `existing` or `none`; `make` when absent.
        group_rule: Option<GroupRule>,
    }
}

form! {
    /// What is to be changed of a connection; what is absent or null stays.
    pub(crate) struct ConnectionForm {
        /// What you call it.
        name: Option<ConnectionName>,
        /// The role of the accounts that it makes from now on: `user` or `pending`.
        default_role: Option<DefaultRole>,
        /// Whether accounts that have the e-mail address of one of its users already are linked to it.
        links_by_email: Option<bool>,
        /// Whether the passwords that it sends are set.
        takes_passwords: Option<bool>,
        /// Whether its DELETE deletes accounts that it made.
        deletes_accounts: Option<bool>,
        /// How the names of its groups lead to groups: `make`, `existing` or `none`.
        group_rule: Option<GroupRule>,
    }
}

form! {
    /// How the token of a connection is replaced.
    pub(crate) struct RotateConnectionForm {
        /// For how many seconds the token before opens it too, 0 to 604800; a day when absent.
        overlap: Option<Overlap>,
    }
}

impl NewConnectionForm {
    pub(super) fn into_draft(self) -> ConnectionDraft {
        let settings = ConnectionSettings {
            default_role: self.default_role.map(|role| role.0),
            links_by_email: self.links_by_email,
            takes_passwords: self.takes_passwords,
            deletes_accounts: self.deletes_accounts,
            group_rule: self.group_rule,
        };
        ConnectionDraft { name: self.name, settings }
    }
}

impl ConnectionForm {
    pub(super) fn into_update(self) -> ConnectionUpdate {
        let settings = ConnectionSettings {
            default_role: self.default_role.map(|role| role.0),
            links_by_email: self.links_by_email,
            takes_passwords: self.takes_passwords,
            deletes_accounts: self.deletes_accounts,
            group_rule: self.group_rule,
        };
        ConnectionUpdate { name: self.name, settings }
    }
}

/// A role that a connection may give.
#[derive(Debug)]
pub(crate) struct DefaultRole(Role);

fn one_of<const N: usize>(names: [&'static str; N]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
}

impl FieldType for DefaultRole {
    fn read(json: &str) -> Result<Self, Fault> {
        let wrong = || Fault::new("enum", "It must be user or pending.");
        let role = Role::parse(&String::read(json).map_err(|_why| wrong())?).ok_or_else(wrong)?;
        ensure_default_role(&role).map_err(|_why| wrong())?;
        Ok(Self(role))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        one_of(["user", "pending"])
    }
}

impl FieldType for GroupRule {
    fn read(json: &str) -> Result<Self, Fault> {
        let wrong = || Fault::new("enum", "It must be make, existing or none.");
        Self::parse(&String::read(json).map_err(|_why| wrong())?).ok_or_else(wrong)
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        one_of(Self::ALL.map(Self::as_str))
    }
}

impl FieldType for ConnectionName {
    fn read(json: &str) -> Result<Self, Fault> {
        Self::parse(&String::read(json)?).map_err(name_fault)
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(NAME_PATTERN));
        text.min_length(Some(1)).max_length(Some(Self::MAX)).into()
    }
}
