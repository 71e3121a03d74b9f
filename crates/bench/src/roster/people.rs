//! Made-up people: the same person at the same number in every run and on every machine.

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
/// A surname of [`RARE`] people in every roster.
pub(crate) const RARE_SURNAME: &str = "Quillfeather";
/// How many have it.
pub(crate) const RARE: usize = 50;

const FIRST_NAMES: [&str; 64] = [
    "Amara",
    "Anna",
    "Anders",
    "Beatriz",
    "Björn",
    "Carlos",
    "Chiara",
    "Chloé",
    "Daniel",
    "Dimitra",
    "Elif",
    "Emma",
    "Émile",
    "Farid",
    "Fatima",
    "Finn",
    "Gabriela",
    "Giorgos",
    "Grace",
    "Hana",
    "Hassan",
    "Hiroshi",
    "Ingrid",
    "Isaac",
    "Ivana",
    "Jakub",
    "Joana",
    "Jürgen",
    "Kamal",
    "Katarína",
    "Kenji",
    "Lars",
    "Leila",
    "Liam",
    "Łukasz",
    "Maria",
    "Marta",
    "Mehmet",
    "Mia",
    "Mohammed",
    "Nadia",
    "Noah",
    "Nuno",
    "Olga",
    "Oliver",
    "Ольга",
    "Pablo",
    "Priya",
    "Quentin",
    "Rania",
    "Rafael",
    "Sofia",
    "Søren",
    "Sunita",
    "Tariq",
    "Thomas",
    "Ulrike",
    "Viktor",
    "Wei",
    "Xin",
    "Yara",
    "Yusuf",
    "Zoë",
    "Дмитрий",
];

const SURNAMES: [&str; 64] = [
    "Abe",
    "Almeida",
    "Andersson",
    "Bakker",
    "Bauer",
    "Becker",
    "Bianchi",
    "Brown",
    "Çelik",
    "Chen",
    "Costa",
    "Cruz",
    "Dąbrowski",
    "Dubois",
    "Díaz",
    "Eriksson",
    "Fernández",
    "Fischer",
    "García",
    "Greco",
    "Groß",
    "Haddad",
    "Hansen",
    "Horák",
    "Ivanov",
    "Иванова",
    "Jansen",
    "Johnson",
    "Kaya",
    "Khan",
    "Kim",
    "Kowalska",
    "Kumar",
    "Larsen",
    "Laurent",
    "Lee",
    "Lopes",
    "Martin",
    "Mbeki",
    "Meyer",
    "Moreau",
    "Müller",
    "Nakamura",
    "Nguyen",
    "Novák",
    "Okafor",
    "Oliveira",
    "Öztürk",
    "Papadopoulos",
    "Patel",
    "Petrov",
    "Ricci",
    "Rossi",
    "Sato",
    "Schneider",
    "Silva",
    "Singh",
    "Smith",
    "Suzuki",
    "Tanaka",
    "Virtanen",
    "Weber",
    "Yılmaz",
    "Zhang",
];

const DOMAINS: [&str; 5] =
    ["example.com", "corp.example.org", "uni.example.net", "example.edu", "mail.example.com"];

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
        id,
    }
}

/// A UUID for row `number` of some table, the same every time.
pub(crate) fn row_id(table: u64, number: usize) -> String {
    Dice(number as u64 ^ (table << 56)).uuid()
}

/// People who may send requests in a measurement: users in exactly two groups, from all over the roster.
pub(crate) fn callers(total: usize, wanted: usize) -> impl Iterator<Item = Person> {
    let step = (total / 4 / wanted.max(1)).max(1);
    (0..total / 4).step_by(step).take(wanted).map(move |index| person(index * 4 + 1, total))
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
}
