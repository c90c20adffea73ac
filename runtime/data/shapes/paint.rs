//! What the surfaces of the built-in set look like: colours, and the patterns that spread two of them.

use crate::rng::Draws;

/// Red, green and blue, each from 0 to 1.
pub type Colour = [f32; 3];

/// A surface: what colour it has at each point of the frame, which runs from -1 to 1.
pub struct Paint {
    pattern: Pattern,
    colours: [Colour; 2],
    /// The direction that the pattern runs along, times how often it repeats per unit.
    direction: [f32; 2],
    /// Where in its period the pattern starts.
    phase: [f32; 2],
}

#[derive(Clone, Copy)]
enum Pattern {
    Flat,
    Gradient,
    Stripes,
    Checker,
    Dots,
}

/// What a surface is drawn from. Flat stands twice: a texture survives a crop, and where every image had one of
/// its own, learning to tell images apart could do without the outline.
const PATTERNS: [Pattern; 7] =
    [Pattern::Flat, Pattern::Flat, Pattern::Flat, Pattern::Gradient, Pattern::Stripes, Pattern::Checker, Pattern::Dots];

impl Paint {
    /// A random pattern of `base` and a colour near it.
    pub fn draw(draws: &mut Draws, base: Colour) -> Self {
        let pattern = PATTERNS[draws.below(PATTERNS.len() as u32) as usize];
        let colours = [base, mix(base, colour(draws), draws.range(0.05, 0.18))];
        let (sin, cos) = (draws.uniform() * std::f32::consts::TAU).sin_cos();
        let rate = match pattern {
            Pattern::Gradient => 0.5,
            _ => draws.range(1.5, 3.5),
        };
        let phase = [draws.uniform(), draws.uniform()];
        Self { pattern, colours, direction: [cos * rate, sin * rate], phase }
    }

    /// The colour at a point.
    pub fn at(&self, x: f32, y: f32) -> Colour {
        let [dx, dy] = self.direction;
        let (u, v) = (x * dx + y * dy + self.phase[0], y * dx - x * dy + self.phase[1]);
        let half = |t: f32| t.rem_euclid(1.0) < 0.5;
        let share = match self.pattern {
            Pattern::Flat => 0.0,
            Pattern::Gradient => (u - self.phase[0] + 0.5).clamp(0.0, 1.0),
            Pattern::Stripes => f32::from(half(u)),
            Pattern::Checker => f32::from(half(u) != half(v)),
            Pattern::Dots => f32::from((u.rem_euclid(1.0) - 0.5).hypot(v.rem_euclid(1.0) - 0.5) < 0.33),
        };
        mix(self.colours[0], self.colours[1], share)
    }
}

/// Any colour.
pub fn colour(draws: &mut Draws) -> Colour {
    std::array::from_fn(|_| draws.uniform())
}

/// Two colours that are told apart in colour and, less clearly, in gray.
pub fn contrast(draws: &mut Draws) -> [Colour; 2] {
    loop {
        let [one, other] = [colour(draws), colour(draws)];
        let distance = one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
        if distance > 0.5 && (luma(one) - luma(other)).abs() > 0.3 {
            return [one, other];
        }
    }
}

/// How light a colour looks: ITU-R BT.601.
fn luma([red, green, blue]: Colour) -> f32 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// The colour that is a `share` of the way from `from` to `to`.
pub fn mix(from: Colour, to: Colour, share: f32) -> Colour {
    std::array::from_fn(|channel| from[channel] + (to[channel] - from[channel]) * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn figure_and_ground_differ_in_gray_too() {
        for sample in 0..500 {
            let [one, other] = contrast(&mut Stream::new(1, "paint").at(0, sample, 0, 0));
            assert!((luma(one) - luma(other)).abs() > 0.15);
        }
    }

    #[test]
    fn a_paint_stays_near_its_base() {
        for sample in 0..200 {
            let base = [0.2, 0.5, 0.9];
            let paint = Paint::draw(&mut Stream::new(1, "paint").at(0, sample, 0, 0), base);
            for point in 0..20 {
                let near = paint.at(point as f32 / 10.0 - 1.0, 0.3);
                assert!(near.iter().zip(base).all(|(a, b)| (a - b).abs() <= 0.4), "{near:?}");
            }
        }
    }
}
