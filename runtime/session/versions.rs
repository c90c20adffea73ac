//! The versions of what a result depends on.

use std::collections::BTreeMap;

/// The versions of the parts that can change a result.
pub fn versions() -> BTreeMap<String, String> {
    let known = [("moonburn", env!("CARGO_PKG_VERSION")), ("burn", "0.22.1"), ("wgpu", "30.0.1"), ("lua", "5.4")];
    known.into_iter().map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_are_those_that_are_locked() {
        let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
        for (name, version) in versions().into_iter().filter(|(name, _)| name != "lua") {
            assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")), "{name} {version}");
        }
    }
}
