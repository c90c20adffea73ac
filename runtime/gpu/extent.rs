//! How much a kernel's text may hold. The compiler calls itself once for each term of an expression, each branch of a
//! chain and each declaration that stands on another: without bounds a text overflows the stack, which ends the
//! process. Knows nothing of what the text means.

use super::Source;
use crate::Result;

/// Operators in one expression; a twentieth of what overflows 2 MiB.
const OPERATORS: usize = 500;

/// Branches of one chain of `else if`.
const BRANCHES: usize = 200;

/// Declarations of one text.
const DECLARATIONS: usize = 1000;

/// Statements of one text. The time that it takes to check them grows with their square.
const STATEMENTS: usize = 10_000;

/// What stands between two brackets.
#[derive(Default)]
struct Level {
    operators: usize,
    branches: usize,
}

/// An error at the place where a text has too much of anything.
pub(super) fn check(source: &Source) -> Result<()> {
    let text = source.text().as_bytes();
    let (mut levels, mut declarations, mut statements, mut place) = (vec![Level::default()], 0, 0, 0);
    while let Some(&byte) = text.get(place) {
        let next = text.get(place + 1).copied();
        let start = place;
        place += 1;
        match (byte, next) {
            (b'/', Some(b'/')) => place = start + rest(&text[start..], |byte| byte != b'\n'),
            (b'/', Some(b'*')) => place = start + comment(&text[start..]),
            (byte, _) if is_of_word(byte) => {
                place = start + rest(&text[start..], is_of_word);
                let level = levels.last_mut();
                match (&text[start..place], level) {
                    (b"else", Some(level)) => level.branches += 1,
                    (b"if", Some(level)) if !follows_else(&text[..start]) => level.branches = 0,
                    _ => {}
                }
            }
            (b'(' | b'[' | b'{', _) => {
                // An index is a step of the expression that it stands in.
                levels.last_mut().into_iter().for_each(|level| level.operators += usize::from(byte == b'['));
                levels.push(Level::default());
            }
            (b')' | b']' | b'}', _) => {
                if levels.len() > 1 {
                    levels.pop();
                }
                if byte == b'}' {
                    levels.last_mut().into_iter().for_each(|level| level.operators = 0);
                    declarations += usize::from(levels.len() == 1);
                }
            }
            (b';' | b',', _) => {
                levels.last_mut().into_iter().for_each(|level| level.operators = 0);
                if byte == b';' {
                    statements += 1;
                    declarations += usize::from(levels.len() == 1);
                }
            }
            (b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'<' | b'>' | b'=' | b'!' | b'~' | b'.', _) => {
                levels.last_mut().into_iter().for_each(|level| level.operators += 1);
            }
            _ => {}
        }
        let refused = |message: String| Err(source.error_at(start, message));
        let (operators, branches) = levels.last().map_or((0, 0), |level| (level.operators, level.branches));
        if operators > OPERATORS {
            return refused(format!("an expression of more than {OPERATORS} operators; split it into several by let"));
        }
        if branches > BRANCHES {
            return refused(format!("a chain of more than {BRANCHES} branches; use switch"));
        }
        if declarations > DECLARATIONS {
            return refused(format!("more than {DECLARATIONS} declarations"));
        }
        if statements > STATEMENTS {
            return refused(format!("more than {STATEMENTS} statements; use a loop"));
        }
    }
    Ok(())
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn rest(text: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !belongs(*byte)).unwrap_or(text.len())
}

fn follows_else(before: &[u8]) -> bool {
    before.trim_ascii_end().ends_with(b"else")
}

/// The length of a comment that may hold others.
fn comment(text: &[u8]) -> usize {
    let (mut depth, mut place) = (0usize, 0);
    while place + 1 < text.len() {
        match &text[place..place + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                place += 1;
                continue;
            }
        }
        place += 2;
        if depth == 0 {
            return place;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<String> {
        check(&Source::built_in("k.wgsl", text)).err().map(|error| error.to_string())
    }

    fn main(body: &str) -> String {
        format!("@compute @workgroup_size(1)\nfn main() {{ {body} }}")
    }

    #[test]
    fn a_long_expression_is_refused_and_a_long_list_is_not() {
        let sum = |terms: usize| main(&format!("let a = {};", vec!["b"; terms].join(" + ")));
        assert_eq!(refused(&sum(500)), None);
        let want = "k.wgsl:2:2019: an expression of more than 500 operators; split it into several by let";
        assert_eq!(refused(&sum(100_000)).as_deref(), Some(want));
        assert_eq!(refused(&main(&format!("let a = array({});", "b + 1, ".repeat(2000)))), None);
        assert!(refused(&main(&format!("let a = {};", vec!["(b + 1)"; 1000].join(" + ")))).is_some());
        assert!(refused(&main(&format!("let a = {}b;", "- ".repeat(1000)))).is_some());
        assert!(refused(&main(&format!("let a = b{};", "[0]".repeat(1000)))).is_some());
    }

    #[test]
    fn long_chains_and_long_texts_are_refused() {
        let branch = "else if b > 1 { c = 1; } ";
        assert_eq!(refused(&main(&format!("if b > 0 {{ c = 1; }} {}", branch.repeat(200)))), None);
        assert!(refused(&main(&format!("if b > 0 {{ c = 1; }} {}", branch.repeat(201)))).unwrap().contains("branches"));
        assert_eq!(refused(&main(&"if b { c = 1; } else { c = 2; } ".repeat(1000))), None);
        assert!(refused(&"const a = 1;\n".repeat(1001)).unwrap().ends_with("more than 1000 declarations"));
        assert!(refused(&main(&"a = 1;\n".repeat(10_001))).unwrap().contains("statements"));
    }

    #[test]
    fn comments_count_for_nothing() {
        assert_eq!(
            refused(&format!("// {}\n/* {} /* {} */ */", "+".repeat(1000), "+".repeat(1000), "-".repeat(1000))),
            None
        );
    }
}
