//! What a training shows while it runs. It decides what is said, not where: that is the screen's.

use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{
    describe::describe,
    rate::Rate,
    screen::{self, Screen},
    told::Told,
};
use crate::message::{lines, name};

/// Whether progress is a bar, lines, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProgressKind {
    /// A bar where the standard error is a terminal, lines elsewhere.
    #[default]
    Auto,
    /// Lines: the first step, the last, and between them one every five seconds at most.
    Plain,
    /// Neither steps nor messages.
    Silent,
}

/// The progress of one training, on the standard error. Every method may be called from any thread, none can
/// fail, and a closed terminal is ignored.
pub struct Progress {
    state: Mutex<State>,
}

struct State {
    screen: Screen,
    rate: Rate,
    total_steps: u64,
    /// When something without a count began, which is waited for.
    waiting: Option<Instant>,
    told: Told,
}

impl Progress {
    /// Progress towards `total_steps`; 0 where the number is not known. Nothing is shown yet.
    pub fn new(kind: ProgressKind, total_steps: u64) -> Self {
        let screen = match kind {
            ProgressKind::Silent => Screen::Nothing,
            ProgressKind::Auto => Screen::auto(),
            ProgressKind::Plain => Screen::lines(Box::new(io::stderr())),
        };
        Self::on(screen, total_steps)
    }

    fn on(screen: Screen, total_steps: u64) -> Self {
        Self {
            state: Mutex::new(State {
                screen,
                rate: Rate::default(),
                total_steps,
                waiting: None,
                told: Told::default(),
            }),
        }
    }

    /// Shows that `step` steps are done, with the values of the last one and the number of views that it took
    /// in: `step 40/400  loss 5.1234  lr 0.2000  2m10s left  1234 views/s`, then what else is logged. A
    /// bar shows of these what its terminal is wide enough for. The speed and the time left are those of the recent
    /// steps.
    pub fn step(&self, step: u64, values: &[(&str, f64)], views: u64) {
        self.step_at(Instant::now(), step, values, views);
    }

    fn step_at(&self, now: Instant, step: u64, values: &[(&str, f64)], views: u64) {
        let State { screen, rate, total_steps, .. } = &mut *self.state();
        rate.record(now, step, views);
        match screen {
            Screen::Bars(bars) => bars.step(step, *total_steps, describe(values, rate, step, *total_steps)),
            Screen::Lines(paper) => paper.step(now, step, *total_steps, &describe(values, rate, step, *total_steps)),
            Screen::Nothing => {}
        }
    }

    /// Measures the speed anew from now on.
    pub fn restart(&self) {
        self.state().rate = Rate::default();
    }

    /// Sets the number of steps anew.
    pub fn set_total(&self, total_steps: u64) {
        self.state().total_steps = total_steps;
    }

    /// Shows how far something before or between the steps has come, such as the decoding of a data set. The call with
    /// `done == total` ends it.
    pub fn counting(&self, label: &str, done: u64, total: u64) {
        let label = &*name(label);
        match &mut self.state().screen {
            Screen::Bars(bars) => bars.count(label, done, total),
            Screen::Lines(paper) => paper.count(Instant::now(), label, done, total),
            Screen::Nothing => {}
        }
    }

    /// Shows that something without a count takes long, and on a terminal for how long already, until
    /// [`Progress::end_wait`].
    pub fn wait(&self, label: &str) {
        let label = &*name(label);
        let mut state = self.state();
        state.waiting = Some(Instant::now());
        match &mut state.screen {
            Screen::Bars(bars) => bars.wait(label),
            Screen::Lines(paper) => paper.message(label),
            Screen::Nothing => {}
        }
    }

    /// Ends what is waited for, if anything is, and says how long it took: `label 12.3 s`.
    pub fn end_wait(&self, label: &str) {
        let Some(began) = self.state().waiting.take() else { return };
        if let Screen::Bars(bars) = &mut self.state().screen {
            bars.end_wait();
        }
        self.message(&format!("{label} {:.1} s", began.elapsed().as_secs_f64()));
    }

    /// Shows a line, or several, above the bar.
    pub fn message(&self, text: &str) {
        let text = &*lines(text);
        match &mut self.state().screen {
            Screen::Bars(bars) => bars.message(text),
            Screen::Lines(paper) => paper.message(text),
            Screen::Nothing => {}
        }
    }

    /// Shows a line unless one under this key was shown. After twenty such lines no more of them come.
    pub fn message_once(&self, key: &str, text: &str) {
        let mut state = self.state();
        let shown = match state.screen {
            Screen::Nothing => None,
            _ => state.told.few(key, text),
        };
        drop(state);
        if let Some(text) = shown {
            self.message(text);
        }
    }

    /// Whether a line was shown under this key.
    pub fn has_told(&self, key: &str) -> bool {
        self.state().told.has(key)
    }

    /// Shows a line as [`Progress::message`] does, once however often it is said.
    pub fn note(&self, text: &str) {
        if self.state().told.once(text) {
            self.message(text);
        }
    }

    /// Notes that the user has typed a line and ended it. The terminal has shown it already, so only bars move.
    pub fn typed(&self, line: &str) {
        if let Screen::Bars(bars) = &self.state().screen {
            bars.typed(line);
        }
    }

    /// Prints a line to the standard output, above the bar if there is one: what the script itself prints.
    /// It is printed even where progress is silent.
    pub fn print(&self, text: &str) {
        let state = self.state();
        if let Screen::Bars(bars) = &state.screen {
            bars.hide();
        }
        screen::print(text);
    }

    /// Shows the last step for good. Steps after it start anew.
    pub fn finish(&self) {
        self.state().waiting = None;
        match &mut self.state().screen {
            Screen::Bars(bars) => bars.finish(),
            Screen::Lines(paper) => paper.finish(),
            Screen::Nothing => {}
        }
    }

    /// A thread that panicked in here leaves at worst an odd line, so the others go on.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::{MultiProgress, ProgressDrawTarget};
    use std::{io::Write, sync::Arc, time::Duration};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Closed;

    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    /// What `show` leaves on paper.
    fn lines(total_steps: u64, show: impl FnOnce(&Progress)) -> Vec<String> {
        let paper = Paper::default();
        show(&Progress::on(Screen::lines(Box::new(paper.clone())), total_steps));
        let bytes = paper.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(str::to_string).collect()
    }

    #[test]
    fn lines_come_for_the_first_step_the_last_and_every_five_seconds() {
        let lines = lines(400, |progress| {
            let start = Instant::now();
            for step in 1..=400_u32 {
                let values = [("loss", 5.1234), ("lr", 0.2)];
                progress.step_at(start + step * Duration::from_millis(50), step.into(), &values, 512);
            }
            progress.finish();
            progress.finish();
        });
        let first_words: Vec<_> = lines.iter().map(|line| line.split("  ").next().unwrap()).collect();
        assert_eq!(first_words, ["step 1/400", "step 101/400", "step 201/400", "step 301/400", "step 400/400"]);
        assert_eq!(lines[0], "step 1/400  loss 5.1234  lr 0.2000");
        assert_eq!(lines[1], "step 101/400  loss 5.1234  lr 0.2000  14s left  10240 views/s");
        assert_eq!(lines[4], "step 400/400  loss 5.1234  lr 0.2000  10240 views/s");
    }

    #[test]
    fn an_unknown_total_and_values_that_are_not_finite_are_shown_as_they_are() {
        let lines = lines(0, |progress| progress.step(7, &[("loss", f64::NAN), ("lr", 1e-5), ("norm", 0.0)], 0));
        assert_eq!(lines, ["step 7  loss NaN  lr 1.00e-5  norm 0.0000"]);
    }

    #[test]
    fn counting_shows_its_beginning_and_its_end() {
        let lines = lines(1, |progress| {
            (1..=1000).for_each(|done| progress.counting("decoding cifar10", done, 1000));
            progress.counting("empty", 0, 0);
        });
        assert_eq!(lines, ["decoding cifar10 1/1000", "decoding cifar10 1000/1000", "empty 0/0"]);
    }

    #[test]
    fn waiting_says_what_for_and_how_long_it_took() {
        let lines = lines(1, |progress| {
            progress.end_wait("nothing took");
            progress.wait("compiling kernels");
            progress.end_wait("the first step took");
            progress.end_wait("the second step took");
        });
        assert_eq!(lines, ["compiling kernels", "the first step took 0.0 s"]);
    }

    #[test]
    fn what_is_counted_while_something_is_waited_for_is_shown_as_ever() {
        let lines = lines(2, |progress| {
            progress.wait("first use");
            progress.counting("decoding cifar10", 1, 2);
            progress.counting("decoding cifar10", 2, 2);
            progress.message("run folder: x");
            progress.restart();
            progress.end_wait("first use, to the end of the first step:");
            progress.step(1, &[], 0);
        });
        let [first, counted @ .., told, step] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!(counted, ["decoding cifar10 1/2", "decoding cifar10 2/2", "run folder: x"]);
        assert!(first == "first use" && told.starts_with("first use, to the end of the first step: 0."), "{lines:?}");
        assert!(step.starts_with("step 1/2"), "{lines:?}");
    }

    #[test]
    fn what_is_told_once_is_told_once_and_twenty_such_lines_are_enough() {
        let lines = lines(1, |progress| {
            for key in ["a", "b", "a"] {
                progress.message_once(key, &format!("told {key}"));
            }
            assert!(progress.has_told("a") && !progress.has_told("c"));
            (0..100).for_each(|key| progress.message_once(&key.to_string(), "another"));
        });
        assert_eq!((lines[0].as_str(), lines[1].as_str(), lines.len()), ("told a", "told b", 21));
        assert_eq!(lines[20], "more of this kind is not shown");
    }

    #[test]
    fn ten_thousand_steps_take_no_time_to_speak_of() {
        let start = Instant::now();
        let lines = lines(10_000, |progress| {
            (1..=10_000).for_each(|step| progress.step(step, &[("loss", 1.0)], 64));
            progress.finish();
        });
        assert!(lines.last().unwrap().starts_with("step 10000/10000  "));
        assert!(lines.len() < 10 && start.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_closed_output_is_ignored() {
        let hidden = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        for screen in [Screen::lines(Box::new(Closed)), Screen::bars(hidden), Screen::Nothing] {
            let progress = Progress::on(screen, 2);
            progress.counting("decoding", 1, 2);
            progress.wait("compiling");
            progress.message("careful");
            progress.end_wait("compiled in");
            progress.step(1, &[], 1);
            progress.step(2, &[], 1);
            progress.finish();
        }
    }
}
