//! Changes of the tree of groups, 32 at the same time through two servers on one database: rules M1 and M9.

use rosterd_testkit::{Caller, Reply, ServerBuilder, TestServer, with_servers};
use serde_json::{Value, json};

use super::CREATE;
use super::tree::{at, has_no_ring, make, put};
use crate::support::{at_once, rows};

/// Requests at the same time.
const MANY: usize = 32;

/// More connections than cores, so that transactions do meet.
fn crowded(server: ServerBuilder) -> ServerBuilder {
    server.store(|store| store.threads = 8)
}

/// Groups whose parent is not there.
fn orphans(server: &TestServer) -> i64 {
    rows(
        server,
        "\"group\" WHERE parent_group_id IS NOT NULL AND parent_group_id NOT IN (SELECT id FROM \"group\")",
    )
}

async fn update(admin: Caller, id: String, parent: String) -> Reply {
    put(&admin, &id, json!(parent)).await
}

with_servers!(current, m1_of_two_groups_that_want_to_be_above_each_other_one_is, crowded, async |server| {
    let ada = server.db_admin("ada").create().await;
    let second = server.second().await;
    let doors = [ada.clone(), ada.through(&second)];
    let mut pairs = Vec::new();
    for number in 0..MANY / 2 {
        let name = |side: &str| format!("{side}{number}");
        pairs.push((
            make(&ada, &name("a"), None, json!({})).await,
            make(&ada, &name("b"), None, json!({})).await,
        ));
    }
    let wishes = pairs.iter().enumerate().flat_map(|(number, (one, other))| {
        let (first, second) = (doors[number % 2].clone(), doors[(number + 1) % 2].clone());
        [update(first, one.clone(), other.clone()), update(second, other.clone(), one.clone())]
    });
    let replies = at_once(wishes).await;
    for pair in replies.chunks(2) {
        let refused: Vec<_> = pair.iter().filter(|reply| reply.status() != 200).collect();
        assert_eq!(refused.len(), 1, "{pair:?}");
        refused[0].assert_error(400, "GROUP_CYCLE");
    }
    assert!(has_no_ring(&server));
});

with_servers!(current, m1_32_moves_along_a_chain_leave_no_ring, crowded, async |server| {
    let ada = server.db_admin("ada").create().await;
    let second = server.second().await;
    let doors = [ada.clone(), ada.through(&second)];
    let mut groups = Vec::new();
    for number in 0..8 {
        groups.push(make(&ada, &format!("g{number}"), None, json!({})).await);
    }
    // Each wants to be below the next: all together they would be one ring.
    let moves = (0..MANY).map(|number| {
        let (group, parent) = (groups[number % 8].clone(), groups[(number + 1) % 8].clone());
        update(doors[number / 8 % 2].clone(), group, parent)
    });
    let replies = at_once(moves).await;
    assert!(replies.iter().any(|reply| reply.status() == 400));
    for reply in replies.iter().filter(|reply| reply.status() != 200) {
        reply.assert_error(400, "GROUP_CYCLE");
    }
    assert!(has_no_ring(&server));
});

with_servers!(current, m9_children_made_while_their_parent_is_deleted_have_one, crowded, async |server| {
    let ada = server.db_admin("ada").create().await;
    let second = server.second().await;
    let doors = [ada.clone(), ada.through(&second)];
    for round in 0..2 {
        let root = make(&ada, "root", None, json!({})).await;
        let parent = make(&ada, "parent", Some(&root), json!({})).await;
        let mover = make(&ada, "mover", None, json!({})).await;
        let requests = (0..MANY).map(|number| {
            let (admin, parent, mover) = (doors[number % 2].clone(), parent.clone(), mover.clone());
            async move {
                match number {
                    _ if number == 9 + round * 8 => admin.delete(&at(&parent, "/delete")).await,
                    _ if number % 4 == 3 => update(admin, mover, parent).await,
                    _ => {
                        let form = json!({ "name": "child", "description": "", "parent_group_id": parent });
                        admin.post(CREATE, form).await
                    }
                }
            }
        });
        let replies = at_once(requests).await;
        replies[9 + round * 8].assert(200, json!(true));
        for reply in replies.iter().filter(|reply| reply.status() != 200) {
            reply.assert_error(404, "GROUP_NOT_FOUND");
        }
        assert_eq!(orphans(&server), 0);
        let below = rows(&server, &format!("\"group\" WHERE parent_group_id = '{root}'"));
        let made = replies.iter().filter(|reply| reply.at("/name") == "child").count();
        let moved = ada.get(&at(&mover, "")).await.at("/parent_group_id");
        assert!(moved == json!(root) || moved == Value::Null, "{moved}");
        let moved = i64::from(moved == json!(root));
        assert_eq!(below, i64::try_from(made).unwrap() + moved, "each child got the parent of its parent");
    }
});
