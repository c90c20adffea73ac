//! What keys draws that name no sample of a data set: counts, which are part of a training's state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rng::DrawKey;

/// For each stream its last draws.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawCounts(BTreeMap<String, LastDraws>);

/// The draws of the last step that made any: `[step, count]` in a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct LastDraws {
    /// The step.
    pub step: u64,
    /// How many there were in it.
    pub count: u64,
}

impl From<(u64, u64)> for LastDraws {
    fn from((step, count): (u64, u64)) -> Self {
        Self { step, count }
    }
}

impl From<LastDraws> for (u64, u64) {
    fn from(last: LastDraws) -> Self {
        (last.step, last.count)
    }
}

impl DrawCounts {
    /// The last draws for a stream.
    pub fn last(&self, stream: &str) -> Option<LastDraws> {
        self.0.get(stream).copied()
    }

    pub(super) fn next(&mut self, stream: &str, step: u64) -> DrawKey {
        let count = self.last(stream).filter(|last| last.step == step).map_or(0, |last| last.count);
        let next = LastDraws { step, count: count + 1 };
        match self.0.get_mut(stream) {
            Some(last) => *last = next,
            None => drop(self.0.insert(stream.to_owned(), next)),
        }
        DrawKey { step, call: count }
    }
}

/// What a session counts of draws besides those that last.
#[derive(Debug, Default)]
pub(super) struct DrawStages {
    /// The draws before the first step, counted apart while the lasting counts, which come from a state, wait for that
    /// step.
    pub(super) early: Option<DrawCounts>,
    /// The draws of `setup`.
    of_setup: DrawCounts,
    /// How many stretches there were in which draws are counted anew.
    pub(super) stages: u64,
}

impl DrawStages {
    /// Begins with a state, before `setup`.
    pub(super) fn begin_early(&mut self) {
        self.early = Some(DrawCounts::default());
    }

    /// Notes that `setup` is over. `lasting` are the counts that last.
    pub(super) fn end_setup(&mut self, lasting: &DrawCounts) {
        self.stages += 1;
        self.of_setup = self.early.as_ref().unwrap_or(lasting).clone();
    }

    /// Goes back to a state. Until its first step a loop draws as if the training began.
    pub(super) fn go_back(&mut self) {
        self.stages += 1;
        self.early = Some(self.of_setup.clone());
    }

    /// The first step begins, or an evaluation: from here on the lasting counts go on.
    pub(super) fn take_up(&mut self) {
        self.stages += 1;
        self.early = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_has_two_numbers_for_each_stream() {
        let mut counts = DrawCounts::default();
        counts.next("pick", 3);
        counts.next("pick", 3);
        let text = serde_json::to_string(&counts).unwrap();
        assert_eq!(text, r#"{"pick":[3,2]}"#);
        assert_eq!(serde_json::from_str::<DrawCounts>(&text).unwrap(), counts);
    }
}
