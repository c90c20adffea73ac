//! Code that a page shows as a file's: a block whose first line is a comment with nothing but the file's path. The file
//! has each of its paragraphs, to the letter.

use std::{fs, path::Path};

/// The blocks of a page that name a file: its path, and what stands below.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let fenced = page.split("\n```").skip(1).step_by(2);
    let named = fenced.filter_map(|block| {
        let (_, code) = block.split_once('\n')?;
        let (first, rest) = code.split_once('\n')?;
        let path = first.strip_prefix("-- ").or_else(|| first.strip_prefix("# "))?;
        (path.contains('/') && !path.contains(' ')).then_some((path, rest))
    });
    named.collect()
}

#[test]
fn code_that_a_page_shows_as_a_files_is_the_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in fs::read_dir(root.join("runtime/book")).unwrap() {
        let page = fs::read_to_string(entry.unwrap().path()).unwrap();
        for (path, code) in blocks(&page) {
            let file = fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            for paragraph in code.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')) {
                assert!(format!("\n{file}").contains(&format!("\n{paragraph}\n")), "{path} has not:\n{paragraph}");
                count += 1;
            }
        }
    }
    assert!(count > 10, "only {count} paragraphs were found");
}

#[test]
fn a_block_that_names_no_file_is_left_alone() {
    let page = "a\n```lua\n-- scripts/a.lua\nlocal a\n\nlocal b\n```\nb\n```lua\n-- a word\nlocal c\n```\n";
    assert_eq!(blocks(page), [("scripts/a.lua", "local a\n\nlocal b")]);
}
