//! The text of a source file without what an editor or a system puts before it. Lines keep their numbers.

/// What UTF-8 may begin with.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What bytecode of Lua begins with.
const BYTECODE: &[u8] = b"\x1bLua";

/// A file's bytes without a byte order mark.
///
/// # Errors
/// They are no UTF-8; the message is worded to stand after the file's name.
pub(crate) fn unmarked(bytes: &[u8]) -> Result<&[u8], &'static str> {
    // Text of single bytes has no NUL; of two or four bytes a character, every one of the first has some.
    let is_wide = match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 0, 0xfe, 0xff, ..] => true,
        [0, first, 0, second, ..] | [first, 0, second, 0, ..] => *first != 0 && *second != 0,
        _ => false,
    };
    if is_wide {
        Err("is UTF-16 or UTF-32 text; save it as UTF-8")
    } else {
        Ok(bytes.strip_prefix(MARK).unwrap_or(bytes))
    }
}

/// A file of Lua without a byte order mark, and with an empty line in the place of a first one that begins with `#`,
/// which names the interpreter.
///
/// # Errors
/// As [`unmarked`]; the file is bytecode.
pub(crate) fn of_lua(bytes: &[u8]) -> Result<&[u8], &'static str> {
    if bytes.starts_with(BYTECODE) {
        return Err("is bytecode of Lua; only text is run");
    }
    let text = unmarked(bytes)?;
    if !text.starts_with(b"#") {
        return Ok(text);
    }
    Ok(&text[text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len())..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_and_an_interpreters_line_are_left_out_and_lines_keep_their_numbers() {
        let text = |bytes: &'static [u8]| std::str::from_utf8(of_lua(bytes).unwrap()).unwrap();
        assert_eq!(text(b"\xef\xbb\xbfreturn 1"), "return 1");
        assert_eq!(text(b"#!/usr/bin/env moonburn\nreturn 1"), "\nreturn 1");
        assert_eq!(text(b"\xef\xbb\xbf#!x\r\nreturn 1"), "\nreturn 1");
        assert_eq!((text(b"#!x"), text(b""), text(b"return #t")), ("", "", "return #t"));
        assert_eq!(text(b"return '\xef\xbb\xbf'"), "return '\u{feff}'");
    }

    #[test]
    fn what_is_no_text_of_single_bytes_says_what_it_is() {
        let wide = "is UTF-16 or UTF-32 text; save it as UTF-8";
        for bytes in
            [b"\xff\xfer\0e\0".as_slice(), b"\xfe\xff\0r\0e", b"r\0e\0t\0", b"\0r\0e\0t", b"\xff\xfe\0\0r\0\0\0"]
        {
            assert_eq!(of_lua(bytes), Err(wide), "{bytes:?}");
        }
        assert_eq!(of_lua(b"\x1bLuaT\0\x19"), Err("is bytecode of Lua; only text is run"));
    }
}
