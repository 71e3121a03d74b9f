//! How deep a JSON text is nested, found without building any value (rule E2).

/// Nesting beyond this is refused.
pub(super) const MAX_DEPTH: usize = 64;

/// Whether arrays and objects nest at most [`MAX_DEPTH`] deep. Right for any valid JSON; for other text the answer
/// does not matter, as it is refused anyway.
pub(super) fn is_shallow(json: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return false;
                }
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e2_sixty_four_levels_are_the_limit() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(is_shallow(nested(64).as_bytes()));
        assert!(!is_shallow(nested(65).as_bytes()));
        assert!(is_shallow("[],".repeat(100).as_bytes()));
    }

    #[test]
    fn brackets_inside_strings_do_not_count() {
        let text = format!(r#"{{"a": "{}\"{}"}}"#, "[".repeat(80), "{".repeat(80));
        assert!(is_shallow(text.as_bytes()));
    }
}
