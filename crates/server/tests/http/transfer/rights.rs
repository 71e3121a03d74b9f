//! Who may become what by a file (rules T4 and T5).

use rosterd_domain::role::Role;
use rosterd_testkit::with_servers;
use serde_json::json;

use super::{counts, import, import_as, refusal};

// T4: admins are made and unmade only if that is allowed, and never the primary one.
with_servers!(all, t4_admins_are_made_only_if_that_is_allowed, async |server| {
    let first = server.db_admin("first").email("first@rosterd.test").created_at(1).create().await;
    let second = server.db_admin("second").email("second@rosterd.test").create().await;
    for (file, said) in [
        ("email,role\nnew@rosterd.test,admin\n", "it would be an admin"),
        ("email,role\nsecond@rosterd.test,user\n", "it would cease to be an admin"),
    ] {
        let refused = import(&first, "apply=true", file).await;
        assert!(refusal(&refused).1.starts_with(said), "{refused}");
    }
    let allowed = "apply=true&allow_admins=true";
    let refused = import(&second, allowed, "email,role\nfirst@rosterd.test,user\n").await;
    assert!(refusal(&refused).1.contains("primary admin"), "{refused}");
    let refused = import(&second, allowed, "email,role\nsecond@rosterd.test,user\n").await;
    assert!(refusal(&refused).1.contains("your own account"), "{refused}");
    let applied =
        import(&first, allowed, "email,role\nsecond@rosterd.test,user\nnew@rosterd.test,admin\n").await;
    assert_eq!(counts(&applied), [json!(1), json!(1), json!(0), json!(0)]);
    assert_eq!(server.db_get_user(second.id()).await.role, Role::User);
    // Whose role was taken away is refused at once.
    import(&second, "", "email\n").await.assert_error(401, "ACCESS_PROHIBITED");
});

// T5: what an admin sends over HTTP chooses neither ids nor times.
with_servers!(own, t5_an_admin_chooses_no_ids, async |server| {
    let ada = server.db_admin("ada").created_at(1_000).create().await;
    let line = json!({ "email": "a@rosterd.test", "id": "chosen", "created_at": 1, "bio": "Hi" });
    let applied = import_as(&ada, "apply=true", "application/x-ndjson", line.to_string().as_bytes()).await;
    assert_eq!(counts(&applied)[0], 1);
    let rows =
        server.db().db_query_text("SELECT id, created_at, bio FROM \"user\" WHERE email = 'a@rosterd.test'");
    let [id, made, bio] = rows[0].as_slice() else { panic!("{rows:?}") };
    assert!(id.as_deref() != Some("chosen") && made.as_deref() != Some("1"), "{rows:?}");
    assert_eq!(bio.as_deref(), Some("Hi"));
});
