//! The bar of the steps: how far they are, and of their numbers what the terminal has room for at the moment that it is
//! painted. It does not know what the numbers are.

use std::{
    fmt::Write,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle, TermLike};
use terminal_size::{Width, terminal_size_of};

use super::{fitted::fitted, input_line::InputLine};

/// From so many columns on the bar is so wide; below, the numbers need them all.
const WIDTHS: [(usize, usize); 2] = [(100, 24), (60, 10)];

pub(super) struct StepsBar {
    bar: ProgressBar,
    shown: Arc<Mutex<Shown>>,
    input: Option<InputLine>,
    /// The width that the bar was last given.
    width: Option<usize>,
}

/// One step: its number and its values change together, whenever the bar paints itself.
#[derive(Default)]
struct Shown {
    count: String,
    parts: Vec<String>,
}

impl StepsBar {
    pub(super) fn new(bars: &MultiProgress, input: Option<InputLine>) -> Self {
        Self { bar: bars.add(ProgressBar::no_length()), shown: Arc::default(), input, width: None }
    }

    pub(super) fn show(&mut self, step: u64, total: u64, parts: Vec<String>) {
        let total = total.max(step);
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) =
            Shown { count: format!("{step}/{total}  "), parts };
        let columns = columns(self.input.as_ref());
        let width = WIDTHS.iter().find(|(least, _)| columns >= *least).map_or(0, |(_, width)| *width);
        if self.width != Some(width) {
            self.width = Some(width);
            self.bar.set_style(self.style(width));
        }
        // Each of these paints, and what comes within a twentieth of a second after that is not painted.
        if self.bar.length() != Some(total) {
            self.bar.set_length(total);
        }
        self.bar.set_position(step);
    }

    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }

    /// The numbers are fitted when they are painted, not when they come: by then the terminal may be narrower.
    fn style(&self, width: usize) -> ProgressStyle {
        let (shown, input) = (self.shown.clone(), self.input.clone());
        let numbers = move |_: &ProgressState, out: &mut dyn Write| {
            let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            let used = shown.count.len() + if width == 0 { 0 } else { width + 1 };
            let room = columns(input.as_ref()).saturating_sub(used);
            let _ = write!(out, "{}{}", shown.count, fitted(&shown.parts, room));
        };
        let bar = if width == 0 { String::new() } else { format!("{{bar:{width}.cyan/dim}} ") };
        style(&format!("{bar}{{numbers}}")).with_key("numbers", numbers)
    }
}

pub(super) fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).expect("the templates here are valid");
    style.progress_chars("━━─")
}

/// The columns of the terminal, as they are now.
fn columns(input: Option<&InputLine>) -> usize {
    match input {
        Some(input) => input.width().into(),
        None => terminal_size_of(io::stderr()).map_or(80, |(Width(columns), _)| columns.max(1).into()),
    }
}
