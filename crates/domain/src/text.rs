//! What any stored text must fulfil, whatever field it is for.

use crate::error::DomainError;

/// Refuses text that holds U+0000: `PostgreSQL` cannot store it and C code would cut the text there, so both
/// databases refuse it alike. `field` is the name of the body field the text came in.
///
/// # Errors
/// [`DomainError::Field`] at `[field]`.
pub fn ensure_storable(field: &str, text: &str) -> Result<(), DomainError> {
    if text.contains('\0') {
        Err(DomainError::field(field, "must not contain the NUL character"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nul_cannot_be_stored() {
        assert_eq!(ensure_storable("name", "a\n\u{1}\u{FFFF}🚀"), Ok(()));
        assert!(ensure_storable("name", "a\0b").is_err());
    }
}
