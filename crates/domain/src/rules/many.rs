//! One thing done to many accounts (rule R7).

use std::collections::BTreeSet;

use crate::ids::UserId;

/// Most accounts of one call.
pub const MOST: usize = 1_000;

/// The order in which accounts are worked on: each once, by id, and the actor's own as the last.
///
/// Rows that are locked in one order cannot keep two transactions waiting for each other. And with its own account the
/// actor may lose the right, or the session, that the others need.
#[must_use]
pub fn in_order(ids: &[UserId], actor: Option<&UserId>) -> Vec<UserId> {
    let each: BTreeSet<&UserId> = ids.iter().collect();
    let own = each.iter().find(|id| actor == Some(**id)).copied();
    each.into_iter().filter(|id| Some(*id) != own).chain(own).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> Vec<UserId> {
        ids.iter().map(|id| UserId::from_stored((*id).to_owned())).collect()
    }

    #[test]
    fn r7_each_comes_once_and_the_own_account_last() {
        let own = &ids(&["b"])[0];
        assert_eq!(in_order(&ids(&["c", "b", "a", "c", "b"]), Some(own)), ids(&["a", "c", "b"]));
        assert_eq!(in_order(&ids(&["c", "b", "a"]), None), ids(&["a", "b", "c"]));
        assert_eq!(in_order(&ids(&["c", "a"]), Some(own)), ids(&["a", "c"]), "nobody who was not named");
        assert_eq!(in_order(&[], Some(own)), []);
    }
}
