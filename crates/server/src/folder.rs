//! Folders that hold a database or a secret.

use std::fs::DirBuilder;
use std::io;
use std::path::Path;

/// Makes a folder and those above it, as far as they are missing. What is made is its owner's alone (mode 0700 on
/// Unix): a database holds password hashes. A folder that is there stays as it is.
pub(crate) fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_made_is_private_and_what_is_there_stays() {
        let place = tempfile::tempdir().unwrap();
        let mode = |folder: &Path| folder.metadata().unwrap().permissions().mode() & 0o777;
        std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let inner = place.path().join("data/inner");
        make(&inner).unwrap();
        assert_eq!((mode(&inner), mode(inner.parent().unwrap()), mode(place.path())), (0o700, 0o700, 0o755));
        make(place.path()).unwrap();
        assert_eq!(mode(place.path()), 0o755);
    }
}
