//! The fuzz targets on their seeds, and on seeds that were changed at random. Tests of the crates that the targets are about include
//! this file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

/// How often each seed is changed.
const CHANGES: usize = 300;

/// A xorshift generator: small, and the same everywhere.
struct Random(u64);

impl Random {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// Changes one to four places: a bit, a byte more or less, a piece of another seed.
    fn change(&mut self, seed: &[u8], other: &[u8]) -> Vec<u8> {
        let mut changed = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(changed.len());
            match self.below(5) {
                0 if !changed.is_empty() => changed[at] ^= 1 << self.below(8),
                1 if !changed.is_empty() => drop(changed.remove(at)),
                2 => changed.insert(at, u8::try_from(self.below(256)).unwrap()),
                3 => changed.truncate(at),
                _ => {
                    let from = self.below(other.len());
                    let to = from + self.below(other.len() - from + 1);
                    changed.splice(at..at, other[from..to].iter().copied());
                }
            }
        }
        changed
    }
}

/// Lets a target run on all its seeds, and on changes of each. They are the same in every run.
///
/// # Panics
/// When the target does, or has too few seeds.
pub(crate) fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(name);
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.len() >= 5, "a target has some seeds");
    let seeds: Vec<Vec<u8>> = names.iter().map(|name| fs::read(name).unwrap()).collect();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for (seed, name) in seeds.iter().zip(names) {
        println!("{}", name.display());
        target(seed);
        for _ in 0..CHANGES {
            let other = &seeds[random.below(seeds.len())];
            let input = random.change(seed, other);
            println!("{:?}", String::from_utf8_lossy(&input));
            target(&input);
        }
    }
}
