//! Paths as text that leads back to the same file, for JSON. A path that is UTF-8 is itself. Any other byte becomes
//! U+0000 and two hexadecimal digits: no path has a byte 0, so no path that is UTF-8 reads like that.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serializer};

const ESCAPE: char = '\0';

/// A path as text.
pub fn to_text(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        text += chunk.valid();
        chunk.invalid().iter().for_each(|byte| text += &format!("{ESCAPE}{byte:02x}"));
    }
    text
}

/// The path that a text stands for.
#[cfg(unix)]
pub fn from_text(text: &str) -> PathBuf {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt};
    let mut parts = text.split(ESCAPE);
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| Some((u8::from_str_radix(digits, 16).ok()?, &part[2..]))) {
            Some((byte, rest)) => {
                bytes.push(byte);
                bytes.extend_from_slice(rest.as_bytes());
            }
            // Written by nobody. The path that comes of it is refused by whoever opens it.
            None => {
                bytes.push(0);
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(not(unix))]
pub fn from_text(text: &str) -> PathBuf {
    PathBuf::from(text)
}

/// A path that was written as text, for people.
pub fn shown(text: &str) -> String {
    from_text(text).display().to_string()
}

pub(super) fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_text(path))
}

pub(super) fn deserialize<'a, D: Deserializer<'a>>(deserializer: D) -> Result<PathBuf, D::Error> {
    String::deserialize(deserializer).map(|text| from_text(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_utf_8_is_its_own_text() {
        assert_eq!(to_text(Path::new("runs/été/a b")), "runs/été/a b");
    }

    #[cfg(unix)]
    #[test]
    fn a_path_of_any_bytes_reads_back_as_it_was() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        for bytes in [&b"runs/caf\xe9/x"[..], b"\xff", b"\xe9\xe9ab", b"a\xc3", b"\xc3\xa9\xc3", b"", b"e9"] {
            let path = Path::new(OsStr::from_bytes(bytes));
            assert_eq!(from_text(&to_text(path)), path);
        }
        assert_eq!(to_text(Path::new(OsStr::from_bytes(b"caf\xe91"))), "caf\0e91");
        assert_eq!(shown("caf\0e91"), "caf\u{fffd}1");
    }

    #[test]
    fn a_text_that_nobody_has_written_leads_nowhere() {
        for text in ["a\0", "a\0x", "a\0zz", "a\0é"] {
            assert!(!from_text(text).exists());
        }
    }
}
