//! Users that differ in everything that a filter can ask for.

use rosterd_domain::group::{GroupName, NewGroup};
use rosterd_domain::ids::GroupId;
use rosterd_domain::role::Role;
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::suspension::{Suspension, SuspensionRow};
use rosterd_domain::unicode::nfc;
use rosterd_scim::{DateTime, Email, GroupReference, Meta, PersonName, User, UserAttributes, Version};
use rosterd_storage::{ScimUserRow, Store};
use rosterd_testkit::TestDb;
use serde_json::Value;

use super::{attributes, insert, row};
use crate::support::{NOW, id, new_user, write};

/// What is sent.
pub(super) const TEXTS: [&str; 14] = [
    "a",
    "A",
    "ab",
    "Ab",
    "b",
    "ba",
    "a%",
    "_",
    "\u{e9}",
    "E\u{301}A",
    "stra\u{df}e",
    "\u{1f334}a",
    "a\u{10ffff}",
    " a ",
];

/// Numbers that look as if by chance, the same each time.
struct Dice(u64);

pub(super) fn composed(text: &str) -> String {
    nfc(text).into_owned()
}

/// The same with its texts composed, but for `externalId`, which is compared as it is.
fn all_composed(mut sent: UserAttributes) -> UserAttributes {
    let maybe = |text: &mut Option<String>| *text = text.as_deref().map(composed);
    sent.user_name = composed(&sent.user_name);
    maybe(&mut sent.display_name);
    maybe(&mut sent.name.formatted);
    maybe(&mut sent.name.family_name);
    maybe(&mut sent.name.given_name);
    for email in &mut sent.emails {
        email.value = composed(&email.value);
        maybe(&mut email.display);
        maybe(&mut email.kind);
    }
    sent
}

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn text(&mut self) -> String {
        TEXTS[self.below(TEXTS.len())].to_owned()
    }

    fn maybe(&mut self) -> Option<String> {
        (self.below(3) > 0).then(|| self.text())
    }
}

/// Thirty users with what was sent of them, some suspended, some that cannot sign in, some in groups; their documents.
pub(super) async fn make_users(store: &Store, db: &TestDb) -> Vec<Value> {
    let mut dice = Dice(7);
    for (group, name, hidden) in [("g-1", "Ab", "NULL"), ("g-2", "\u{e9}", "NULL"), ("g-3", "a", "1")] {
        let new = NewGroup {
            id: GroupId::from_stored(group.to_owned()),
            owner: id("u-00"),
            parent: None,
            name: GroupName::from_stored(name.to_owned()),
            description: String::new(),
            data: None,
            meta: None,
            permissions: None,
            created_at: NOW,
        };
        write(store, move |db| db.insert_group(&new)).await;
        db.db_execute(&format!(
            "INSERT INTO rosterd_scim_group (connection_id, group_id, made, hidden_at, display_name, display_key, created_at, \
             updated_at, version) VALUES ('c-1', '{group}', TRUE, {hidden}, '{name}', '{}', 1, 1, 1)",
            rosterd_scim::filter::fold(name)
        ));
    }
    let mut documents = Vec::new();
    for number in 0..30_i64 {
        let name = format!("{number:02}");
        let user = format!("u-{name}");
        let mut emails = Vec::new();
        for _ in 0..dice.below(3) {
            let primary = [None, Some(false), Some(true)][dice.below(3)];
            emails.push(Email { value: dice.text(), display: dice.maybe(), kind: dice.maybe(), primary });
        }
        let (is_shut_out, is_suspended) = (dice.below(4) == 0, dice.below(4) == 0);
        let sent = UserAttributes {
            external_id: dice.maybe(),
            active: !is_shut_out && !is_suspended,
            display_name: dice.maybe(),
            name: PersonName { formatted: dice.maybe(), family_name: dice.maybe(), given_name: dice.maybe() },
            emails,
            ..attributes(&format!("{}{name}", dice.text()))
        };
        let seconds = i64::try_from(dice.below(3)).unwrap();
        let kept =
            ScimUserRow { created_at: NOW + seconds, updated_at: NOW + 3 - seconds, ..row(&user, sent) };
        let groups: Vec<usize> = (0..3).filter(|_| dice.below(3) == 0).collect();
        let (new, owner, member_of) = (new_user(&name, number), id(&user), groups.clone());
        write(store, move |db| {
            db.insert_user(&new)?;
            db.insert_auth(&owner, new.email.as_str(), &PasswordHash::unset(4), None)?;
            db.set_active(&owner, !is_shut_out)?;
            if is_suspended {
                let shown = Suspension { reason: None, since: NOW, until: None, role: Role::User };
                db.put_suspension(&owner, &SuspensionRow { shown, was_active: true })?;
            }
            for group in member_of {
                let of = GroupId::from_stored(format!("g-{}", group + 1));
                let mut fresh = || format!("m-{owner}-{of}");
                db.add_members(&of, std::slice::from_ref(&owner), NOW, &mut fresh)?;
            }
            Ok(())
        })
        .await;
        insert(store, "c-1", &kept).await;
        let seen = [("g-1", "Ab"), ("g-2", "\u{e9}")];
        let groups = groups.into_iter().filter_map(|group| seen.get(group));
        let meta = Meta {
            created: DateTime::from_seconds(kept.created_at),
            last_modified: DateTime::from_seconds(kept.updated_at),
            version: Version::new("1"),
        };
        let user = User {
            id: user,
            attributes: all_composed(kept.attributes),
            groups: groups
                .map(|(id, display)| GroupReference { id: (*id).to_owned(), display: (*display).to_owned() })
                .collect(),
            meta,
        };
        documents.push(user.to_json(""));
    }
    documents
}
