//! One stage of the kernel of views: a way to read pixels, and changes of single pixels.

use crate::{
    augment::{Change, Crop, Filling, Interpolation, Sampling, Size, Warp, blur_weights},
    options::PerChannel,
};

/// The words of a stage without its points.
pub(super) const STAGE_WORDS: usize = 20;
/// The words of a point: its kind, a number, the place of more numbers.
const POINT_WORDS: usize = 3;

/// How a stage reads.
const COPY: u32 = 0;
const CROP: u32 = 1;
const TURN: u32 = 2;
const BLUR_ROWS: u32 = 3;
const BLUR_COLUMNS: u32 = 4;
const WINDOW: u32 = 5;
const WARP: u32 = 6;
const SHARPEN: u32 = 7;

/// How a pixel is changed.
const BRIGHTNESS: u32 = 1;
const CONTRAST: u32 = 2;
const SATURATION: u32 = 3;
const HUE: u32 = 4;
const GRAYSCALE: u32 = 5;
const SOLARIZE: u32 = 6;
const POSTERIZE: u32 = 7;
const INVERT: u32 = 8;
const AUTOCONTRAST: u32 = 9;
const EQUALIZE: u32 = 10;
const NORMALIZE: u32 = 11;
const NOISE: u32 = 12;
const ERASE: u32 = 13;
const ERASE_NOISE: u32 = 14;

const MIRRORED: u32 = 1;
const MIRRORED_ROWS: u32 = 2;
const WANTS_HISTOGRAM: u32 = 4;
const IN_UNIT: u32 = 8;

/// One stage on its way to words.
pub(super) struct Stage {
    load: u32,
    from: Size,
    /// The size of what it writes.
    pub to: Size,
    flags: u32,
    arguments: [u32; 9],
    points: Vec<Point>,
    /// What its way to read and its points need besides, as words.
    pub numbers: Vec<u32>,
    /// Whether the mean luma of what it writes is wanted.
    pub wants_mean: bool,
    /// Whether the least and the greatest value of each channel are wanted.
    pub wants_extremes: bool,
}

/// A change of single pixels.
struct Point {
    kind: u32,
    amount: f32,
    /// Where its numbers begin among the stage's.
    numbers: usize,
}

impl Stage {
    fn new(load: u32, from: Size, to: Size) -> Self {
        Self {
            load,
            from,
            to,
            flags: 0,
            arguments: [0; 9],
            points: Vec::new(),
            numbers: Vec::new(),
            wants_mean: false,
            wants_extremes: false,
        }
    }

    /// Whether the histogram of what it writes is wanted.
    pub fn wants_histogram(&self) -> bool {
        self.flags & WANTS_HISTOGRAM != 0
    }

    /// How many words it has without its numbers.
    pub fn words(&self) -> usize {
        STAGE_WORDS + POINT_WORDS * self.points.len()
    }

    /// Appends its words; it reads and writes two slots, and its numbers will lie at a place.
    pub fn write(&self, slots: [u32; 2], numbers: u32, words: &mut Vec<u32>) {
        let size = |size: Size| [size.0 as u32, size.1 as u32];
        let start = words.len();
        words.push(self.load);
        words.extend(size(self.from));
        words.extend(size(self.to));
        words.extend(slots);
        words.push(self.flags);
        words.extend(self.arguments);
        words.extend([numbers, self.points.len() as u32]);
        words.resize(start + STAGE_WORDS, 0);
        for point in &self.points {
            words.extend([point.kind, point.amount.to_bits(), numbers + point.numbers as u32]);
        }
    }

    fn point(&mut self, kind: u32, amount: f32) {
        self.points.push(Point { kind, amount, numbers: self.numbers.len() });
    }

    fn numbers_of(&mut self, values: &PerChannel, channels: usize) {
        self.numbers.extend((0..channels).map(|channel| values.of(channel).to_bits()));
    }

    /// Whether what it does to a pixel follows from where the pixel is.
    fn knows_places(&self) -> bool {
        self.points.iter().any(|point| matches!(point.kind, NOISE | ERASE | ERASE_NOISE))
    }
}

/// The stages of some changes of an image with so many channels, whose values may lie in `0..1`.
pub(super) fn stages(changes: &[Change], channels: usize, mut size: Size, mut is_unit: bool) -> Vec<Stage> {
    let mut stages: Vec<Stage> = Vec::new();
    for change in changes {
        let to = change.output_size(size);
        if let Some(mut reading) = reading(change, channels, size) {
            if is_unit {
                reading.iter_mut().for_each(|stage| stage.flags |= IN_UNIT);
            }
            stages.extend(reading);
        } else {
            pointwise(change, &mut stages, channels, size);
        }
        is_unit &= !change.leaves_unit();
        size = to;
    }
    last(&mut stages, size);
    stages
}

/// The stages of a change that needs other pixels than the one in its place.
fn reading(change: &Change, channels: usize, size: Size) -> Option<Vec<Stage>> {
    let to = change.output_size(size);
    let stage = |load: u32| Stage::new(load, size, to);
    Some(match change {
        Change::Crop { crop, interpolation, antialias, .. } => {
            vec![cropping(stage(CROP), crop, *interpolation, *antialias)]
        }
        Change::Window { place: (top, left), edge, fill, .. } => {
            let mut stage = stage(WINDOW);
            stage.arguments[..3].copy_from_slice(&[*top as i32 as u32, *left as i32 as u32, *edge as u32]);
            stage.numbers_of(fill, channels);
            vec![stage]
        }
        Change::Turn(quarters) => {
            let mut stage = stage(TURN);
            stage.arguments[0] = u32::from(*quarters);
            vec![stage]
        }
        Change::Blur { taps, sigma } => {
            let weights: Vec<u32> = blur_weights(*taps, *sigma).into_iter().map(f32::to_bits).collect();
            let along = |load: u32| {
                let mut stage = stage(load);
                stage.arguments[0] = *taps as u32;
                stage.numbers.clone_from(&weights);
                stage
            };
            vec![along(BLUR_ROWS), along(BLUR_COLUMNS)]
        }
        Change::Warp(map) => vec![warping(stage(WARP), map, channels)],
        Change::Sharpness(factor) => {
            let mut stage = stage(SHARPEN);
            stage.arguments[0] = factor.to_bits();
            vec![stage]
        }
        _ => return None,
    })
}

fn cropping(mut stage: Stage, crop: &Crop, interpolation: Interpolation, antialias: bool) -> Stage {
    let scale = |part: usize, whole: usize| (part as f32 / whole as f32).to_bits();
    // A part that keeps its size is read as it is.
    let taps = if crop.size() == stage.to { 1 } else { interpolation.taps() };
    let [top, left, height, width] = [crop.top, crop.left, crop.height, crop.width].map(|x| x as u32);
    let scales = [scale(crop.height, stage.to.0), scale(crop.width, stage.to.1)];
    stage.arguments[..7].copy_from_slice(&[
        top,
        left,
        height,
        width,
        scales[0],
        scales[1],
        taps as u32 | u32::from(antialias) << 8,
    ]);
    stage
}

fn warping(mut stage: Stage, map: &Warp, channels: usize) -> Stage {
    stage.arguments = map.matrix.map(f32::to_bits);
    stage.numbers.extend([u32::from(map.sampling == Sampling::Bilinear), u32::from(map.fill.is_some())]);
    stage.numbers_of(map.fill.as_ref().unwrap_or(&PerChannel::All(0.0)), channels);
    stage
}

/// Adds a change of pixels in their places to the stage that is being written, or to a new one.
fn pointwise(change: &Change, stages: &mut Vec<Stage>, channels: usize, size: Size) {
    match change {
        // A change of a pixel's value does the same to a mirrored image, so that a flip is a way to read.
        Change::Flip => mirrored(stages, size).flags ^= MIRRORED,
        Change::FlipRows => mirrored(stages, size).flags ^= MIRRORED_ROWS,
        // What is told of the whole image is that of what the stage before wrote.
        Change::Contrast(factor) => {
            last(stages, size).wants_mean = true;
            started(stages, size).point(CONTRAST, *factor);
        }
        Change::Autocontrast => {
            last(stages, size).wants_extremes = true;
            started(stages, size).point(AUTOCONTRAST, 0.0);
        }
        Change::Equalize => {
            last(stages, size).flags |= WANTS_HISTOGRAM;
            started(stages, size).point(EQUALIZE, 0.0);
        }
        Change::Brightness(factor) => last(stages, size).point(BRIGHTNESS, *factor),
        Change::Saturation(factor) => last(stages, size).point(SATURATION, *factor),
        Change::Hue(turns) => last(stages, size).point(HUE, *turns),
        Change::Grayscale => last(stages, size).point(GRAYSCALE, 0.0),
        Change::Solarize { threshold } => last(stages, size).point(SOLARIZE, *threshold),
        Change::Posterize(bits) => last(stages, size).point(POSTERIZE, f32::from(1u16 << bits)),
        Change::Invert => last(stages, size).point(INVERT, 0.0),
        Change::Normalize { mean, deviation } => {
            let stage = last(stages, size);
            stage.point(NORMALIZE, 0.0);
            stage.numbers_of(mean, channels);
            stage.numbers.extend((0..channels).map(|channel| (1.0 / deviation.of(channel)).to_bits()));
        }
        Change::Noise { mean, sigma, seed, clip } => {
            let stage = last(stages, size);
            stage.point(NOISE, *sigma);
            stage.numbers.extend([mean.to_bits(), u32::from(*clip), seed[0], seed[1]]);
        }
        Change::Erase { part, with } => {
            let stage = last(stages, size);
            stage.point(if matches!(with, Filling::Noise(_)) { ERASE_NOISE } else { ERASE }, 0.0);
            stage.numbers.extend([part.top, part.left, part.height, part.width].map(|x| x as u32));
            match with {
                Filling::Noise(seed) => stage.numbers.extend(seed),
                Filling::Values(values) => stage.numbers_of(values, channels),
            }
        }
        Change::Crop { .. }
        | Change::Window { .. }
        | Change::Turn(_)
        | Change::Blur { .. }
        | Change::Warp(_)
        | Change::Sharpness(_) => unreachable!("these read other pixels"),
    }
}

/// The stage that is being written; the first one copies the source.
fn last(stages: &mut Vec<Stage>, size: Size) -> &mut Stage {
    if stages.is_empty() {
        stages.push(Stage::new(COPY, size, size));
    }
    stages.last_mut().expect("just pushed")
}

/// A new stage that copies what the one before wrote.
fn started(stages: &mut Vec<Stage>, size: Size) -> &mut Stage {
    stages.push(Stage::new(COPY, size, size));
    stages.last_mut().expect("just pushed")
}

/// A stage that can read mirrored: what it did so far does not follow from places.
fn mirrored(stages: &mut Vec<Stage>, size: Size) -> &mut Stage {
    if last(stages, size).knows_places() { started(stages, size) } else { last(stages, size) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::Edge;

    fn counted(changes: &[Change]) -> (usize, Vec<u32>) {
        let stages = stages(changes, 3, (8, 8), true);
        (stages.len(), stages.iter().map(|stage| stage.load).collect())
    }

    #[test]
    fn the_codes_are_those_of_the_shader() {
        let shader = include_str!("../../shaders/views.wgsl");
        let codes = [
            ("STAGE_WORDS", STAGE_WORDS as u32),
            ("POINT_WORDS", POINT_WORDS as u32),
            ("COPY", COPY),
            ("CROP", CROP),
            ("TURN", TURN),
            ("BLUR_ROWS", BLUR_ROWS),
            ("BLUR_COLUMNS", BLUR_COLUMNS),
            ("WINDOW", WINDOW),
            ("WARP", WARP),
            ("SHARPEN", SHARPEN),
            ("BRIGHTNESS", BRIGHTNESS),
            ("CONTRAST", CONTRAST),
            ("SATURATION", SATURATION),
            ("HUE", HUE),
            ("GRAYSCALE", GRAYSCALE),
            ("SOLARIZE", SOLARIZE),
            ("POSTERIZE", POSTERIZE),
            ("INVERT", INVERT),
            ("AUTOCONTRAST", AUTOCONTRAST),
            ("EQUALIZE", EQUALIZE),
            ("NORMALIZE", NORMALIZE),
            ("NOISE", NOISE),
            ("ERASE", ERASE),
            ("ERASE_NOISE", ERASE_NOISE),
            ("MIRRORED", MIRRORED),
            ("MIRRORED_ROWS", MIRRORED_ROWS),
            ("WANTS_HISTOGRAM", WANTS_HISTOGRAM),
            ("IN_UNIT", IN_UNIT),
            ("CONSTANT_EDGE", Edge::Constant as u32),
            ("REPLICATED_EDGE", Edge::Replicate as u32),
            ("REFLECTED_EDGE", Edge::Reflect as u32),
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
            counted(&[crop.clone(), Change::Flip, Change::Brightness(1.1), Change::Hue(0.1), Change::Grayscale]),
            (1, vec![CROP])
        );
        let changes = [crop.clone(), Change::Hue(0.1), Change::Contrast(0.5), Change::Flip];
        assert_eq!(counted(&changes), (2, vec![CROP, COPY]));
        let blur = Change::Blur { taps: 3, sigma: 1.0 };
        assert_eq!(counted(&[crop, blur, Change::Grayscale]), (3, vec![CROP, BLUR_ROWS, BLUR_COLUMNS]));
        assert_eq!(counted(&[Change::Contrast(0.5)]), (2, vec![COPY, COPY]));
    }

    #[test]
    fn a_flip_behind_what_knows_places_is_a_stage_of_its_own() {
        let noise = Change::Noise { mean: 0.0, sigma: 0.1, seed: [1, 2], clip: true };
        assert_eq!(counted(&[Change::Flip, noise.clone()]), (1, vec![COPY]));
        assert_eq!(counted(&[noise.clone(), Change::Flip]), (2, vec![COPY, COPY]));
        assert_eq!(counted(&[noise, Change::FlipRows, Change::Flip]), (2, vec![COPY, COPY]));
    }
}
