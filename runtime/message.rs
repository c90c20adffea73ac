//! Text of others in messages: names, values, paths and files' contents as a terminal may show them. Control characters
//! and bytes that are no UTF-8 are escaped, as Lua would write them, and what is too long is cut in its middle.
//! Whatever is shown once may be shown again: the second time changes nothing.

use std::{borrow::Cow, io, path::Path};

/// The most characters of a name or a value.
const NAME: usize = 256;

/// The most characters of a path, which somebody may want to copy.
const PATH: usize = 1024;

/// The most characters of one word, and of all.
const WORD: usize = 2048;
const WHOLE: usize = 16_384;

/// A name or a value, on one line.
pub fn name(text: &str) -> Cow<'_, str> {
    within(NAME, line(text))
}

/// A sentence that has names in it, on one line.
pub fn sentence(text: &str) -> Cow<'_, str> {
    within(WHOLE, words(line(text)))
}

/// A text of several lines, with its tabs.
pub fn lines(text: &str) -> Cow<'_, str> {
    within(WHOLE, words(printed(text)))
}

/// A text of several lines, with its tabs, however long it is.
pub fn printed(text: &str) -> Cow<'_, str> {
    escaped(text, |letter| is_hidden(letter) && !matches!(letter, '\n' | '\t'))
}

/// A name or a value that may be no UTF-8.
pub fn bytes(text: &[u8]) -> String {
    name(&of_bytes(text)).into_owned()
}

/// A path.
pub fn path(path: &Path) -> String {
    within(PATH, line(&of_bytes(path.as_os_str().as_encoded_bytes()))).into_owned()
}

/// An error with what caused it, in one line.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// What a system said, without the number of its message.
pub fn io(error: &io::Error) -> String {
    let text = error.to_string();
    let number = error.raw_os_error().map(|number| format!(" (os error {number})"));
    number.and_then(|number| text.strip_suffix(&number)).unwrap_or(&text).to_owned()
}

/// Text with the bytes that are none as `\xff`.
fn of_bytes(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text += chunk.valid();
        chunk.invalid().iter().for_each(|byte| text += &format!("\\x{byte:02x}"));
    }
    text
}

/// What a terminal obeys instead of showing it, and what turns the order of letters around.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn line(text: &str) -> Cow<'_, str> {
    escaped(text, is_hidden)
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            _ if !is_escaped(letter) => shown.push(letter),
            '\n' => shown += "\\n",
            '\r' => shown += "\\r",
            '\t' => shown += "\\t",
            '\0'..='\u{ff}' => shown += &format!("\\x{:02x}", u32::from(letter)),
            _ => shown += &format!("\\u{{{:x}}}", u32::from(letter)),
        }
    }
    shown.into()
}

/// Each word at its longest.
fn words(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.split_whitespace().any(|word| word.len() > WORD) {
        return text;
    }
    let cut = text.split_inclusive(char::is_whitespace).map(|word| within(WORD, word.into()));
    cut.collect::<String>().into()
}

/// A text of so many characters at most: its beginning and its end.
fn within(most: usize, text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() <= most || text.chars().count() <= most {
        return text;
    }
    let (head, tail) = (most / 2, most / 4);
    let start = text.char_indices().nth(head).map_or(text.len(), |(at, _)| at);
    let end = text.char_indices().nth_back(tail - 1).map_or(0, |(at, _)| at);
    let left_out = text[start..end].chars().count();
    format!("{}…({left_out} more)…{}", &text[..start], &text[end..]).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    #[test]
    fn plain_text_stays_as_it_is() {
        for text in ["", "lr", "a folder's name, ümläut", "日本語", "👩‍💻"] {
            assert!(matches!(name(text), Cow::Borrowed(same) if same == text), "{text}");
        }
        assert_eq!(lines("one\n\ttwo"), "one\n\ttwo");
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_stays_so() {
        assert_eq!(name("a\x1b[2Jb\0\r\n\tc\u{9b}d"), "a\\x1b[2Jb\\x00\\r\\n\\tc\\x9bd");
        assert_eq!(name("abc\u{202e}def"), "abc\\u{202e}def");
        assert_eq!(lines("one\ntwo\x07"), "one\ntwo\\x07");
        assert_eq!(name(&name("\x1b")), "\\x1b");
    }

    #[test]
    fn bytes_that_are_no_text_are_told_one_by_one() {
        assert_eq!(bytes(b"a\xff\xfe\xc3\xbc"), "a\\xff\\xfe\u{fc}");
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            assert_eq!(path(Path::new(OsStr::from_bytes(b"runs/\xff\x1b"))), "runs/\\xff\\x1b");
        }
    }

    #[test]
    fn what_is_too_long_keeps_its_ends_and_is_cut_once() {
        let long = format!("start{}end", "é".repeat(5_000_000));
        let shown = name(&long).into_owned();
        assert!(shown.starts_with("starté") && shown.ends_with("éend") && shown.chars().count() < 250, "{shown}");
        assert!(shown.contains("…(4999816 more)…"), "{shown}");
        assert_eq!(name(&shown), shown);
        assert_eq!(lines(&lines(&long)), lines(&long));
        let sentence_of = format!("unknown name '{long}'; did you mean 'x'?");
        assert!(sentence(&sentence_of).ends_with("end'; did you mean 'x'?"));
    }

    #[test]
    fn a_system_says_a_sentence_and_no_number() {
        let missing = std::fs::read("no/such/file").expect_err("there is none");
        let text = io(&missing);
        assert!(!text.is_empty() && !text.contains("os error"), "{text}");
        assert_eq!(io(&io::Error::other("it is a pipe (os error 2)")), "it is a pipe (os error 2)");
    }
}
