//! What became of a component where a session took over a state, and how that is told.

use crate::tensor::format_shape;

/// What a component took over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Takeover {
    /// The number of tensors that go on.
    pub kept: usize,
    /// Tensors that start anew since they have another shape now, with both shapes.
    pub reshaped: Vec<String>,
    /// Tensors that start anew, with their shapes.
    pub initialised: Vec<String>,
    /// Tensors of the old state that fit nowhere, with their shapes.
    pub dropped: Vec<String>,
    /// What else is to be said.
    pub notes: Vec<String>,
}

impl Takeover {
    /// Whether everything goes on and nothing is new.
    pub fn is_complete(&self) -> bool {
        [&self.reshaped, &self.initialised, &self.dropped, &self.notes].iter().all(|list| list.is_empty())
    }

    /// Counts what an optimizer had taken over as dropped, each tensor once.
    pub(super) fn drop_kept(&mut self, dropped: Vec<(String, Vec<usize>)>) {
        for title in dropped.iter().map(|(name, shape)| titled(name, shape)) {
            if !self.dropped.contains(&title) {
                self.kept = self.kept.saturating_sub(1);
                self.dropped.push(title);
            }
        }
    }

    /// `encoder: kept 60, fc.weight [10, 512] became [20, 512], new fc3.weight [128, 512]`.
    pub fn describe(&self, name: &str) -> String {
        self.list(name, usize::MAX)
    }

    /// The same with no more than two names of each kind, for a terminal.
    pub fn summary(&self, name: &str) -> String {
        self.list(name, 2)
    }

    fn list(&self, name: &str, most: usize) -> String {
        let mut parts = Vec::new();
        if self.kept > 0 {
            parts.push(format!("kept {}", self.kept));
        }
        for (what, tensors) in [("", &self.reshaped), ("new", &self.initialised), ("dropped", &self.dropped)] {
            // A component as a whole has no name.
            let named: Vec<&str> = tensors.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
            let more = named.len().saturating_sub(most);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let shown = named[..named.len().min(most)].join(", ") + &more;
            if !tensors.is_empty() {
                parts.push([what, &shown].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "));
            }
        }
        parts.extend(self.notes.iter().cloned());
        format!("{name}: {}", parts.join(", "))
    }
}

/// `fc.weight [10, 512]`.
pub(super) fn titled(name: &str, shape: &[usize]) -> String {
    format!("{name} {}", format_shape(shape))
}

/// `fc.weight [10, 512] became [20, 512]`.
pub(super) fn became(name: &str, before: &[usize], now: &[usize]) -> String {
    format!("{} became {}", titled(name, before), format_shape(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_tells_what_became_of_each_tensor_and_its_summary_is_short() {
        let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        let found = Takeover {
            kept: 8,
            reshaped: names(&[
                "0.weight [32, 32] became [64, 32]",
                "0.bias [32] became [64]",
                "1.bias [32] became [64]",
            ]),
            initialised: names(&["2.weight [1, 64]"]),
            ..Takeover::default()
        };
        let whole = "model: kept 8, 0.weight [32, 32] became [64, 32], 0.bias [32] became [64], 1.bias [32] became \
                     [64], new 2.weight [1, 64]";
        assert_eq!(found.describe("model"), whole);
        let short = "model: kept 8, 0.weight [32, 32] became [64, 32], 0.bias [32] became [64] and 1 more, new \
             2.weight [1, 64]";
        assert_eq!(found.summary("model"), short);
    }

    #[test]
    fn a_component_as_a_whole_has_no_names_of_tensors() {
        let new = Takeover { initialised: vec![String::new()], ..Takeover::default() };
        let gone = Takeover { dropped: vec![String::new(); 40], ..Takeover::default() };
        assert_eq!((new.summary("head").as_str(), gone.describe("old").as_str()), ("head: new", "old: dropped"));
    }
}
