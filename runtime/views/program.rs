//! The recipes of views as the words that `shaders/views.wgsl` reads. A stage is a way to read pixels from the image
//! before it, followed by changes of single pixels; the changes of a recipe are put into as few stages as their needs
//! allow.

use crate::augment::{Change, Interpolation, Recipes, Size, View, blur_weights};

const STAGE_WORDS: usize = 16;
/// Words of a view before all stages.
const VIEW_WORDS: usize = 4;

/// How a stage reads.
const COPY: u32 = 0;
const CROP: u32 = 1;
const TURN: u32 = 2;
const BLUR_ROWS: u32 = 3;
const BLUR_COLUMNS: u32 = 4;

/// How a pixel is changed.
const BRIGHTNESS: u32 = 1;
const CONTRAST: u32 = 2;
const SATURATION: u32 = 3;
const HUE: u32 = 4;
const GRAYSCALE: u32 = 5;
const SOLARIZE: u32 = 6;

const MIRRORED: u32 = 1;
const WANTS_MEAN: u32 = 2;

/// What the kernel is told.
#[derive(Debug, Default)]
pub(super) struct Program {
    /// Four words for each view (image, place of its first stage, number of stages, quarter turns), then the stages.
    pub words: Vec<u32>,
    /// The most stages of a view.
    pub stages: usize,
    /// Bit by bit, whether some view wants the mean after a stage; beyond 32 stages the kernel computes it always.
    pub mean_stages: u32,
    /// The largest image between two stages, in pixels.
    pub scratch_area: usize,
}

/// One stage on its way to words.
struct Stage {
    load: u32,
    from: Size,
    to: Size,
    flags: u32,
    arguments: [u32; 7],
    /// Kind and amount.
    points: Vec<[u32; 2]>,
    /// The weights of a blur.
    weights: Vec<f32>,
}

impl Stage {
    fn new(load: u32, from: Size, to: Size) -> Self {
        Self { load, from, to, flags: 0, arguments: [0; 7], points: Vec::new(), weights: Vec::new() }
    }
}

impl Program {
    /// The program of recipes for images of a size.
    pub fn of(recipes: &Recipes, rows: &[View], (height, width): Size) -> Self {
        let mut program = Self { words: vec![0; VIEW_WORDS * rows.len()], ..Self::default() };
        for (number, (row, changes)) in rows.iter().zip(recipes.views()).enumerate() {
            let size = if row.turn % 2 == 1 { (width, height) } else { (height, width) };
            let stages = stages(changes, size);
            let view = [row.image as u32, program.words.len() as u32, stages.len() as u32, u32::from(row.turn)];
            program.words[VIEW_WORDS * number..][..VIEW_WORDS].copy_from_slice(&view);
            program.append(&stages);
        }
        program
    }

    /// Each stage reads what the stage before it wrote: the first reads the source, later ones one of two scratch
    /// images by turns. The last stage writes the view.
    fn append(&mut self, stages: &[Stage]) {
        let words = |stage: &Stage| STAGE_WORDS + 2 * stage.points.len();
        let mut weights = self.words.len() + stages.iter().map(words).sum::<usize>();
        self.stages = self.stages.max(stages.len());
        for (number, stage) in stages.iter().enumerate() {
            if stage.flags & WANTS_MEAN != 0 && number < 32 {
                self.mean_stages |= 1 << number;
            }
            let is_last = number + 1 == stages.len();
            let read = if number == 0 { 0 } else { 2 - number as u32 % 2 };
            let write = if is_last { 0 } else { 2 - (number as u32 + 1) % 2 };
            let size = |size: Size| [size.0 as u32, size.1 as u32];
            self.words.push(stage.load);
            self.words.extend(size(stage.from));
            self.words.extend(size(stage.to));
            self.words.extend([read, write, stage.flags]);
            let mut arguments = stage.arguments;
            if !stage.weights.is_empty() {
                arguments[1] = weights as u32;
                weights += stage.weights.len();
            }
            self.words.extend(arguments);
            self.words.push(stage.points.len() as u32);
            self.words.extend(stage.points.iter().flatten());
            if !is_last {
                self.scratch_area = self.scratch_area.max(stage.to.0 * stage.to.1);
            }
        }
        self.words.extend(stages.iter().flat_map(|stage| &stage.weights).map(|weight| weight.to_bits()));
    }
}

fn stages(changes: &[Change], mut size: Size) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for change in changes {
        let to = change.output_size(size);
        match *change {
            Change::Crop { crop, interpolation, antialias, .. } => {
                let mut stage = Stage::new(CROP, size, to);
                let scale = |part: usize, whole: usize| (part as f32 / whole as f32).to_bits();
                let taps = if interpolation == Interpolation::Bicubic { 4 } else { 2 };
                stage.arguments[..4].copy_from_slice(&[crop.top, crop.left, crop.height, crop.width].map(|x| x as u32));
                stage.arguments[4..].copy_from_slice(&[
                    scale(crop.height, to.0),
                    scale(crop.width, to.1),
                    taps | u32::from(antialias) << 8,
                ]);
                stages.push(stage);
            }
            Change::Turn(quarters) => {
                let mut stage = Stage::new(TURN, size, to);
                stage.arguments[0] = u32::from(quarters);
                stages.push(stage);
            }
            Change::Blur { taps, sigma } => {
                for load in [BLUR_ROWS, BLUR_COLUMNS] {
                    let mut stage = Stage::new(load, size, to);
                    stage.arguments[0] = taps as u32;
                    stage.weights = blur_weights(taps, sigma);
                    stages.push(stage);
                }
            }
            // A point operation does the same to a mirrored image, so a flip is a way to read.
            Change::Flip => last(&mut stages, size).flags ^= MIRRORED,
            Change::Contrast(factor) => {
                // The mean is that of what the stage before wrote.
                last(&mut stages, size).flags |= WANTS_MEAN;
                let mut stage = Stage::new(COPY, size, size);
                stage.points.push([CONTRAST, factor.to_bits()]);
                stages.push(stage);
            }
            Change::Brightness(factor) => last(&mut stages, size).points.push([BRIGHTNESS, factor.to_bits()]),
            Change::Saturation(factor) => last(&mut stages, size).points.push([SATURATION, factor.to_bits()]),
            Change::Hue(turns) => last(&mut stages, size).points.push([HUE, turns.to_bits()]),
            Change::Grayscale => last(&mut stages, size).points.push([GRAYSCALE, 0]),
            Change::Solarize { threshold } => last(&mut stages, size).points.push([SOLARIZE, threshold.to_bits()]),
        }
        size = to;
    }
    last(&mut stages, size);
    stages
}

/// The stage that is being written; the first one copies the source.
fn last(stages: &mut Vec<Stage>, size: Size) -> &mut Stage {
    if stages.is_empty() {
        stages.push(Stage::new(COPY, size, size));
    }
    stages.last_mut().expect("just pushed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::Crop;

    fn counted(changes: &[Change]) -> (usize, Vec<u32>) {
        let stages = stages(changes, (8, 8));
        (stages.len(), stages.iter().map(|stage| stage.load).collect())
    }

    #[test]
    fn the_codes_are_those_of_the_shader() {
        let shader = include_str!("../../shaders/views.wgsl");
        let codes = [
            ("STAGE_WORDS", STAGE_WORDS as u32),
            ("COPY", COPY),
            ("CROP", CROP),
            ("TURN", TURN),
            ("BLUR_ROWS", BLUR_ROWS),
            ("BLUR_COLUMNS", BLUR_COLUMNS),
            ("BRIGHTNESS", BRIGHTNESS),
            ("CONTRAST", CONTRAST),
            ("SATURATION", SATURATION),
            ("HUE", HUE),
            ("GRAYSCALE", GRAYSCALE),
            ("SOLARIZE", SOLARIZE),
            ("MIRRORED", MIRRORED),
            ("WANTS_MEAN", WANTS_MEAN),
        ];
        for (name, code) in codes {
            assert!(shader.contains(&format!("const {name} = {code}u;")), "{name} = {code}");
        }
    }

    #[test]
    fn changes_share_a_stage_until_one_needs_other_pixels_or_the_mean() {
        let crop = Change::Crop {
            crop: Crop::whole((8, 8)),
            size: (8, 8),
            interpolation: Interpolation::Bicubic,
            antialias: false,
        };
        assert_eq!(counted(&[]), (1, vec![COPY]));
        assert_eq!(
            counted(&[crop, Change::Flip, Change::Brightness(1.1), Change::Hue(0.1), Change::Grayscale]),
            (1, vec![CROP])
        );
        assert_eq!(counted(&[crop, Change::Hue(0.1), Change::Contrast(0.5), Change::Flip]), (2, vec![CROP, COPY]));
        let blur = Change::Blur { taps: 3, sigma: 1.0 };
        assert_eq!(counted(&[crop, blur, Change::Grayscale]), (3, vec![CROP, BLUR_ROWS, BLUR_COLUMNS]));
        assert_eq!(counted(&[Change::Contrast(0.5)]), (2, vec![COPY, COPY]));
    }

    #[test]
    fn every_stage_reads_what_the_one_before_it_wrote_and_the_last_writes_the_view() {
        let mut program = Program::default();
        program.append(&stages(
            &[Change::Contrast(0.5), Change::Contrast(0.6), Change::Blur { taps: 3, sigma: 1.0 }],
            (4, 4),
        ));
        let mut place = 0;
        let mut slots = Vec::new();
        for _ in 0..5 {
            slots.push((program.words[place + 5], program.words[place + 6]));
            place += STAGE_WORDS + 2 * program.words[place + 15] as usize;
        }
        assert_eq!(slots, [(0, 1), (1, 2), (2, 1), (1, 2), (2, 0)]);
        assert_eq!(program.words.len(), place + 6, "two blur stages have three weights each");
    }
}
