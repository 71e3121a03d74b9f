//! The tables of users and groups.

use super::attribute::{Attribute, Schema};
use super::field::{Field, List};

/// What every resource has. By RFC 7643, 3.1, no schema lists these.
pub(super) const COMMON: &[Attribute] = &[
    Attribute::reference("schemas", &["uri"], "The schemas that the resource follows.")
        .many()
        .required()
        .read_only()
        .always(),
    Attribute::string("id", "The id of the resource. It never changes.")
        .required()
        .exact()
        .read_only()
        .always()
        .unique()
        .searched_as(Field::Id),
    Attribute::string("externalId", "The id that the client gave. Each connection has its own.")
        .exact()
        .searched_as(Field::ExternalId),
    Attribute::complex("meta", META, "What the server notes of the resource.").read_only(),
];

const META: &[Attribute] = &[
    Attribute::string("resourceType", "The type of the resource.").exact().read_only(),
    Attribute::date_time("created", "When it was made.").read_only().searched_as(Field::Created),
    Attribute::date_time("lastModified", "When it last changed.")
        .read_only()
        .searched_as(Field::LastModified),
    Attribute::reference("location", &["uri"], "Its URL.").read_only(),
    Attribute::string("version", "Its version, as the header ETag has it.").exact().read_only(),
];

const NAME: &[Attribute] = &[
    Attribute::string("formatted", "The whole name, as it is shown.").searched_as(Field::Formatted),
    Attribute::string("familyName", "The family name.").searched_as(Field::FamilyName),
    Attribute::string("givenName", "The given name.").searched_as(Field::GivenName),
];

const EMAILS: &[Attribute] = &[
    Attribute::string("value", "The e-mail address.").required().searched_as(Field::EmailValue),
    Attribute::string("display", "How it is shown.").searched_as(Field::EmailDisplay),
    Attribute::string("type", "What it is for.")
        .usually(&["work", "home", "other"])
        .searched_as(Field::EmailType),
    Attribute::boolean("primary", "Whether it is the one to use first. At most one is.")
        .searched_as(Field::EmailPrimary),
];

const GROUPS: &[Attribute] = &[
    Attribute::string("value", "The id of the group.").exact().read_only().searched_as(Field::GroupValue),
    Attribute::reference("$ref", &["Group"], "The URL of the group.").read_only(),
    Attribute::string("display", "The name of the group.").read_only().searched_as(Field::GroupDisplay),
];

const MEMBERS: &[Attribute] = &[
    Attribute::string("value", "The id of the user.")
        .exact()
        .required()
        .immutable()
        .searched_as(Field::MemberValue),
    Attribute::reference("$ref", &["User"], "The URL of the user.").immutable(),
    Attribute::string("type", "The type of the member.").immutable().usually(&["User"]),
];

/// All attributes of a user; the password is the last.
const USER_ATTRIBUTES: &[Attribute] = &[
    Attribute::string("userName", "The name to sign in with: the e-mail address of the account.")
        .required()
        .unique()
        .searched_as(Field::UserName),
    Attribute::complex("name", NAME, "The parts of the person's name."),
    Attribute::string("displayName", "The name that others see.").searched_as(Field::DisplayName),
    // Required, since an account is either active or not: the attribute cannot be removed. Who leaves it out means true.
    Attribute::boolean("active", "Whether the person may sign in.").required().searched_as(Field::Active),
    // Required, since an account has an e-mail address. Who leaves it out has one as the user name.
    Attribute::complex("emails", EMAILS, "The e-mail addresses of the person.")
        .many()
        .required()
        .listed_as(List::Emails),
    Attribute::complex("groups", GROUPS, "The groups that the user is a member of.")
        .many()
        .read_only()
        .listed_as(List::Groups),
    Attribute::string("password", "A password to sign in with. It is never shown.").exact().secret(),
];

const GROUP_ATTRIBUTES: &[Attribute] = &[
    Attribute::string("displayName", "The name of the group.").required().searched_as(Field::DisplayName),
    Attribute::complex("members", MEMBERS, "The users who are members of the group.")
        .many()
        .listed_as(List::Members),
];

const USER_ID: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Users, where passwords are taken.
pub const USER_WITH_PASSWORD: Schema = Schema {
    id: USER_ID,
    name: "User",
    description: "The account of a person.",
    attributes: USER_ATTRIBUTES,
};

/// Users, where passwords are ignored.
pub const USER: Schema = Schema {
    attributes: match USER_ATTRIBUTES.split_last() {
        Some((_, others)) => others,
        None => &[],
    },
    ..USER_WITH_PASSWORD
};

/// Groups.
pub const GROUP: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    description: "A group of users.",
    attributes: GROUP_ATTRIBUTES,
};
