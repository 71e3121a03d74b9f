//! What rights there are, by the version of Open WebUI.

use super::right::{Right, Section};
use super::table::TABLE;
use crate::dialect::Dialect;
use crate::text::nearest;

/// The rights that one version of Open WebUI knows, in the order in which it shows them.
#[derive(Debug, PartialEq, Eq)]
pub struct Rights(Dialect);

/// The rights of Open WebUI 0.6.
pub static OPEN_WEBUI_0_6: Rights = Rights(Dialect::V0_6);

/// The rights of Open WebUI 0.12.
pub static OPEN_WEBUI_0_12: Rights = Rights(Dialect::V0_12);

// A table with more rights than a template has bits does not compile.
const _: () = {
    let (mut count, mut index) = (0, 0);
    while index < TABLE.len() {
        count += TABLE[index].rights.len();
        index += 1;
    }
    assert!(count <= u128::BITS as usize, "a template holds no more rights than a u128 has bits");
};

impl Rights {
    /// The rights that the front ends of this dialect know.
    #[must_use]
    pub fn of(dialect: Dialect) -> &'static Self {
        match dialect {
            Dialect::V0_6 => &OPEN_WEBUI_0_6,
            Dialect::V0_12 => &OPEN_WEBUI_0_12,
        }
    }

    /// Whose rights these are.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.0
    }

    /// The sections in which it knows any.
    pub fn sections(&self) -> impl Iterator<Item = &'static Section> + use<> {
        let known = Self(self.0);
        TABLE.iter().filter(move |section| known.of_section(section).next().is_some())
    }

    /// The rights of a section.
    pub fn of_section(&self, section: &'static Section) -> impl Iterator<Item = &'static Right> + use<> {
        let dialect = self.0;
        section.rights.iter().filter(move |right| right.since <= dialect)
    }

    /// Every right with the name of its section.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'static Right)> + use<> {
        self.places().map(|(_place, section, right)| (section, right))
    }

    /// The right that is probably meant by an unknown one, as `section.key`: of this key in another section, of nearly this key
    /// in the same, or, where there is no such section, of nearly the whole name.
    #[must_use]
    pub fn nearest(&self, section: &str, key: &str) -> Option<String> {
        let whole = |section: &str, key: &str| format!("{section}.{key}");
        let in_other = self.iter().find(|(_, right)| right.key == key);
        let in_section = self.iter().filter(|(known, _)| *known == section);
        let in_section = in_section.map(|(known, right)| (right.key, whole(known, right.key)));
        let anywhere = self.iter().map(|(known, right)| (whole(known, right.key), whole(known, right.key)));
        in_other
            .map(|(known, right)| whole(known, right.key))
            .or_else(|| nearest(key, in_section))
            .or_else(|| nearest(&whole(section, key), anywhere))
    }

    /// Every right with its place in the table of all versions, and the name of its section.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, &'static str, &'static Right)> + use<> {
        let known = Self(self.0);
        self.placed_sections().flat_map(move |(first, section)| {
            known.places_in(first, section).map(|(place, right)| (place, section.name, right))
        })
    }

    /// The sections in which it knows any right, each with the place of its first right in the table of all versions.
    pub(super) fn placed_sections(&self) -> impl Iterator<Item = (usize, &'static Section)> + use<> {
        let known = Self(self.0);
        let mut next = 0;
        let placed = TABLE.iter().map(move |section| {
            let first = next;
            next += section.rights.len();
            (first, section)
        });
        placed.filter(move |(_, section)| known.of_section(section).next().is_some())
    }

    /// The rights of a section whose first right has this place, each with its own.
    pub(super) fn places_in(
        &self,
        first: usize,
        section: &'static Section,
    ) -> impl Iterator<Item = (usize, &'static Right)> + use<> {
        let dialect = self.0;
        (first..).zip(section.rights).filter(move |(_, right)| right.since <= dialect)
    }

    /// The place of a right in the table of all versions; `None` for one that is not known.
    pub(super) fn position(&self, section: &str, key: &str) -> Option<usize> {
        let mut before = 0;
        for known in &TABLE {
            if known.name == section {
                let place =
                    known.rights.iter().position(|right| right.key == key && right.since <= self.0)?;
                return Some(before + place);
            }
            before += known.rights.len();
        }
        None
    }

    /// The name of a section or a right as it is written in the table.
    pub(super) fn known_name(&self, text: &str) -> Option<&'static str> {
        let sections = TABLE.iter().map(|section| section.name);
        sections.chain(self.iter().map(|(_section, right)| right.key)).find(|name| *name == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n19_there_are_67_rights_in_six_sections() {
        assert_eq!(OPEN_WEBUI_0_12.iter().count(), 67);
        let sections: Vec<_> = OPEN_WEBUI_0_12.sections().map(|section| section.name).collect();
        assert_eq!(sections, ["workspace", "sharing", "access_grants", "chat", "features", "settings"]);
        assert!(OPEN_WEBUI_0_12.iter().all(|(_, right)| right.builtin == right.left_out(Dialect::V0_12)));
    }

    #[test]
    fn in_0_6_there_are_47_rights_in_four_sections() {
        assert_eq!(OPEN_WEBUI_0_6.iter().count(), 47);
        let sections: Vec<_> = OPEN_WEBUI_0_6.sections().map(|section| section.name).collect();
        assert_eq!(sections, ["workspace", "sharing", "chat", "features"]);
        let other = |(_, right): &(&str, &Right)| right.builtin != right.left_out(Dialect::V0_6);
        let others: Vec<_> = OPEN_WEBUI_0_6.iter().filter(other).map(|(_, right)| right.key).collect();
        assert_eq!(others, ["public_tools", "public_notes"]);
    }

    #[test]
    fn a_right_that_is_not_known_yet_has_no_place() {
        assert_eq!(OPEN_WEBUI_0_6.position("features", "calendar"), None);
        assert!(OPEN_WEBUI_0_12.position("features", "calendar").is_some());
        assert_eq!(OPEN_WEBUI_0_6.position("chat", "edit"), OPEN_WEBUI_0_12.position("chat", "edit"));
    }
}
