//! What a run's journal has for a chart to mark: where edits took effect, and where the training was taken back. It
//! plots nothing.

use super::{Entry, Event};

/// Something that happened to a run at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The first step that it holds for.
    pub step: u64,
    /// What it is.
    pub kind: MarkKind,
}

/// What is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkKind {
    /// The edit of this number took effect.
    Edit(u64),
    /// The training went on from an older state, for this time.
    Rewind(u64),
}

impl Mark {
    /// The marks of a journal, by step. If a run was taken up again and went on differently, its last course counts.
    pub fn read(entries: &[Entry]) -> Vec<Self> {
        let mut marks: Vec<Self> = Vec::new();
        for entry in entries {
            match entry.event {
                Event::Version { version, .. } if version > 0 => {
                    marks.retain(|mark| !matches!(mark.kind, MarkKind::Edit(number) if number >= version));
                    marks.push(Self { step: entry.step + 1, kind: MarkKind::Edit(version) });
                }
                Event::Rewind { to, .. } => {
                    let again = entry.rewinds + 1;
                    marks.retain(|mark| !matches!(mark.kind, MarkKind::Rewind(time) if time >= again));
                    // The steps after it are done anew, by the version that was reached.
                    marks.iter_mut().for_each(|mark| mark.step = mark.step.min(to + 1));
                    marks.push(Self { step: to + 1, kind: MarkKind::Rewind(again) });
                }
                _ => {}
            }
        }
        marks.sort_by_key(|mark| mark.step);
        marks
    }

    /// What stands beside its line.
    pub(super) fn label(&self) -> String {
        match self.kind {
            MarkKind::Edit(number) => number.to_string(),
            MarkKind::Rewind(_) => "back".into(),
        }
    }

    pub(super) fn is_edit(&self) -> bool {
        matches!(self.kind, MarkKind::Edit(_))
    }
}

/// Which of several things in a row, each with its start and its end, have room, from the first on, so that at least
/// `gap` stays free between two.
pub(super) fn with_room(spans: impl IntoIterator<Item = (i32, i32)>, gap: i32) -> Vec<bool> {
    let mut free = i32::MIN;
    let has_room = |(start, end): (i32, i32)| {
        let fits = start >= free;
        if fits {
            free = end + gap;
        }
        fits
    };
    spans.into_iter().map(has_room).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(step: u64, rewinds: u64, event: Event) -> Entry {
        Entry { step, rewinds, time: String::new(), event }
    }

    fn version(step: u64, rewinds: u64, version: u64) -> Entry {
        let event =
            Event::Version { version, set: Vec::new(), files: Vec::new(), diff: String::new(), report: Vec::new() };
        entry(step, rewinds, event)
    }

    fn rewind(step: u64, rewinds: u64, to: u64) -> Entry {
        entry(step, rewinds, Event::Rewind { to, lr_scale: 0.5, reason: String::new() })
    }

    fn read(entries: &[Entry]) -> Vec<(u64, MarkKind)> {
        Mark::read(entries).into_iter().map(|mark| (mark.step, mark.kind)).collect()
    }

    #[test]
    fn an_edit_is_marked_at_the_first_step_that_it_makes_and_the_first_version_is_not() {
        let entries = [version(0, 0, 0), version(52, 0, 1), entry(60, 0, Event::Resume), version(70, 0, 2)];
        assert_eq!(read(&entries), [(53, MarkKind::Edit(1)), (71, MarkKind::Edit(2))]);
    }

    #[test]
    fn edits_of_a_course_that_was_not_taken_are_not_marked() {
        let entries = [version(0, 0, 0), version(50, 0, 1), version(80, 0, 2), version(60, 0, 2)];
        assert_eq!(read(&entries), [(51, MarkKind::Edit(1)), (61, MarkKind::Edit(2))]);
    }

    #[test]
    fn an_edit_of_steps_that_are_done_anew_is_marked_where_they_begin() {
        let entries = [version(20, 0, 1), version(50, 0, 2), rewind(60, 0, 40), rewind(60, 0, 40), version(45, 1, 3)];
        let want =
            [(21, MarkKind::Edit(1)), (41, MarkKind::Edit(2)), (41, MarkKind::Rewind(1)), (46, MarkKind::Edit(3))];
        assert_eq!(read(&entries), want);
    }

    #[test]
    fn what_overlaps_has_no_room() {
        let spans = (0..100).map(|place| (place * 3, place * 3 + 10));
        let kept: Vec<_> =
            with_room(spans, 2).into_iter().enumerate().filter(|kept| kept.1).map(|kept| kept.0).collect();
        assert_eq!(kept[..4], [0, 4, 8, 12]);
        assert_eq!(with_room([(5, 9), (20, 24)], 2), [true, true]);
    }
}
