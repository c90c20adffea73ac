//! What stands before the elements of an `.npy` file: a type, an order and a shape, as the text of a Python dictionary.
//! Source: NEP 1, and `numpy.lib.format`. Only the dictionaries that numpy writes are read, so there is nothing
//! recursive here that a file could exhaust the stack with.

use std::io::{self, Read};

use super::Stored;

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// The most bytes of text that are read. Only structured types need more than numpy's own limit of 10,000.
const MOST_TEXT: usize = 1 << 16;
/// The elements begin at a multiple of it.
const ALIGNMENT: usize = 64;

/// An array as its header describes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub stored: Stored,
    pub big_endian: bool,
    /// Whether the first dim varies fastest (Fortran's order).
    pub first_fastest: bool,
    pub shape: Vec<usize>,
}

impl Header {
    /// Reads it, to where the elements begin, and says how many bytes it takes.
    ///
    /// # Errors
    /// It is cut off, none of numpy's, or of elements that no tensor has.
    pub fn read(from: &mut dyn Read) -> io::Result<(Self, u64)> {
        let mut start = [0; 8];
        from.read_exact(&mut start).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => wrong("is no array of numpy: it lacks the first bytes of one"),
            _ => error,
        })?;
        if &start[..6] != MAGIC {
            return Err(wrong("is no array of numpy: it begins otherwise"));
        }
        let (length, before) = match &start[6..] {
            [1, 0] => (usize::from(u16::from_le_bytes(read(from)?)), 10),
            [2 | 3, 0] => (u32::from_le_bytes(read(from)?) as usize, 12),
            _ => return Err(wrong(format!("is of version {}.{}, which is not read", start[6], start[7]))),
        };
        if length > MOST_TEXT {
            return Err(wrong(format!("has a header of {length} bytes, more than {MOST_TEXT}")));
        }
        let mut text = vec![0; length];
        from.read_exact(&mut text)?;
        let text = String::from_utf8_lossy(&text);
        Ok((Self::parse(&text).map_err(wrong)?, before + length as u64))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let unread = || "has a header that is none of numpy's".to_owned();
        let fields = fields(text).ok_or_else(unread)?;
        let field = |name: &str| fields.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let (Some(descr), Some(order), Some(shape)) = (field("descr"), field("fortran_order"), field("shape")) else {
            return Err(unread());
        };
        let first_fastest = match order {
            "True" => true,
            "False" => false,
            _ => return Err(unread()),
        };
        let sizes = shape.strip_prefix('(').and_then(|shape| shape.strip_suffix(')')).ok_or_else(unread)?;
        let sizes = parts(sizes, ',').into_iter().map(str::trim).filter(|size| !size.is_empty());
        // Python 2 wrote large numbers with an L behind them.
        let shape = sizes.map(|size| size.trim_end_matches('L').parse().ok()).collect::<Option<_>>();
        let (stored, big_endian) = element(descr)?;
        Ok(Self { stored, big_endian, first_fastest, shape: shape.ok_or_else(unread)? })
    }

    /// The bytes of a header of version 1.0, as numpy writes it.
    pub fn bytes(stored: Stored, shape: &[usize]) -> Vec<u8> {
        let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
        let behind = if shape.len() == 1 { "," } else { "" };
        let (descr, sizes) = (descr(stored), sizes.join(", "));
        let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sizes}{behind}), }}");
        let length = (MAGIC.len() + 4 + text.len() + 1).next_multiple_of(ALIGNMENT) - MAGIC.len() - 4;
        text += &" ".repeat(length - text.len() - 1);
        text.push('\n');
        [MAGIC, &[1, 0][..], &(length as u16).to_le_bytes(), text.as_bytes()].concat()
    }
}

fn wrong(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

fn read<const N: usize>(from: &mut dyn Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The entries of a dictionary whose keys are strings, and the text of their values.
fn fields(text: &str) -> Option<Vec<(&str, &str)>> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let entries = parts(inner, ',').into_iter().map(str::trim).filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            let key = parts(entry, ':').first().copied()?;
            Some((unquoted(key.trim())?, entry.get(key.len() + 1..)?.trim()))
        })
        .collect()
}

/// A text split where a letter stands outside of strings and brackets.
fn parts(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote, mut is_escaped) = (Vec::new(), 0, 0_usize, None, false);
    for (place, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(_), _) if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), letter) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, letter) if letter == separator && depth == 0 => {
                parts.push(&text[start..place]);
                start = place + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn unquoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|letter| "'\"".contains(*letter))?;
    text.strip_prefix(quote)?.strip_suffix(quote)
}

/// What numpy calls the types.
const CODES: [(&str, Stored); 12] = [
    ("f8", Stored::Float64),
    ("f4", Stored::Float32),
    ("f2", Stored::Float16),
    ("i8", Stored::Int64),
    ("i4", Stored::Int32),
    ("i2", Stored::Int16),
    ("i1", Stored::Int8),
    ("u8", Stored::Uint64),
    ("u4", Stored::Uint32),
    ("u2", Stored::Uint16),
    ("u1", Stored::Uint8),
    ("b1", Stored::Bool),
];

/// The type that a header names, and whether its highest byte comes first.
fn element(descr: &str) -> Result<(Stored, bool), String> {
    let refused = |what: &str| Err(format!("holds {what} ({descr}), which no tensor has"));
    let Some(text) = unquoted(descr) else { return refused("records") };
    let (order, code) = match text.strip_prefix(['<', '>', '|', '=']) {
        Some(code) => (&text[..1], code),
        None => ("=", text),
    };
    let is_big = order == ">" || (order == "=" && cfg!(target_endian = "big"));
    if let Some((_, stored)) = CODES.iter().find(|(known, _)| *known == code) {
        return Ok((*stored, is_big));
    }
    refused(match code.chars().next() {
        Some('c') => "complex numbers",
        Some('f') => "floats of another size",
        Some('U' | 'S' | 'a') => "text",
        Some('O') => "objects of Python",
        Some('M' | 'm') => "dates or times",
        Some('V') => "raw bytes",
        _ => "elements of an unknown type",
    })
}

fn descr(stored: Stored) -> String {
    let code = CODES.iter().find(|(_, known)| *known == stored).map_or("V2", |(code, _)| code);
    format!("{}{code}", if stored.bytes() == 1 { '|' } else { '<' })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Header, String> {
        Header::parse(text)
    }

    #[test]
    fn a_header_is_read_as_numpy_and_python_2_write_it() {
        let wanted = |shape: &[usize]| Header {
            stored: Stored::Float32,
            big_endian: false,
            first_fastest: false,
            shape: shape.to_vec(),
        };
        for (text, shape) in [
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }    \n", &[3, 4][..]),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", &[]),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (7,), }", &[7]),
            ("{\"shape\":(7L,0L),\"fortran_order\":False,\"descr\":\"<f4\"}", &[7, 0]),
        ] {
            assert_eq!(parsed(text), Ok(wanted(shape)), "{text}");
        }
    }

    #[test]
    fn what_no_tensor_has_is_named() {
        let of = |descr: &str| parsed(&format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (1,)}}"));
        for (descr, want) in [
            ("'<c8'", "holds complex numbers ('<c8'), which no tensor has"),
            ("'<U5'", "holds text ('<U5'), which no tensor has"),
            ("'|O'", "holds objects of Python ('|O'), which no tensor has"),
            ("'<M8[ns]'", "holds dates or times ('<M8[ns]'), which no tensor has"),
            ("'<f16'", "holds floats of another size ('<f16'), which no tensor has"),
            ("'é'", "holds elements of an unknown type ('é'), which no tensor has"),
            ("''", "holds elements of an unknown type (''), which no tensor has"),
            ("[('a,:', '<f4'), ('b', '<i4', (2,))]", "holds records ([('a,:', '<f4'), ('b', '<i4', (2,))]), which"),
        ] {
            let error = of(descr).unwrap_err();
            assert!(error.starts_with(want), "{error}");
        }
        assert!(of("'>u2'").unwrap().big_endian && !of("'|u1'").unwrap().big_endian);
    }

    #[test]
    fn any_other_text_is_an_error_and_no_panic() {
        let deep = "(".repeat(MOST_TEXT);
        let whole = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
        let cut = (0..whole.len()).map(|length| &whole[..length]);
        for text in cut.chain([
            deep.as_str(),
            "{}",
            "{:}",
            "{'descr'}",
            "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1e3,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': 3}",
        ]) {
            assert_eq!(parsed(text).unwrap_err(), "has a header that is none of numpy's", "{text}");
        }
    }

    #[test]
    fn a_header_is_written_as_numpy_writes_it() {
        let bytes = Header::bytes(Stored::Float32, &[3, 4]);
        assert_eq!(bytes.len(), 128);
        assert!(bytes.starts_with(b"\x93NUMPY\x01\0\x76\0{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"));
        assert_eq!(bytes.last(), Some(&b'\n'));
        for shape in [&[][..], &[5], &[1, 2, 3, 4, 5, 6]] {
            let (read, length) = Header::read(&mut &Header::bytes(Stored::Bool, shape)[..]).unwrap();
            assert_eq!((read.shape.as_slice(), read.stored, length % 64), (shape, Stored::Bool, 0));
        }
    }
}
