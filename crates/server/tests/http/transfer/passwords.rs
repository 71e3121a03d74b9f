//! Passwords and hashes in files (rules T5 to T8).

use rosterd_domain::secret::PlainPassword;
use rosterd_testkit::{PASSWORD, with_servers};
use serde_json::json;

use super::{counts, import, import_as, refusal, sign_in};

fn bcrypt(password: &str) -> String {
    rosterd_app::passwords::hash_blocking(&PlainPassword::new(password.to_owned()), 4)
        .unwrap()
        .expose()
        .to_owned()
}

// T6, T7, T8: a password in clear, a hash, and neither.
with_servers!(all, t6_t7_t8_who_has_a_password_signs_in_with_it, async |server| {
    let ada = server.db_admin("ada").created_at(1).create().await;
    let hash = bcrypt("the words of the hash");
    let file = format!(
        "email,password,password_hash\nclear@rosterd.test,the words in clear,\nhash@rosterd.test,,{hash}\nnone@rosterd.test,,\n"
    );
    assert_eq!(counts(&import(&ada, "apply=true", &file).await)[0], 3);
    sign_in(&server.anonymous(), "clear@rosterd.test", "the words in clear").await.assert_status(200);
    sign_in(&server.anonymous(), "hash@rosterd.test", "the words of the hash").await.assert_status(200);
    for password in ["", "x", PASSWORD] {
        let reply = sign_in(&server.anonymous(), "none@rosterd.test", password).await;
        assert!((400..500).contains(&reply.status()), "{reply}");
    }
    // Whoever has none gets one from the next file.
    let file = format!("email,password_hash\nnone@rosterd.test,{hash}\n");
    assert_eq!(counts(&import(&ada, "apply=true", &file).await)[1], 1);
    sign_in(&server.anonymous(), "none@rosterd.test", "the words of the hash").await.assert_status(200);
});

// T5: a password that somebody has stays, unless that is asked for.
with_servers!(own, t5_an_old_file_does_not_bring_old_passwords_back, async |server| {
    let ada = server.db_admin("ada").create().await;
    let bob = server.db_user("bob").email("bob@rosterd.test").password("the present words").create().await;
    let file = "email,password\nbob@rosterd.test,the former words\n";
    assert_eq!(counts(&import(&ada, "apply=true", file).await)[2], 1);
    sign_in(&bob, "bob@rosterd.test", "the present words").await.assert_status(200);
    let set = "apply=true&set_passwords=true";
    assert_eq!(counts(&import(&ada, set, file).await)[1], 1);
    sign_in(&bob, "bob@rosterd.test", "the former words").await.assert_status(200);
    bob.get("/api/v1/users/user/settings").await.assert_status(401);
    assert_eq!(counts(&import(&ada, set, file).await)[2], 1, "the same words are no change");
});

// T7: passwords are judged like any others, in the preview too.
with_servers!(own, t7_a_password_that_nobody_may_have_is_refused, async |server| {
    let ada = server.db_admin("ada").create().await;
    let file = "email,password\na@rosterd.test,short\nb@rosterd.test,password1\n";
    let preview = import(&ada, "", file).await;
    assert_eq!(counts(&preview)[3], 2);
    assert!(refusal(&preview).1.contains("at least 8 characters"), "{preview}");
    assert!(!preview.text().contains("password1"), "{preview}");
});

// T6: in a database of Open WebUI its own sign-in must be able to check a hash.
with_servers!(attached, t6_open_webui_has_to_read_a_hash, async |server| {
    let ada = server.db_admin("ada").created_at(1).create().await;
    let line = json!({ "email": "a@rosterd.test", "password_hash": "pbkdf2_sha256$600000$salt$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" });
    let preview = import_as(&ada, "", "application/x-ndjson", line.to_string().as_bytes()).await;
    assert!(refusal(&preview).1.contains("Open WebUI"), "{preview}");
});
