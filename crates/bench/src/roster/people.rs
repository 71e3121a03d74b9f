//! Made-up people: the same person at the same number in every run and on every machine.

use super::names::{DOMAINS, FIRST_NAMES, SURNAMES};

/// When the first account was made: 2023-01-01.
const FIRST: u64 = 1_672_531_200;
/// Seconds in which a roster of any size was last active: a year.
const YEAR: u64 = 31_536_000;
/// Length of a settings document. Bytes.
const SETTINGS: usize = 1024;
/// Bytes of an avatar before base64.
const AVATAR: usize = 6 * 1024;
/// Groups of every roster.
pub(crate) const GROUPS: usize = 60;
/// Callers in a plan, so that requests meet many rows.
pub(crate) const CALLERS: usize = 1000;
/// A surname of [`RARE`] people in every roster.
pub(crate) const RARE_SURNAME: &str = "Quillfeather";
/// How many have it.
pub(crate) const RARE: usize = 50;

/// One account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// The account's id.
    pub(crate) id: String,
    /// First name, initial, surname.
    pub(crate) name: String,
    /// In lower case, unlike anybody else's.
    pub(crate) email: String,
    /// `admin`, `user` or `pending`.
    pub(crate) role: &'static str,
    /// Several accounts share a second: lists must break ties.
    pub(crate) created_at: u64,
    /// Not before `created_at`.
    pub(crate) updated_at: u64,
    /// In the year before the roster was made.
    pub(crate) last_active_at: u64,
    /// About one kilobyte of JSON.
    pub(crate) settings: String,
    /// A path, or for one in twenty 8 KB of data URI.
    pub(crate) picture: String,
    /// Numbers of groups, all different.
    pub(crate) groups: Vec<usize>,
    /// Whether somebody is signed in.
    pub(crate) has_session: bool,
}

impl Person {
    /// The same without what only fills the disk, unless it is somebody who may send requests.
    pub(crate) fn slim(mut self, number: usize, total: usize) -> Self {
        "/user.png".clone_into(&mut self.picture);
        if number != 0 && !is_caller(number, total, CALLERS) {
            r#"{"ui": {"theme": "dark"}}"#.clone_into(&mut self.settings);
            self.groups.truncate(1);
            self.has_session = false;
        }
        self
    }
}

/// The person with this number in a roster of so many. Number 0 is the primary admin.
pub(crate) fn person(number: usize, total: usize) -> Person {
    let mut dice = Dice(number as u64);
    let id = dice.uuid();
    let first = dice.one_of(&FIRST_NAMES);
    let initial = char::from(b'A' + u8::try_from(dice.below(26)).unwrap_or(0));
    let surname = if is_rare(number, total) { RARE_SURNAME } else { dice.one_of(&SURNAMES) };
    let local: String = surname.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let created_at = FIRST + (number as u64 / 3) * 90;
    Person {
        name: format!("{first} {initial}. {surname}"),
        email: format!("{local}{number}@{}", dice.one_of(&DOMAINS)),
        role: match number {
            0 | 4 | 8 => "admin",
            _ if number % 100 == 3 => "pending",
            _ => "user",
        },
        created_at,
        updated_at: created_at + dice.below(YEAR),
        last_active_at: FIRST + YEAR + dice.below(YEAR),
        settings: settings(number, &mut dice),
        picture: if number % 20 == 7 { avatar(&mut dice) } else { "/user.png".to_owned() },
        groups: memberships(number, &mut dice),
        has_session: true,
        id,
    }
}

/// A UUID for row `number` of some table, the same every time.
pub(crate) fn row_id(table: u64, number: usize) -> String {
    Dice(number as u64 ^ (table << 56)).uuid()
}

/// Who may send requests in a measurement: users in exactly two groups, from all over the roster.
pub(crate) fn callers(total: usize, wanted: usize) -> impl Iterator<Item = Person> {
    let step = caller_step(total, wanted);
    (0..total / 4).step_by(step).take(wanted).map(move |index| person(index * 4 + 1, total))
}

/// Whether this is one of them.
fn is_caller(number: usize, total: usize, wanted: usize) -> bool {
    let step = caller_step(total, wanted);
    let fourth = number / 4;
    number % 4 == 1 && fourth.is_multiple_of(step) && fourth / step < wanted
}

/// Of every fourth of the roster, one in so many.
fn caller_step(total: usize, wanted: usize) -> usize {
    (total / 4 / wanted.max(1)).max(1)
}

/// The numbers of a roster in an order that looks random, the same each time.
pub(crate) fn shuffled(total: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..total).collect();
    let mut dice = Dice(total as u64);
    for place in (1..total).rev() {
        let other = usize::try_from(dice.below(place as u64 + 1)).unwrap_or(0);
        numbers.swap(place, other);
    }
    numbers
}

fn is_rare(number: usize, total: usize) -> bool {
    let every = (total / RARE).max(1);
    number % every == every / 2 && number / every < RARE
}

/// Three groups; two for one in four, see [`callers`].
fn memberships(number: usize, dice: &mut Dice) -> Vec<usize> {
    let count = if number % 4 == 1 { 2 } else { 3 };
    let start = usize::try_from(dice.below(GROUPS as u64)).unwrap_or(0);
    (0..count).map(|nth| (start + nth * 17) % GROUPS).collect()
}

/// What a front end keeps, filled up to the usual length.
fn settings(number: usize, dice: &mut Dice) -> String {
    let theme = dice.one_of(&["dark", "light", "oled-dark", "system"]);
    let model = dice.one_of(&["llama3.1:70b", "mistral-large", "qwen2.5:32b", "gpt-4o"]);
    let language = dice.one_of(&["en-US", "de-DE", "fr-FR", "pt-BR", "ja-JP"]);
    let head = format!(
        r#"{{"ui": {{"theme": "{theme}", "models": ["{model}"], "language": "{language}", "notificationEnabled": true, "chatBubble": false, "widescreenMode": {}, "pinned": [{number}], "system": ""#,
        dice.below(2) == 0,
    );
    let tail = r#""}, "memory": {"enabled": true}}"#;
    let words = "You answer briefly, name your sources, and say so when you do not know. ";
    let room = SETTINGS.saturating_sub(head.len() + tail.len());
    let prompt: String = words.chars().cycle().take(room).collect();
    format!("{head}{prompt}{tail}")
}

/// A data URI that begins as a PNG does; the rest is noise.
fn avatar(dice: &mut Dice) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // The PNG signature and the first chunk's length, in base64.
    let mut uri = String::from("data:image/png;base64,iVBORw0KGgoAAAAN");
    while uri.len() < AVATAR / 3 * 4 {
        let bits = dice.next();
        for shift in [0, 6, 12, 18, 24, 30, 36, 42] {
            uri.push(char::from(ALPHABET[usize::try_from((bits >> shift) & 63).unwrap_or(0)]));
        }
    }
    uri.truncate("data:image/png;base64,".len() + (uri.len() - "data:image/png;base64,".len()) / 4 * 4);
    uri
}

/// `SplitMix64`: a sequence of evenly spread numbers from any start.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn one_of(&mut self, texts: &[&'static str]) -> &'static str {
        let index = self.below(texts.len() as u64);
        texts[usize::try_from(index).unwrap_or(0)]
    }

    fn uuid(&mut self) -> String {
        let bytes = u128::from(self.next()) << 64 | u128::from(self.next());
        uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid().hyphenated().to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_same_number_is_the_same_person() {
        assert_eq!(person(17, 1000), person(17, 1000));
        assert_ne!(person(17, 1000).id, person(18, 1000).id);
    }

    #[test]
    fn nobody_shares_an_id_or_an_address() {
        let people: Vec<_> = (0..5000).map(|number| person(number, 5000)).collect();
        assert_eq!(people.iter().map(|p| &p.id).collect::<HashSet<_>>().len(), 5000);
        assert_eq!(people.iter().map(|p| &p.email).collect::<HashSet<_>>().len(), 5000);
    }

    #[test]
    fn the_rare_surname_is_as_rare_in_every_roster() {
        for total in [1000, 10_000, 12_345] {
            let rare = (0..total).filter(|number| person(*number, total).name.contains(RARE_SURNAME)).count();
            assert_eq!(rare, RARE, "of {total}");
        }
    }

    #[test]
    fn settings_are_json_of_one_kilobyte() {
        for number in [0, 999_999] {
            let settings = person(number, 1_000_000).settings;
            assert_eq!(settings.len(), SETTINGS);
            assert!(serde_json::from_str::<serde_json::Value>(&settings).is_ok());
        }
    }

    #[test]
    fn one_in_twenty_has_an_avatar_of_eight_kilobytes() {
        let pictures: Vec<_> = (0..100).map(|number| person(number, 100).picture).collect();
        assert_eq!(
            pictures
                .iter()
                .filter(|picture| picture.starts_with("data:image/png;base64,iVBORw0KGgo"))
                .count(),
            5
        );
        assert!(pictures.iter().all(|picture| picture == "/user.png" || picture.len() > 8000));
    }

    #[test]
    fn callers_are_users_in_two_groups() {
        let callers: Vec<_> = callers(10_000, 1000).collect();
        assert_eq!(callers.len(), 1000);
        assert!(callers.iter().all(|caller| caller.role == "user" && caller.groups.len() == 2));
        assert_eq!(super::callers(1000, 1000).count(), 250);
    }

    #[test]
    fn whoever_may_send_requests_is_told_by_the_number() {
        for total in [1000, 10_000, 12_345] {
            let found: Vec<_> = (0..total)
                .filter(|number| is_caller(*number, total, CALLERS))
                .map(|n| person(n, total))
                .collect();
            assert_eq!(found, callers(total, CALLERS).collect::<Vec<_>>(), "of {total}");
        }
    }

    #[test]
    fn a_shuffle_has_each_number_once() {
        let mut numbers = shuffled(1000);
        assert_ne!(numbers, (0..1000).collect::<Vec<_>>());
        numbers.sort_unstable();
        assert_eq!(numbers, (0..1000).collect::<Vec<_>>());
    }
}
