//! The recipes of views as the words that `shaders/views.wgsl` reads. A stage is a way to read pixels from the image
//! before it, followed by changes of single pixels; the changes of a recipe are put into as few stages as their needs
//! allow.

use super::stage::{Stage, stages};
use crate::augment::{Form, Recipes, View};

/// Words of a view before all stages.
const VIEW_WORDS: usize = 4;

/// What the kernel is told.
#[derive(Debug, Default)]
pub(super) struct Program {
    /// Four words for each view (image, place of its first stage, number of stages, quarter turns), then the stages.
    pub words: Vec<u32>,
    /// The most stages of a view.
    pub stages: usize,
    /// Bit by bit, what some view wants after a stage; beyond 32 stages the kernel computes it always.
    pub wanted: Wanted,
    /// The largest image between two stages, in pixels.
    pub scratch_area: usize,
}

/// Bit by bit, whether some view wants something after a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The mean luma.
    pub mean: u32,
    /// The least and the greatest value of each channel.
    pub extremes: u32,
    /// The histogram of each channel.
    pub histogram: u32,
}

impl Program {
    /// The program of recipes for images of a form, whose values may lie in `0..1`. Images that were made for the rows
    /// themselves are turned already.
    pub fn of(recipes: &Recipes, rows: &[View], form: Form, is_unit: bool) -> Self {
        let Form { channels, size: (height, width), is_by_row, .. } = form;
        let mut program = Self { words: vec![0; VIEW_WORDS * rows.len()], ..Self::default() };
        for (number, (row, changes)) in rows.iter().zip(recipes.views()).enumerate() {
            let turn = if is_by_row { 0 } else { row.turn };
            let size = if turn % 2 == 1 { (width, height) } else { (height, width) };
            let stages = stages(changes, channels, size, is_unit);
            let image = if is_by_row { number } else { row.image };
            let view = [image as u32, program.words.len() as u32, stages.len() as u32, u32::from(turn)];
            program.words[VIEW_WORDS * number..][..VIEW_WORDS].copy_from_slice(&view);
            program.append(&stages);
        }
        program
    }

    /// Each stage reads what the stage before it wrote: the first reads the source, later ones one of two scratch
    /// images by turns. The last stage writes the view.
    fn append(&mut self, stages: &[Stage]) {
        let mut numbers = self.words.len() + stages.iter().map(Stage::words).sum::<usize>();
        self.stages = self.stages.max(stages.len());
        for (number, stage) in stages.iter().enumerate() {
            if number < 32 {
                let bit = |wanted: bool| u32::from(wanted) << number;
                self.wanted.mean |= bit(stage.wants_mean);
                self.wanted.extremes |= bit(stage.wants_extremes);
                self.wanted.histogram |= bit(stage.wants_histogram());
            }
            let is_last = number + 1 == stages.len();
            let read = if number == 0 { 0 } else { 2 - number as u32 % 2 };
            let write = if is_last { 0 } else { 2 - (number as u32 + 1) % 2 };
            stage.write([read, write], numbers as u32, &mut self.words);
            numbers += stage.numbers.len();
            if !is_last {
                self.scratch_area = self.scratch_area.max(stage.to.0 * stage.to.1);
            }
        }
        self.words.extend(stages.iter().flat_map(|stage| &stage.numbers));
    }
}

#[cfg(test)]
mod tests {
    use super::{super::stage::STAGE_WORDS, *};
    use crate::augment::Change;

    #[test]
    fn every_stage_reads_what_the_one_before_it_wrote_and_the_last_writes_the_view() {
        let mut program = Program::default();
        let changes = [Change::Contrast(0.5), Change::Contrast(0.6), Change::Blur { taps: 3, sigma: 1.0 }];
        program.append(&stages(&changes, 3, (4, 4), true));
        let mut place = 0;
        let mut slots = Vec::new();
        for _ in 0..5 {
            slots.push((program.words[place + 5], program.words[place + 6]));
            place += STAGE_WORDS + 3 * program.words[place + 18] as usize;
        }
        assert_eq!(slots, [(0, 1), (1, 2), (2, 1), (1, 2), (2, 0)]);
        assert_eq!(program.words.len(), place + 6, "two blur stages have three weights each");
        assert_eq!(program.wanted, Wanted { mean: 0b11, extremes: 0, histogram: 0 });
    }

    #[test]
    fn what_a_change_needs_of_the_whole_image_is_wanted_of_the_stage_before() {
        let mut program = Program::default();
        program.append(&stages(&[Change::Autocontrast, Change::Flip, Change::Equalize], 3, (4, 4), true));
        assert_eq!((program.stages, program.wanted), (3, Wanted { mean: 0, extremes: 0b1, histogram: 0b10 }));
    }
}
