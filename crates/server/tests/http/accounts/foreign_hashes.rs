//! Hashes that other systems made: they are checked, and replaced when their owner signs in (rule M27).

use rosterd_domain::rules::password_hash::{Argon2Cost, HashAlgorithm};
use rosterd_testkit::{Caller, TestServer, with_servers};

use super::{hash_of, sign_in, token_in};
use crate::support::{SETTINGS, is_current};

/// Hashes of the same password, by whom they were made.
const HASHES: [(&str, &str); 5] = [
    ("Django", "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso="),
    (
        "Keycloak",
        "$pbkdf2-sha256$i=1000,l=64$AAECAwQFBgcICQoLDA0ODw==$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQVykgYqFUkGDPSqmamlmDo91gX1JZ69LgWiJuFkmT+UQ==",
    ),
    (
        "SHA-512",
        "$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODw==$Xpx07WjVx4vCIvrmBRj8uOoVVtGqJqtUv2J5bhizSQs7osCteF7W4A61dZDqSIqQjO+dxO6p5FT/Uy7QRBXSXA==",
    ),
    ("scrypt", "$scrypt$ln=4,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$Q7EcH175P/kcU7JE2HRU+qTRrq/BS6UbCRYPdBaC5y8"),
    (
        "Argon2",
        "$argon2id$v=19$m=8192,t=1,p=4$EwjAsiG/F/uhl8rmusc/dw$xn57GFL21XceAbUEwBElHDbZIPItXN6bFEkKTFi7TOg",
    ),
];
const HASHED: &str = "correct horse";

fn db_set_hash(server: &TestServer, owner: &Caller, hash: &str) {
    let sql = format!("UPDATE auth SET password = '{hash}' WHERE id = '{}'", owner.id());
    server.db().db_execute(&sql);
}

with_servers!(all, m27_hashes_of_other_systems_sign_in_and_are_replaced, async |server| {
    for (made_by, hash) in HASHES {
        let bob = server.db_user(&format!("bob of {made_by}").replace(' ', ".")).create().await;
        db_set_hash(&server, &bob, hash);
        sign_in(&server, bob.email(), "correct horsf").await.assert_error(400, "INVALID_CREDENTIALS");
        assert_eq!(hash_of(server.db(), &bob), hash, "only who knows the password replaces it: {made_by}");

        let session = bob.with_bearer(token_in(&sign_in(&server, bob.email(), HASHED).await));
        let replaced = hash_of(server.db(), &bob);
        assert!(replaced.starts_with("$2b$04$"), "{made_by}: {replaced}");
        bob.get(SETTINGS).await.assert_status(200);
        session.get(SETTINGS).await.assert_status(200);

        token_in(&sign_in(&server, bob.email(), HASHED).await);
        assert_eq!(hash_of(server.db(), &bob), replaced, "once is enough: {made_by}");
        sign_in(&server, bob.email(), "correct horsf").await.assert_error(400, "INVALID_CREDENTIALS");
    }
});

// Their cost cannot be chosen, so these are slow, and one database is enough.
with_servers!(own, m27_accounts_of_better_auth_and_firebase_sign_in, async |server| {
    let better_auth = "000102030405060708090a0b0c0d0e0f:f69a7dc76f82159f27cb289bcea664f1cc917e84c0d061e1db9a07471514c62c0f46da1840253e59fc8273461800e3b0af683159ee86b1d7dcb3d315d6918123";
    let firebase = "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
    for (name, hash, password) in
        [("bob", better_auth, "gr\u{fc}ne Wiese"), ("carol", firebase, "user1password")]
    {
        let owner = server.db_user(name).create().await;
        db_set_hash(&server, &owner, hash);
        token_in(&sign_in(&server, owner.email(), password).await);
        assert!(hash_of(server.db(), &owner).starts_with("$2b$04$"), "{name}");
        token_in(&sign_in(&server, owner.email(), password).await);
    }
});

with_servers!(
    all,
    m27_a_hash_is_replaced_by_what_its_open_webui_reads,
    |server| server.settings(|settings| {
        settings.hash_algorithm = HashAlgorithm::Argon2;
        settings.argon2_cost = Argon2Cost { memory: 64, passes: 1, lanes: 1 };
    }),
    async |server| {
        let bob = server.db_user("bob").create().await;
        for (made_by, hash) in HASHES {
            db_set_hash(&server, &bob, hash);
            token_in(&sign_in(&server, bob.email(), HASHED).await);
            let replaced = hash_of(server.db(), &bob);
            if !is_current(&server) {
                assert!(replaced.starts_with("$2b$04$"), "{made_by}: {replaced}");
            } else if made_by == "Argon2" {
                assert_eq!(replaced, hash, "dearer than configured");
            } else {
                assert!(replaced.starts_with("$argon2id$v=19$m=64,"), "{made_by}: {replaced}");
            }
        }
    }
);

// Argon2 reads all of a password, bcrypt the first 72 bytes.
with_servers!(newest, m27_a_long_password_keeps_its_hash, async |server| {
    let bob = server.db_user("bob").create().await;
    let long = "x".repeat(73);
    let cost = Argon2Cost { memory: 64, passes: 1, lanes: 1 };
    let password = rosterd_domain::secret::PlainPassword::new(long.clone());
    let hash = rosterd_app::passwords::hash_argon2(&password, cost).unwrap();
    db_set_hash(&server, &bob, hash.expose());
    token_in(&sign_in(&server, bob.email(), &long).await);
    assert_eq!(hash_of(server.db(), &bob), hash.expose());
    sign_in(&server, bob.email(), &"x".repeat(72)).await.assert_error(400, "INVALID_CREDENTIALS");
});
