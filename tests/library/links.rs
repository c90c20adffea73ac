//! The links of the Markdown pages: what one names in this repository exists, and so does the heading that it leads to.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders whose pages are no part of the repository.
const ELSEWHERE: [&str; 4] = [".git", "target", "runs", "shared"];

/// A link of a page: its line, and what stands between the parentheses.
struct Link {
    line: usize,
    target: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    find(root(), &mut pages);
    pages.sort();
    pages
}

fn find(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() && !ELSEWHERE.contains(&name.as_str()) {
            find(&path, pages);
        } else if path.extension().is_some_and(|end| end == "md") {
            pages.push(path);
        }
    }
}

/// The lines of a page that are prose, with their numbers: no code that is fenced or indented.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut is_fenced = false;
    let numbered = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    let lines = numbered.filter(|(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_fenced ^= is_fence;
        !is_fenced && !is_fence && !line.starts_with("    ")
    });
    lines.collect()
}

/// A line without what stands between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

fn links(text: &str) -> Vec<Link> {
    let of_line = |(line, content): (usize, &str)| {
        let content = without_code(content);
        let parts: Vec<String> = content.split("](").skip(1).map(str::to_owned).collect();
        parts.into_iter().filter_map(move |part| Some(Link { line, target: part.split_once(')')?.0.to_owned() }))
    };
    prose(text).into_iter().flat_map(of_line).collect()
}

/// The anchor that Markdown viewers give a heading: its letters and digits in lower case, spaces as hyphens.
fn anchor(heading: &str) -> String {
    let letters = heading.trim_start_matches('#').trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    letters.collect::<String>().to_lowercase().replace(' ', "-")
}

fn has_heading(page: &Path, wanted: &str) -> bool {
    let text = fs::read_to_string(page).unwrap();
    prose(&text).into_iter().any(|(_, line)| line.starts_with('#') && anchor(line) == wanted)
}

/// What is wrong with a link of a page.
fn fault(page: &Path, link: &Link) -> Option<String> {
    if link.target.contains("://") {
        return None;
    }
    let (file, heading) = link.target.split_once('#').unwrap_or((&link.target, ""));
    let path = if file.is_empty() { page.to_owned() } else { page.parent().unwrap().join(file) };
    if !path.exists() {
        return Some("there is no such file".into());
    }
    let is_there = heading.is_empty() || has_heading(&path, heading);
    (!is_there).then(|| "the page has no such heading".into())
}

#[test]
fn every_relative_link_of_a_page_leads_somewhere() {
    let (mut count, mut faults) = (0, Vec::new());
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let name = page.strip_prefix(root()).unwrap().display().to_string();
        for link in links(&text) {
            count += 1;
            let fault = fault(&page, &link);
            faults.extend(fault.map(|fault| format!("{name}:{}: {}: {fault}", link.line, link.target)));
        }
    }
    assert!(count > 50, "only {count} links were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_summary_lists_every_page_of_the_book_in_order() {
    let book = root().join("runtime/book");
    let summary = fs::read_to_string(book.join("SUMMARY.md")).unwrap();
    let listed: Vec<String> = links(&summary).into_iter().map(|link| link.target).collect();
    let mut pages: Vec<String> =
        fs::read_dir(&book).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    pages.retain(|name| name != "SUMMARY.md");
    pages.sort();
    assert_eq!(listed, pages);
}

#[test]
fn a_link_to_what_is_not_there_is_found() {
    let page = root().join("README.md");
    let told = |text: &str| links(text).iter().map(|link| fault(&page, link)).collect::<Vec<_>>();
    assert_eq!(told("[a](LICENSE-MIT) and [b](README.md#start), [c](https://burn.dev)"), [None, None, None]);
    assert_eq!(told("[a](no/such.md)"), [Some("there is no such file".to_owned())]);
    assert_eq!(told("[a](README.md#no-such)"), [Some("the page has no such heading".to_owned())]);
    assert_eq!(told("`t[i](x)`\n```\n[a](b)\n```\n"), []);
}
