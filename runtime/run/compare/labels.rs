//! Short names for folders: no longer than it takes to tell them apart.

use std::path::{Path, PathBuf};

/// The last component of each path, or as many of the last ones as no other path has too.
pub(super) fn labels(paths: &[PathBuf]) -> Vec<String> {
    let label = |path: &PathBuf| {
        let is_shared = |count| paths.iter().filter(|other| suffix(other, count) == suffix(path, count)).count() > 1;
        let count = (1..path.components().count()).find(|count| !is_shared(*count));
        suffix(path, count.unwrap_or(usize::MAX)).display().to_string()
    };
    paths.iter().map(label).collect()
}

fn suffix(path: &Path, count: usize) -> PathBuf {
    let skipped = path.components().count().saturating_sub(count);
    path.components().skip(skipped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(paths: &[&str]) -> Vec<String> {
        labels(&paths.iter().map(PathBuf::from).collect::<Vec<_>>())
    }

    #[test]
    fn a_folder_is_called_by_its_name_where_no_other_has_it() {
        assert_eq!(labelled(&["/data/runs/a", "/data/runs/b"]), ["a", "b"]);
    }

    #[test]
    fn folders_of_one_name_are_called_by_the_shortest_end_of_their_path_that_differs() {
        assert_eq!(labelled(&["/x/one/run", "/x/two/run", "/x/other"]), ["one/run", "two/run", "other"]);
        assert_eq!(labelled(&["/x/p/q/run", "/x/r/q/run", "/x/s/run"]), ["p/q/run", "r/q/run", "s/run"]);
        assert_eq!(labelled(&["/run", "/x/run"]), ["/run", "x/run"]);
    }
}
