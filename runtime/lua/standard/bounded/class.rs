//! The single characters of a pattern: a letter, a class such as `%a`, a set such as `[^%s,]`. As in Lua 5.4's
//! lstrlib.c, its odd cases included; the locale is C.

use super::stop::Stop;

/// What escapes in patterns.
pub const ESCAPE: u8 = b'%';

/// Where the single character that begins at `p` ends.
///
/// # Errors
/// The pattern ends before.
pub fn end(pattern: &[u8], p: usize) -> Result<usize, Stop> {
    match pattern[p] {
        ESCAPE if p + 1 == pattern.len() => Err(Stop::Wrong("malformed pattern (ends with '%')".into())),
        ESCAPE => Ok(p + 2),
        b'[' => {
            let mut p = p + 1 + usize::from(pattern.get(p + 1) == Some(&b'^'));
            loop {
                let Some(&byte) = pattern.get(p) else {
                    return Err(Stop::Wrong("malformed pattern (missing ']')".into()));
                };
                p += 1;
                // What is escaped is no end.
                p += usize::from(byte == ESCAPE && p < pattern.len());
                if pattern.get(p) == Some(&b']') {
                    return Ok(p + 1);
                }
            }
        }
        _ => Ok(p + 1),
    }
}

/// Whether a byte is the single character at `p`, which ends at `end`.
pub fn takes(pattern: &[u8], p: usize, end: usize, byte: u8) -> bool {
    match pattern[p] {
        b'.' => true,
        ESCAPE => is_of_class(byte, pattern[p + 1]),
        b'[' => is_in_set(byte, pattern, p, end - 1),
        own => own == byte,
    }
}

/// Whether a byte is in the set whose bracket opens at `p` and closes at `close`.
pub fn is_in_set(byte: u8, pattern: &[u8], mut p: usize, close: usize) -> bool {
    let is_listed = pattern.get(p + 1) != Some(&b'^');
    p += usize::from(!is_listed);
    loop {
        p += 1;
        if p >= close {
            return !is_listed;
        }
        if pattern[p] == ESCAPE {
            p += 1;
            if is_of_class(byte, pattern[p]) {
                return is_listed;
            }
        } else if pattern[p + 1] == b'-' && p + 2 < close {
            p += 2;
            if (pattern[p - 2]..=pattern[p]).contains(&byte) {
                return is_listed;
            }
        } else if pattern[p] == byte {
            return is_listed;
        }
    }
}

fn is_of_class(byte: u8, class: u8) -> bool {
    let is = match class.to_ascii_lowercase() {
        b'a' => byte.is_ascii_alphabetic(),
        b'c' => byte.is_ascii_control(),
        b'd' => byte.is_ascii_digit(),
        b'g' => byte.is_ascii_graphic(),
        b'l' => byte.is_ascii_lowercase(),
        b'p' => byte.is_ascii_punctuation(),
        // Rust's has no vertical tab.
        b's' => byte.is_ascii_whitespace() || byte == 0x0b,
        b'u' => byte.is_ascii_uppercase(),
        b'w' => byte.is_ascii_alphanumeric(),
        b'x' => byte.is_ascii_hexdigit(),
        b'z' => byte == 0,
        _ => return byte == class,
    };
    is == class.is_ascii_lowercase()
}
