//! One of several transforms.

use std::{fmt, sync::Arc};

use super::super::{Change, DrawPlace, Extent, Range, Size, Transform};
use crate::{Error, Result, options::options};

const OP: &str = "random_choice";

/// More than anyone writes down; a list that was made by mistake is none.
const MOST: usize = 1000;

options! {
    /// How one of several augmentations is chosen.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ChoiceOptions {
        /// How likely each is beside the others, in their order; all alike where left out.
        weights: Option<Vec<f32>> = None;
    }
}

/// As a second argument of a call; nothing where nothing is given.
impl fmt::Display for ChoiceOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(weights) = &self.weights else { return Ok(()) };
        let weights: Vec<String> = weights.iter().map(f32::to_string).collect();
        write!(formatter, ", {{ weights = {{ {} }} }}", weights.join(", "))
    }
}

impl ChoiceOptions {
    /// With weights.
    pub fn weighted(weights: Vec<f32>) -> Self {
        Self { weights: Some(weights) }
    }

    /// The shares of so many choices up to each.
    ///
    /// # Errors
    /// None to choose from, or too many; weights of another number, or that are negative, not finite or all 0.
    pub fn ends(&self, count: usize) -> Result<Vec<f32>> {
        if count == 0 || count > MOST {
            return Err(Error::argument(OP, "augmentations", format!("from 1 to {MOST}"), count));
        }
        let weights = self.weights.clone().unwrap_or_else(|| vec![1.0; count]);
        if weights.len() != count {
            return Err(Error::argument(OP, "weights", format!("{count} numbers"), weights.len()));
        }
        if let Some(wrong) = weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
            return Err(Error::argument(OP, "weights", "numbers of at least 0", wrong));
        }
        let sum: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
        if sum <= 0.0 {
            return Err(Error::argument(OP, "weights", "not all 0", "only zeros"));
        }
        let mut before = 0.0;
        Ok(weights
            .iter()
            .map(|weight| {
                before += f64::from(*weight);
                (before / sum) as f32
            })
            .collect())
    }
}

/// Applies one of several transforms, each of which may be a chain: torchvision's RandomChoice.
#[derive(Clone, Debug)]
pub struct RandomChoice {
    choices: Vec<Arc<dyn Transform>>,
    options: ChoiceOptions,
    /// The shares of the choices up to each.
    ends: Vec<f32>,
}

impl RandomChoice {
    /// One of some transforms.
    ///
    /// # Errors
    /// As [`ChoiceOptions::ends`]; too many transforms in it.
    pub fn new(choices: Vec<Arc<dyn Transform>>, options: ChoiceOptions) -> Result<Self> {
        let ends = options.ends(choices.len())?;
        Extent::around(choices.iter().map(|choice| choice.extent())).checked(OP)?;
        Ok(Self { choices, options, ends })
    }
}

impl fmt::Display for RandomChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "random_choice({{")?;
        for choice in &self.choices {
            writeln!(formatter, "  {},", choice.to_string().replace('\n', "\n  "))?;
        }
        write!(formatter, "}}{})", self.options)
    }
}

impl Transform for RandomChoice {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let drawn = place.draws().uniform();
        // The last one of a weight where rounding leaves a gap.
        let last = (0..self.ends.len()).rfind(|i| *i == 0 || self.ends[*i] > self.ends[*i - 1]).unwrap_or(0);
        let chosen = self.ends.iter().position(|end| drawn < *end).unwrap_or(last);
        for (number, choice) in self.choices.iter().enumerate() {
            let before = changes.len();
            // Drawn in any case, so that what follows has the same numbers.
            choice.draw(size, place, changes);
            if number != chosen {
                changes.truncate(before);
            }
        }
    }

    fn output_size(&self, input: Size) -> Size {
        self.choices[0].output_size(input)
    }

    fn check(&self, size: Size, channels: usize) -> Result<()> {
        let made = self.output_size(size);
        for choice in &self.choices {
            choice.check(size, channels)?;
            let other = choice.output_size(size);
            if other != made {
                let want = format!("views of one size, {}x{} as the first", made.0, made.1);
                return Err(Error::argument(OP, "augmentations", want, format!("{}x{}", other.0, other.1)));
            }
        }
        Ok(())
    }

    fn range(&self) -> Range {
        Range::of(&self.choices)
    }

    fn extent(&self) -> Extent {
        Extent::around(self.choices.iter().map(|choice| choice.extent()))
    }
}
