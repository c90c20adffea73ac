//! Where progress is shown: a bar on a terminal, lines elsewhere, or nowhere. It knows of counts and text only,
//! and nothing it does can fail: a training goes on when its terminal is closed.

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

use super::{
    input_line::InputLine,
    steps_bar::{StepsBar, style},
};

/// The time between two lines.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

/// How often bars are painted at most, in a second.
const REFRESHES: u8 = 20;

/// How often the time that passes is painted while something is waited for.
const TICK: Duration = Duration::from_millis(250);

pub(super) enum Screen {
    Bars(Bars),
    Lines(Lines),
    Nothing,
}

impl Screen {
    /// Bars where the standard error is a terminal that can paint them, lines elsewhere.
    pub(super) fn auto() -> Self {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        match InputLine::of_the_user() {
            _ if bars.is_hidden() => Self::lines(Box::new(io::stderr())),
            Some(input) => Self::Bars(Bars::with_input(input, Some(REFRESHES))),
            None => Self::bars(bars),
        }
    }

    pub(super) fn bars(bars: MultiProgress) -> Self {
        Self::Bars(Bars { bars, input: None, steps: None, last: String::new(), count: None, wait: None })
    }

    /// Lines to `sink`, one for the first step, one for the last, and between them at most one every few seconds.
    pub(super) fn lines(sink: Box<dyn Write + Send>) -> Self {
        Self::Lines(Lines { sink, shown: None, pending: None, counting: None })
    }
}

/// Bars that are made at their first use, so that nothing is painted for what does not happen.
pub(super) struct Bars {
    bars: MultiProgress,
    /// Where the user types, if they can.
    input: Option<InputLine>,
    steps: Option<StepsBar>,
    /// The line that remains of the steps.
    last: String,
    count: Option<ProgressBar>,
    /// What is waited for without a count.
    wait: Option<ProgressBar>,
}

impl Bars {
    /// Bars above a line where the user types, painted at most so many times a second.
    pub(super) fn with_input(input: InputLine, refreshes: Option<u8>) -> Self {
        let terminal = Box::new(input.clone());
        let target = match refreshes {
            Some(refreshes) => ProgressDrawTarget::term_like_with_hz(terminal, refreshes),
            None => ProgressDrawTarget::term_like(terminal),
        };
        let bars = MultiProgress::with_draw_target(target);
        Self { bars, input: Some(input), steps: None, last: String::new(), count: None, wait: None }
    }

    pub(super) fn step(&mut self, step: u64, total: u64, parts: Vec<String>) {
        let bar = self.steps.get_or_insert_with(|| StepsBar::new(&self.bars, self.input.clone()));
        self.last = line(step, total, &parts);
        bar.show(step, total, parts);
    }

    pub(super) fn count(&mut self, label: &str, done: u64, total: u64) {
        let bar = self.count.get_or_insert_with(|| self.bars.add(bar("{bar:24.green/dim} {pos}/{len}  {wide_msg}")));
        bar.set_length(total);
        bar.set_position(done);
        bar.set_message(label.to_string());
        if done >= total
            && let Some(bar) = self.count.take()
        {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
    }

    /// Shows the time that passes, until [`Bars::end_wait`].
    pub(super) fn wait(&mut self, label: &str) {
        let bar = self.wait.get_or_insert_with(|| self.bars.add(bar("{spinner:.green} {elapsed}  {wide_msg}")));
        bar.set_message(label.to_string());
        bar.enable_steady_tick(TICK);
    }

    pub(super) fn end_wait(&mut self) {
        if let Some(bar) = self.wait.take() {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
    }

    pub(super) fn message(&self, text: &str) {
        let _ = self.bars.println(text);
    }

    /// Moves a line that was typed above the bars.
    pub(super) fn typed(&self, line: &str) {
        let Some(input) = &self.input else { return };
        input.take();
        if !line.is_empty() {
            self.message(&format!("> {line}"));
        }
    }

    /// Takes the bars off the terminal until the next step paints them again.
    pub(super) fn hide(&self) {
        let _ = self.bars.clear();
    }

    /// Leaves a line in place of the bar, which would be overwritten by the next message.
    pub(super) fn finish(&mut self) {
        self.end_wait();
        if let Some(bar) = self.count.take() {
            bar.finish_and_clear();
        }
        if let Some(bar) = self.steps.take() {
            bar.finish();
            self.message(&self.last);
        }
    }
}

fn bar(template: &str) -> ProgressBar {
    ProgressBar::no_length().with_style(style(template))
}

fn line(step: u64, total: u64, parts: &[String]) -> String {
    let total = if total == 0 { String::new() } else { format!("/{total}") };
    format!("step {step}{total}  {}", parts.join("  "))
}

/// Lines, and what of them is held back.
pub(super) struct Lines {
    sink: Box<dyn Write + Send>,
    shown: Option<Instant>,
    pending: Option<String>,
    /// The label that is being counted, and when it was shown last.
    counting: Option<(String, Instant)>,
}

impl Lines {
    pub(super) fn step(&mut self, now: Instant, step: u64, total: u64, parts: &[String]) {
        let line = line(step, total, parts);
        if self.shown.is_some_and(|shown| now.saturating_duration_since(shown) < LINE_INTERVAL) {
            self.pending = Some(line);
        } else {
            self.pending = None;
            self.shown = Some(now);
            self.message(&line);
        }
    }

    pub(super) fn count(&mut self, now: Instant, label: &str, done: u64, total: u64) {
        let is_last = done >= total;
        let is_due = match &self.counting {
            Some((counted, shown)) if counted == label => now.saturating_duration_since(*shown) >= LINE_INTERVAL,
            _ => true,
        };
        if is_due || is_last {
            self.message(&format!("{label} {done}/{total}"));
            self.counting = (!is_last).then(|| (label.to_string(), now));
        }
    }

    pub(super) fn message(&mut self, text: &str) {
        let _ = writeln!(self.sink, "{}", text.trim_end());
        let _ = self.sink.flush();
    }

    /// Shows the last step, if that was held back.
    pub(super) fn finish(&mut self) {
        if let Some(line) = self.pending.take() {
            self.message(&line);
        }
    }
}

/// A line of the script's own output.
pub(super) fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{text}");
    let _ = stdout.flush();
}
