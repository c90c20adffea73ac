//! One picture of the built-in set: a class's outline in a random pose, under random paint, over clutter.

use crate::rng::{Draws, Stream};

use super::{
    outline::Outline,
    paint::{Colour, Paint, colour, contrast, mix},
};

/// Everything that one picture shows. All but the outline is drawn at random, the same way for every class.
pub struct Scene {
    distance: fn(f32, f32) -> f32,
    pose: Pose,
    figure: Paint,
    ground: Paint,
    clutter: Vec<Blob>,
    grain: f32,
}

/// A map from the frame to the square that outlines fill.
struct Pose {
    centre: [f32; 2],
    matrix: [[f32; 2]; 2],
    /// How much longer than in the outline's square a step in the frame is, at least.
    scale: f32,
}

/// A small disc of some other colour that lies behind the figure.
struct Blob {
    centre: [f32; 2],
    radius: f32,
    colour: Colour,
}

/// What is drawn from a key of its own, so that a change to one of them leaves the others as they are.
#[repr(u16)]
enum Operation {
    Pose,
    Paint,
    Clutter,
    Grain,
}

const EPOCH: u64 = 0;
const SUBSAMPLES: usize = 3;

impl Scene {
    pub fn draw(outline: &Outline, stream: &Stream, sample: u64) -> Self {
        let key = |operation: Operation| stream.at(EPOCH, sample, 0, operation as u16);
        let mut paint = key(Operation::Paint);
        let [figure, ground] = contrast(&mut paint);
        Self {
            distance: outline.distance,
            pose: Pose::draw(&mut key(Operation::Pose)),
            figure: Paint::draw(&mut paint, figure),
            ground: Paint::draw(&mut paint, ground),
            grain: paint.range(0.0, 0.03),
            clutter: Blob::scatter(&mut key(Operation::Clutter)),
        }
    }

    /// Writes the picture as `size` rows of `size` RGB pixels.
    pub fn render(&self, stream: &Stream, sample: u64, size: usize, pixels: &mut [u8]) {
        let mut grain = stream.at(EPOCH, sample, 0, Operation::Grain as u16);
        let pixel_width = 2.0 / size as f32;
        for (index, pixel) in pixels.chunks_exact_mut(3).enumerate() {
            let x = ((index % size) as f32 + 0.5) * pixel_width - 1.0;
            let y = ((index / size) as f32 + 0.5) * pixel_width - 1.0;
            let colour = mix(self.ground_at(x, y), self.figure.at(x, y), self.coverage(x, y, pixel_width));
            let grain = self.grain * (grain.uniform() * 2.0 - 1.0);
            for (byte, value) in pixel.iter_mut().zip(colour) {
                *byte = ((value + grain) * 255.0).round().clamp(0.0, 255.0) as u8;
            }
        }
    }

    /// The share of a pixel that the figure covers.
    fn coverage(&self, x: f32, y: f32, pixel_width: f32) -> f32 {
        let distance = |x, y| {
            let [x, y] = self.pose.apply(x, y);
            (self.distance)(x, y) * self.pose.scale
        };
        let centre = distance(x, y);
        if centre.abs() > pixel_width {
            return f32::from(centre < 0.0);
        }
        let offset = |step: usize| ((step as f32 + 0.5) / SUBSAMPLES as f32 - 0.5) * pixel_width;
        let inside = (0..SUBSAMPLES * SUBSAMPLES)
            .filter(|step| distance(x + offset(step % SUBSAMPLES), y + offset(step / SUBSAMPLES)) < 0.0)
            .count();
        inside as f32 / (SUBSAMPLES * SUBSAMPLES) as f32
    }

    fn ground_at(&self, x: f32, y: f32) -> Colour {
        let covering = self.clutter.iter().find(|blob| (x - blob.centre[0]).hypot(y - blob.centre[1]) < blob.radius);
        covering.map_or_else(|| self.ground.at(x, y), |blob| blob.colour)
    }
}

impl Pose {
    fn draw(draws: &mut Draws) -> Self {
        let size = draws.range(0.72, 0.95);
        let stretch = draws.range(-0.12, 0.12).exp();
        let (sin, cos) = draws.range(-0.35, 0.35).sin_cos();
        let (wide, high) = (size * stretch, size / stretch);
        let room = 1.0 - 0.8 * size;
        Self {
            centre: [draws.range(-room, room), draws.range(-room, room)],
            matrix: [[cos / wide, sin / wide], [-sin / high, cos / high]],
            scale: wide.min(high),
        }
    }

    fn apply(&self, x: f32, y: f32) -> [f32; 2] {
        let (x, y) = (x - self.centre[0], y - self.centre[1]);
        self.matrix.map(|[a, b]| a * x + b * y)
    }
}

impl Blob {
    /// Up to three blobs.
    fn scatter(draws: &mut Draws) -> Vec<Self> {
        let blob = |draws: &mut Draws| Self {
            centre: [draws.range(-1.0, 1.0), draws.range(-1.0, 1.0)],
            radius: draws.range(0.06, 0.16),
            colour: colour(draws),
        };
        (0..draws.below(3)).map(|_| blob(draws)).collect()
    }
}
