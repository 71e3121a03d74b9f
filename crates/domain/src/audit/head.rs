//! The head of the log: how far it is sealed, in one word that somebody keeps elsewhere.

use std::fmt;
use std::str::FromStr;

use super::chain::Chain;
use super::seal::{FIRST, Seal};

/// How far the log was sealed at some moment. Written as `POSITION-SEAL-SEAL`: the last position, then the last seal of either
/// chain, the lasting one first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The position of the last sealed event; 0 where there was none.
    pub position: i64,
    /// The last seal of events that last.
    pub lasting: Seal,
    /// The last seal of events that pass.
    pub passing: Seal,
}

/// A text that is no [`Head`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not what `rosterd audit head` prints: a number and two seals of 64 digits, joined by `-`")]
pub struct HeadError;

impl Head {
    /// The last seal of this chain.
    #[must_use]
    pub fn seal(&self, chain: Chain) -> &str {
        match chain {
            Chain::Lasting => &self.lasting,
            Chain::Passing => &self.passing,
        }
    }
}

impl Default for Head {
    fn default() -> Self {
        Self { position: 0, lasting: FIRST.to_owned(), passing: FIRST.to_owned() }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.position, self.lasting, self.passing)
    }
}

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let is_seal = |seal: &str| {
            seal.len() == FIRST.len() && seal.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let mut parts = text.trim().split('-');
        let (Some(position), Some(lasting), Some(passing), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(HeadError);
        };
        let position = position.parse().map_err(|_no_number| HeadError)?;
        if !is_seal(lasting) || !is_seal(passing) {
            return Err(HeadError);
        }
        Ok(Self { position, lasting: lasting.to_owned(), passing: passing.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_is_written() {
        let head = Head { position: 12, lasting: "ab".repeat(32), passing: FIRST.to_owned() };
        assert_eq!(head.to_string().parse(), Ok(head));
        for wrong in ["", "12", "12-ab-cd", &format!("x-{FIRST}-{FIRST}"), &format!("1-{FIRST}-{FIRST}-2")] {
            assert_eq!(wrong.parse::<Head>(), Err(HeadError), "{wrong}");
        }
    }
}
