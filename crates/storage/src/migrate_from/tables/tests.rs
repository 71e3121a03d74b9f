use super::*;
use crate::required;

#[test]
fn every_column_that_rosterd_needs_is_carried() {
    // Made anew: of the users, by triggers, or of no use elsewhere.
    let derived = [
        "rosterd_user_search",
        "rosterd_counter",
        "rosterd_member_name",
        "rosterd_lease",
        "rosterd_attempt",
        "rosterd_setup_token",
        // What waits there is sent from there.
        "rosterd_mail",
        // They hold rows as the tables of that database have them.
        "rosterd_deleted",
        "rosterd_deleted_row",
    ];
    let needed = required::ALWAYS.iter().chain(required::OWN).chain([&required::CONFIG_KEY_VALUE]);
    for (name, columns) in needed.filter(|(name, _)| !derived.contains(name)) {
        let table = ALL.iter().find(|table| table.name == *name);
        let table = table.unwrap_or_else(|| panic!("{name} is not carried"));
        for (column, _) in *columns {
            assert!(table.place(column).is_some(), "{name}.{column} is not carried");
        }
    }
}

#[test]
fn every_key_and_every_owner_is_a_column_that_is_there() {
    for table in ALL.iter().chain([&SEARCH]) {
        assert_eq!(table.key_places().count(), table.key.len(), "{}", table.name);
        for (column, owner) in table.owners {
            assert!(table.place(column).is_some(), "{}.{column}", table.name);
            assert!(ALL.iter().any(|other| other.name == *owner), "{owner}");
        }
    }
}
