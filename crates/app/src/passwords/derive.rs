//! The functions that derive a key from a password: PBKDF2 and scrypt.

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use pbkdf2::pbkdf2_hmac;
use rosterd_domain::rules::password_hash::{DerivedHash, Function, Pbkdf2Digest, ScryptCost};
use rosterd_domain::unicode::nfkc;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// Bytes of a key of AES-256.
const AES_KEY: usize = 32;
/// Bytes that AES encrypts at a time.
const AES_BLOCK: usize = 16;

/// Whether a password fits. What it costs was limited when the hash was taken apart.
pub(super) fn fits(password: &str, hash: &DerivedHash) -> bool {
    let mut key = vec![0; hash.key_bytes()];
    match &hash.function {
        Function::Pbkdf2(cost) => {
            let derive = match cost.digest {
                Pbkdf2Digest::Sha1 => pbkdf2_hmac::<Sha1>,
                Pbkdf2Digest::Sha256 => pbkdf2_hmac::<Sha256>,
                Pbkdf2Digest::Sha512 => pbkdf2_hmac::<Sha512>,
            };
            derive(password.as_bytes(), &hash.salt, cost.iterations, &mut key);
            hash.is(&key)
        }
        Function::Scrypt(cost) => scrypt(password, &hash.salt, *cost, &mut key) && hash.is(&key),
        Function::BetterAuth(cost) => scrypt(&nfkc(password), &hash.salt, *cost, &mut key) && hash.is(&key),
        Function::Firebase(cost, signer) => {
            let mut cipher_key = [0; AES_KEY];
            scrypt(password, &hash.salt, *cost, &mut cipher_key) && hash.is(&encrypted(cipher_key, signer))
        }
    }
}

/// Fills the key; `false` for parameters that scrypt does not have.
fn scrypt(password: &str, salt: &[u8], cost: ScryptCost, key: &mut [u8]) -> bool {
    scrypt::Params::new(cost.log_n, cost.block, cost.lanes)
        .is_ok_and(|params| scrypt::scrypt(password.as_bytes(), salt, &params, key).is_ok())
}

/// AES-256 in counter mode, counting from zero (NIST SP 800-38A, 6.5).
fn encrypted(key: [u8; AES_KEY], plain: &[u8]) -> Vec<u8> {
    let cipher = Aes256::new(&key.into());
    let mut out = Vec::with_capacity(plain.len());
    for (block, counter) in plain.chunks(AES_BLOCK).zip(0_u128..) {
        let mut stream = counter.to_be_bytes().into();
        cipher.encrypt_block(&mut stream);
        out.extend(block.iter().zip(stream).map(|(plain, stream)| plain ^ stream));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_fits(password: &str, stored: &str) {
        let hash = DerivedHash::parse(stored).unwrap();
        assert!(fits(password, &hash), "{stored}");
        assert!(!fits(&format!("{password}x"), &hash), "{stored}");
        assert!(!fits("", &hash), "{stored}");
    }

    // The expected keys are those of Python's hashlib.
    #[test]
    fn m27_pbkdf2_as_django_and_keycloak_store_it_fits() {
        for stored in [
            "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=",
            "$pbkdf2-sha256$i=1000,l=64$AAECAwQFBgcICQoLDA0ODw==$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQVykgYqFUkGDPSqmamlmDo91gX1JZ69LgWiJuFkmT+UQ==",
            "pbkdf2_sha1$1000$seasalt$iQvkNOF1wEL4Khh8eogJ8rUhipM=",
            "$pbkdf2-sha1$i=1000,l=64$AAECAwQFBgcICQoLDA0ODw==$ndhWw3a4srcTtr4HQFTLiKRlVuARheqNDSZ/M5xlIWnV8dW5o4FxWW4SX6V6pwPMFQrFliwwmyqHNSBeApSZPA==",
            "$pbkdf2-sha512$i=1000$AAECAwQFBgcICQoLDA0ODw==$Xpx07WjVx4vCIvrmBRj8uOoVVtGqJqtUv2J5bhizSQs7osCteF7W4A61dZDqSIqQjO+dxO6p5FT/Uy7QRBXSXA==",
        ] {
            assert_fits("correct horse", stored);
        }
    }

    #[test]
    fn m27_scrypt_in_the_phc_form_fits() {
        assert_fits(
            "correct horse",
            "$scrypt$ln=4,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$Q7EcH175P/kcU7JE2HRU+qTRrq/BS6UbCRYPdBaC5y8",
        );
    }

    #[test]
    fn m27_scrypt_as_better_auth_stores_it_fits() {
        let stored = "000102030405060708090a0b0c0d0e0f:f69a7dc76f82159f27cb289bcea664f1cc917e84c0d061e1db9a07471514c62c0f46da1840253e59fc8273461800e3b0af683159ee86b1d7dcb3d315d6918123";
        assert_fits("gr\u{fc}ne Wiese", stored);
        assert!(fits("gru\u{308}ne Wiese", &DerivedHash::parse(stored).unwrap()), "another spelling");
    }

    // The example in the documentation of Firebase's hash.
    #[test]
    fn m27_scrypt_as_firebase_stores_it_fits() {
        assert_fits(
            "user1password",
            "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,\
             sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==\
             $42xEC+ixf3L2lw==\
             $lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
        );
    }
}
