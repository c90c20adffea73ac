//! Kernels' texts of several forms from one. A text on disk is a valid kernel; a form of it has other values in some of its
//! lines, and its marked loops written out, so that what their variable indexes lies in registers whatever compiler a
//! driver has. Knows not what a kernel computes.

/// What a loop's line ends with that is to be written out.
const MARK: &str = "// unrolled";

/// A text with some of its lines replaced: what a line says, and what it is to say. None where a line is not in it.
pub(super) fn replaced(text: &str, lines: &[(&str, String)]) -> Option<String> {
    let is_there = |wanted: &str| text.lines().filter(|line| line.trim() == wanted).count() == 1;
    if !lines.iter().all(|(wanted, _)| is_there(wanted)) {
        return None;
    }
    let line = |line: &str| {
        let found = lines.iter().find(|(wanted, _)| line.trim() == *wanted);
        found.map_or_else(|| line.to_owned(), |(_, new)| line.replace(line.trim(), new))
    };
    Some(text.lines().map(|own| line(own) + "\n").collect())
}

/// A text with its marked loops written out. None where one is not of the form that is known: it counts from `0u` to a
/// number, or to a constant that a line of the text gives.
pub(super) fn unrolled(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    written(&lines, &lines)
}

fn written(lines: &[&str], whole: &[&str]) -> Option<String> {
    let mut text = String::new();
    let mut place = 0;
    while let Some(line) = lines.get(place) {
        place += 1;
        if !line.ends_with(MARK) {
            text.push_str(line);
            text.push('\n');
            continue;
        }
        let margin = &line[..line.len() - line.trim_start().len()];
        let end = format!("{margin}}}");
        let length = lines[place..].iter().position(|line| *line == end)?;
        let body = written(&lines[place..place + length], whole)?;
        place += length + 1;
        let (variable, bound) = head(line.trim())?;
        for value in 0..number(bound, whole)? {
            text.push_str(&format!("{margin}{{\n{}{end}\n", with_word(&body, variable, &format!("{value}u"))));
        }
    }
    Some(text)
}

/// The variable and the bound of `for (var i = 0u; i < BOUND; i++) {`.
fn head(line: &str) -> Option<(&str, &str)> {
    let (variable, rest) = line.strip_prefix("for (var ")?.split_once(" = 0u; ")?;
    let (condition, rest) = rest.split_once("; ")?;
    let bound = condition.strip_prefix(variable)?.strip_prefix(" < ")?;
    rest.starts_with(&format!("{variable}++) {{")).then_some((variable, bound))
}

/// What `4u`, or the name of a constant, stands for.
fn number(bound: &str, whole: &[&str]) -> Option<usize> {
    let literal = |text: &str| text.strip_suffix('u').and_then(|digits| digits.parse().ok());
    let declared = || {
        let start = format!("const {bound} = ");
        whole.iter().find_map(|line| literal(line.strip_prefix(&start)?.strip_suffix(';')?))
    };
    literal(bound).or_else(declared)
}

fn with_word(text: &str, word: &str, value: &str) -> String {
    let is_of_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let mut result = String::with_capacity(text.len());
    let mut rest = 0;
    for (place, _) in text.match_indices(word) {
        let (before, after) = (place.checked_sub(1), place + word.len());
        if is_of_word(before.and_then(|before| text.as_bytes().get(before))) || is_of_word(text.as_bytes().get(after)) {
            continue;
        }
        result.push_str(&text[rest..place]);
        result.push_str(value);
        rest = after;
    }
    result + &text[rest..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_loop_is_written_out_with_its_variable_as_a_number() {
        let text = "const N = 2u;
for (var i = 0u; i < N; i++) { // unrolled
    for (var in = 0u; in < 1u; in++) { // unrolled
        a[i] += b[in] * i_of(i);
    }
}
for (var k = 0u; k < N; k++) {
}
";
        let want = "const N = 2u;
{
    {
        a[0u] += b[0u] * i_of(0u);
    }
}
{
    {
        a[1u] += b[0u] * i_of(1u);
    }
}
for (var k = 0u; k < N; k++) {
}
";
        assert_eq!(unrolled(text).unwrap(), want);
        for other in ["i < M", "j < N", "i <= N"] {
            assert_eq!(unrolled(&text.replace("i < N", other)), None, "{other}");
        }
    }

    #[test]
    fn a_line_that_is_replaced_is_there_once() {
        let lines = |line: &'static str| [(line, "const N = 3u;".to_owned())];
        let text = "const N = 1u;\n    return N;\n    return N;\n";
        assert_eq!(replaced(text, &lines("const N = 1u;")).unwrap(), text.replace("1u", "3u"));
        assert_eq!(replaced(text, &lines("const M = 1u;")), None);
        assert_eq!(replaced(text, &lines("return N;")), None);
    }
}
