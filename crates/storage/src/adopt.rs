//! What an attached database lacks.

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdoptReport {}
