//! What the pages of documentation tell to type: the program has the commands and their options, and README's script
//! works.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Folders that have pages.
const FOLDERS: [&str; 7] =
    ["", "runtime/book", "datasets", "datasets/cifar10", "datasets/folder", "datasets/shapes", "shaders"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the program prints, and whether it ended well.
fn moonburn(arguments: &[&str], folder: &Path) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    let output = command.args(arguments).current_dir(folder).output().expect("the program starts");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn pages() -> Vec<(PathBuf, String)> {
    let files = FOLDERS.iter().flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let files = files.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "md"));
    files.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The commands of the program that a page writes out, each with its words: in blocks of code, and between backticks.
fn commands(page: &str) -> Vec<Vec<String>> {
    let page = page.replace("\\\n", " ");
    let blocks =
        page.lines().filter(|line| line.starts_with("    ")).map(|line| line.split(" #").next().unwrap_or(line));
    let inline = page.split('`').skip(1).step_by(2).filter(|code| !code.contains("\n\n"));
    let starts = ["moonburn ", "cargo run --release -- ", "cargo run -- "];
    let command = |code: &str| {
        let code = code.trim().trim_start_matches("$ ");
        let words = starts.iter().find_map(|start| code.strip_prefix(start))?;
        Some(words.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    };
    blocks.chain(inline).filter_map(command).collect()
}

#[test]
fn every_command_that_a_page_writes_out_is_one_and_has_its_options() {
    let mut count = 0;
    for (path, page) in pages() {
        for words in commands(&page) {
            let line = format!("{}: {}", path.display(), words.join(" "));
            let (is_command, help) = moonburn(&[words[0].as_str(), "--help"], root());
            assert!(is_command, "{line}");
            for option in words.iter().filter(|word| word.starts_with("--")) {
                let name = option.split('=').next().unwrap_or(option);
                let is_known = help.split([' ', '\n']).any(|word| word == name);
                assert!(is_known, "{line}: there is no {name}");
            }
            count += 1;
        }
    }
    assert!(count > 30, "only {count} commands were found");
}

#[test]
fn the_script_in_the_readme_passes_a_check() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, script) = readme.split_once("```lua\n").expect("README has a script");
    let (script, _) = script.split_once("```").expect("the script ends");
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("train.lua"), script).expect("a script can be saved");
    let modules = root().join("scripts");
    let modules = modules.to_str().expect("a path of UTF-8");
    let (is_right, text) = moonburn(&["check", "train.lua", "--device", "cpu", "--modules", modules], folder.path());
    assert!(is_right && text.contains("train.lua: ok"), "{text}");
}
