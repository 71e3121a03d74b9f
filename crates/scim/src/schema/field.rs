//! What can be searched for and sorted by.

/// An attribute, or a part of one, that has one value: in a resource, or in a value of a [`List`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// `id`
    Id,
    /// `externalId`
    ExternalId,
    /// `meta.created`
    Created,
    /// `meta.lastModified`
    LastModified,
    /// `userName`
    UserName,
    /// `displayName`, of users and groups
    DisplayName,
    /// `name.formatted`
    Formatted,
    /// `name.familyName`
    FamilyName,
    /// `name.givenName`
    GivenName,
    /// `active`
    Active,
    /// `emails.value`
    EmailValue,
    /// `emails.display`
    EmailDisplay,
    /// `emails.type`
    EmailType,
    /// `emails.primary`
    EmailPrimary,
    /// `groups.value`: the id of a group that a user is a member of
    GroupValue,
    /// `groups.display`: its name
    GroupDisplay,
    /// `members.value`: the id of a user who is a member of a group
    MemberValue,
}

/// An attribute that can have several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    /// The e-mail addresses of a user.
    Emails,
    /// The groups of a user.
    Groups,
    /// The members of a group.
    Members,
}

impl List {
    /// Its name in a resource.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Emails => "emails",
            Self::Groups => "groups",
            Self::Members => "members",
        }
    }
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Id,
        Self::ExternalId,
        Self::Created,
        Self::LastModified,
        Self::UserName,
        Self::DisplayName,
        Self::Formatted,
        Self::FamilyName,
        Self::GivenName,
        Self::Active,
        Self::EmailValue,
        Self::EmailDisplay,
        Self::EmailType,
        Self::EmailPrimary,
        Self::GroupValue,
        Self::GroupDisplay,
        Self::MemberValue,
    ];

    /// Where it is in a resource: the name of the attribute, and that of its part.
    #[must_use]
    pub fn location(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Id => ("id", None),
            Self::ExternalId => ("externalId", None),
            Self::Created => ("meta", Some("created")),
            Self::LastModified => ("meta", Some("lastModified")),
            Self::UserName => ("userName", None),
            Self::DisplayName => ("displayName", None),
            Self::Formatted => ("name", Some("formatted")),
            Self::FamilyName => ("name", Some("familyName")),
            Self::GivenName => ("name", Some("givenName")),
            Self::Active => ("active", None),
            Self::EmailValue => ("emails", Some("value")),
            Self::EmailDisplay => ("emails", Some("display")),
            Self::EmailType => ("emails", Some("type")),
            Self::EmailPrimary => ("emails", Some("primary")),
            Self::GroupValue => ("groups", Some("value")),
            Self::GroupDisplay => ("groups", Some("display")),
            Self::MemberValue => ("members", Some("value")),
        }
    }

    /// The name as a path.
    #[must_use]
    pub fn path(self) -> String {
        match self.location() {
            (name, None) => name.to_owned(),
            (name, Some(sub)) => format!("{name}.{sub}"),
        }
    }

    /// Whether upper and lower case make a difference. They do in ids alone.
    #[must_use]
    pub fn is_case_exact(self) -> bool {
        matches!(self, Self::Id | Self::ExternalId | Self::GroupValue | Self::MemberValue)
    }

    /// Whether a list can be sorted by it: texts and moments that a resource has one of.
    #[must_use]
    pub fn is_sortable(self) -> bool {
        matches!(
            self,
            Self::Id
                | Self::ExternalId
                | Self::Created
                | Self::LastModified
                | Self::UserName
                | Self::DisplayName
                | Self::Formatted
                | Self::FamilyName
                | Self::GivenName
        )
    }
}
