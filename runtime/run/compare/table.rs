//! A table of text for a terminal, one column for each run. It knows nothing of what stands in it.

/// What stands for a value that a run does not have.
pub(super) const NOTHING: &str = "–";

/// Letters in a line, unless a single column has more.
const WIDTH: usize = 120;

/// Rows below each other with their columns aligned.
#[derive(Debug)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with a column for each label.
    pub(super) fn new<'a>(labels: impl IntoIterator<Item = &'a str>) -> Self {
        let mut table = Self { rows: Vec::new() };
        table.row("", labels.into_iter().map(str::to_owned));
        table
    }

    pub(super) fn row(&mut self, name: &str, cells: impl IntoIterator<Item = String>) {
        self.rows.push(std::iter::once(name.to_owned()).chain(cells).collect());
    }

    /// Whether it has rows below the labels.
    pub(super) fn has_rows(&self) -> bool {
        self.rows.len() > 1
    }

    /// The lines, each indented by two spaces and ended. What is too wide for a terminal goes on below, row by row.
    pub(super) fn text(&self) -> String {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let (mut blocks, mut used) = (Vec::<Vec<usize>>::new(), 0);
        for column in 1..columns {
            used += 2 + widths[column];
            match blocks.last_mut() {
                Some(block) if used <= WIDTH => block.push(column),
                _ => {
                    blocks.push(vec![0, column]);
                    used = 4 + widths[0] + widths[column];
                }
            }
        }
        let line = |row: &Vec<String>, block: &[usize]| {
            let cells = block.iter().map(|&column| format!("  {:width$}", row[column], width = widths[column]));
            format!("{}\n", cells.collect::<String>().trim_end())
        };
        let text = |block: &Vec<usize>| self.rows.iter().map(|row| line(row, block)).collect::<String>();
        blocks.iter().map(text).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_in_letters() {
        let mut table = Table::new(["a", "run"]);
        table.row("größe", ["1".to_owned(), NOTHING.to_owned()]);
        assert_eq!(table.text(), "         a  run\n  größe  1  –\n");
    }

    #[test]
    fn columns_that_do_not_fit_go_on_below() {
        let wide = |letter: &str| letter.repeat(50);
        let mut table = Table::new(["a", "b", "c"]);
        table.row("x", ["1", "2", "3"].map(wide));
        let (a, b, c) = (wide("1"), wide("2"), wide("3"));
        let gap = " ".repeat(51);
        assert_eq!(table.text(), format!("     a{gap}b\n  x  {a}  {b}\n\n     c\n  x  {c}\n"));
    }
}
