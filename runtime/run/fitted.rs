//! As many parts of a line as a terminal has columns for. It cuts no part in the middle: half a number is another
//! number.

use unicode_width::UnicodeWidthStr;

const GAP: &str = "  ";
const ELLIPSIS: &str = "…";

/// The parts, two spaces between them; an ellipsis stands for those at the end that have no room.
pub(super) fn fitted(parts: &[String], columns: usize) -> String {
    let whole = parts.join(GAP);
    if whole.width() <= columns {
        return whole;
    }
    let mut line = String::new();
    for part in parts {
        if line.width() + part.width() + GAP.width() + ELLIPSIS.width() > columns {
            break;
        }
        line = line + part + GAP;
    }
    if columns < ELLIPSIS.width() { line } else { line + ELLIPSIS }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(parts: &[&str], columns: usize) -> String {
        fitted(&parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>(), columns)
    }

    #[test]
    fn parts_go_from_the_end_and_none_is_cut() {
        let parts = ["loss 5.1234", "lr 0.2000", "norm 1.0000"];
        let shown = [35, 33, 32, 25, 24, 23, 13, 1, 0].map(|columns| shown(&parts, columns));
        let want = [
            "loss 5.1234  lr 0.2000  norm 1.0000",
            "loss 5.1234  lr 0.2000  …",
            "loss 5.1234  lr 0.2000  …",
            "loss 5.1234  lr 0.2000  …",
            "loss 5.1234  …",
            "loss 5.1234  …",
            "…",
            "…",
            "",
        ];
        assert_eq!(shown, want);
    }

    #[test]
    fn wide_letters_take_two_columns() {
        let parts = ["損失 5.0", "精度 1.0"];
        assert_eq!(shown(&parts, 18), "損失 5.0  精度 1.0");
        assert_eq!(shown(&parts, 17), "損失 5.0  …");
    }

    #[test]
    fn no_width_is_exceeded() {
        let names: Vec<String> = (0..30).map(|number| format!("{} {number}.0000", "n".repeat(number))).collect();
        for columns in 0..500 {
            assert!(fitted(&names, columns).width() <= columns, "{columns}");
        }
    }
}
