//! Tables of text. On a terminal their cells wrap to its width, and columns without room go on below; elsewhere a row
//! is a line, for programs that read it. It knows nothing of what stands in them.

use std::io;

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Width, presets};
use unicode_width::UnicodeWidthStr;

/// What stands for a value that is not there.
pub const NOTHING: &str = "–";

const GAP: u16 = 2;

/// The longest word that is not broken to save room.
const LONGEST_WORD: usize = 20;

/// A column is made no narrower than this: text that wraps at every word cannot be read.
const NARROWEST: usize = 14;

/// Rows of cells, the first of which is the head. The first column names the rows.
#[derive(Debug)]
pub struct Table {
    rows: Vec<Vec<String>>,
    numbers: Vec<usize>,
}

impl Table {
    /// A table with these titles, one for each column.
    pub fn new<T: Into<String>>(titles: impl IntoIterator<Item = T>) -> Self {
        Self { rows: vec![titles.into_iter().map(Into::into).collect()], numbers: Vec::new() }
    }

    /// Aligns these columns, counted from 0, to the right.
    pub fn with_numbers(mut self, columns: &[usize]) -> Self {
        self.numbers = columns.to_vec();
        self
    }

    /// Adds a row. Cells that it lacks are empty, those that it has too many are left out.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        let mut row: Vec<String> = cells.into_iter().map(Into::into).collect();
        row.resize(self.rows[0].len(), String::new());
        self.rows.push(row);
    }

    /// Whether it has rows below the titles.
    pub fn has_rows(&self) -> bool {
        self.rows.len() > 1
    }

    /// The lines, each with its end, no wider than so many columns of a terminal; without a number as wide as they are.
    /// Columns that have no room, although cells wrap, come below the others, the first column with them.
    pub fn text(&self, columns: Option<usize>) -> String {
        let columns = columns.map(|columns| columns.clamp(1, usize::from(u16::MAX)) as u16);
        let mut blocks: Vec<Vec<usize>> = Vec::new();
        for column in 1..self.rows[0].len() {
            match blocks.last_mut() {
                Some(block) if self.has_room(block, column, columns) => block.push(column),
                _ => blocks.push(vec![0, column]),
            }
        }
        if blocks.is_empty() {
            blocks.push(vec![0]);
        }
        blocks.iter().map(|block| self.block(block, columns)).collect::<Vec<_>>().join("\n")
    }

    fn has_room(&self, block: &[usize], column: usize, columns: Option<u16>) -> bool {
        let least = |column: usize| u32::from(self.least(column)) + u32::from(GAP);
        let needed = block.iter().map(|&column| least(column)).sum::<u32>() + least(column) - u32::from(GAP);
        columns.is_none_or(|columns| needed <= columns.into())
    }

    /// The width that a column needs, though its cells wrap.
    fn least(&self, column: usize) -> u16 {
        let cells = || self.rows.iter().map(|row| row[column].as_str());
        let widest = cells().map(UnicodeWidthStr::width).max().unwrap_or(0);
        let word = cells().flat_map(|cell| cell.split(' ')).map(UnicodeWidthStr::width).max().unwrap_or(0);
        word.max(widest.min(NARROWEST)).clamp(1, LONGEST_WORD) as u16
    }

    fn block(&self, shown: &[usize], columns: Option<u16>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_preset(presets::NOTHING);
        for row in &self.rows {
            table.add_row(shown.iter().map(|&column| row[column].as_str()));
        }
        let fits = shown.len() > 2 || shown[1..].iter().all(|&column| self.has_room(&shown[..1], column, columns));
        for (place, &column) in shown.iter().enumerate() {
            let Some(built) = table.column_mut(place) else { continue };
            built.set_padding((0, if place + 1 < shown.len() { GAP } else { 0 }));
            if self.numbers.contains(&column) {
                built.set_cell_alignment(CellAlignment::Right);
            }
            if columns.is_some() && fits {
                let padding = if place + 1 < shown.len() { GAP } else { 0 };
                built.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(self.least(column) + padding)));
            }
        }
        if let Some(columns) = columns {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns);
        }
        table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }
}

/// The columns of the terminal that the standard output is; none where it is no terminal.
pub fn terminal_columns() -> Option<usize> {
    terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into()).filter(|columns| *columns > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widest(text: &str) -> usize {
        text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
    }

    #[test]
    fn a_row_is_a_line_where_there_is_no_terminal() {
        let mut table = Table::new(["", "a", "run"]).with_numbers(&[1]);
        table.row(["größe", "1", NOTHING]);
        table.row([format!("損失 {}", "wide ".repeat(40)), "1000".into(), "x".into()]);
        let text = table.text(None);
        assert_eq!(text.lines().count(), 3);
        assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
        let ends: Vec<_> = text.lines().map(|line| line.chars().filter(|letter| *letter != ' ').count()).collect();
        assert_eq!(ends[..2], [4, 7]);
    }

    #[test]
    fn cells_wrap_between_words_to_the_width() {
        let mut table = Table::new(["name", "what it says"]);
        table.row(["a", "several words that are wider than the terminal is"]);
        let text = table.text(Some(30));
        assert!(widest(&text) <= 30, "{text}");
        let words: Vec<_> = text.split_whitespace().collect();
        assert_eq!(words.join(" "), "name what it says a several words that are wider than the terminal is");
    }

    #[test]
    fn columns_that_have_no_room_go_on_below_and_say_what_their_rows_are() {
        let mut table = Table::new(["", "first", "second", "third"]);
        table.row(["lr", "0.123456789012", "0.223456789012", "0.323456789012"]);
        let want = "    first           second\nlr  0.123456789012  0.223456789012\n\n    third\nlr  0.323456789012\n";
        assert_eq!(table.text(Some(40)), want);
    }

    #[test]
    fn no_terminal_is_too_narrow_for_a_table() {
        let mut table = Table::new(["", "first", "精度", "third"]).with_numbers(&[2]);
        table.row(["x".repeat(200), "0.1234 (untrained 0.1)".into(), "1".into(), "word".repeat(30)]);
        for columns in 8..250 {
            let text = table.text(Some(columns));
            assert!(widest(&text) <= columns, "{columns}:\n{text}");
        }
        for columns in 0..8 {
            assert!(!table.text(Some(columns)).is_empty());
        }
    }
}
