//! The outlines that the classes of the built-in set are. Each fills about the square from -1 to 1.

/// One class: its name and its outline.
pub struct Outline {
    pub name: &'static str,
    /// Below zero inside, above zero outside; never steeper than distance, so that a value farther from zero
    /// than a pixel is wide means that the whole pixel lies on one side.
    pub distance: fn(f32, f32) -> f32,
}

/// Every class, in the order that labels count them. x grows to the right, y downwards.
pub const OUTLINES: [Outline; 10] = [
    Outline { name: "crescent", distance: crescent },
    Outline { name: "cross", distance: cross },
    Outline { name: "disc", distance: disc },
    Outline { name: "heart", distance: heart },
    Outline { name: "hourglass", distance: hourglass },
    Outline { name: "rails", distance: rails },
    Outline { name: "ring", distance: ring },
    Outline { name: "square", distance: square },
    Outline { name: "star", distance: star },
    Outline { name: "triangle", distance: triangle },
];

fn disc(x: f32, y: f32) -> f32 {
    x.hypot(y) - 0.95
}

fn ring(x: f32, y: f32) -> f32 {
    (x.hypot(y) - 0.73).abs() - 0.22
}

fn crescent(x: f32, y: f32) -> f32 {
    let bite = (x - 0.2).hypot(y + 0.6) - 0.72;
    (x.hypot(y) - 0.95).max(-bite)
}

fn rectangle(x: f32, y: f32, half_width: f32, half_height: f32) -> f32 {
    (x.abs() - half_width).max(y.abs() - half_height)
}

fn square(x: f32, y: f32) -> f32 {
    rectangle(x, y, 0.82, 0.82)
}

fn cross(x: f32, y: f32) -> f32 {
    rectangle(x, y, 0.3, 0.95).min(rectangle(x, y, 0.95, 0.3))
}

/// Two bars side by side.
fn rails(x: f32, y: f32) -> f32 {
    rectangle(x.abs() - 0.6, y, 0.27, 0.92)
}

/// Two triangles that meet with their tips.
fn hourglass(x: f32, y: f32) -> f32 {
    let slope = (x.abs() - 0.95 * y.abs() - 0.05) / 0.95_f32.hypot(1.0);
    slope.max(y.abs() - 0.9)
}

fn triangle(x: f32, y: f32) -> f32 {
    // Equilateral, tip up, its centre at the origin: the side walls' normals stand at 30 degrees.
    let side = x.abs() * 0.866_025_4 - (y - 0.15) * 0.5;
    side.max(y - 0.15) - 0.55
}

/// Two discs and the diamond below them that touches both.
fn heart(x: f32, y: f32) -> f32 {
    let x = x.abs();
    let lobe = (x - 0.46).hypot(y + 0.36) - 0.5;
    let diamond = (x + (y + 0.02).abs() - 0.85).max(-(y + 0.5)) / std::f32::consts::SQRT_2;
    lobe.min(diamond)
}

/// A star of five points: the point is folded into one tenth of the circle, where the outline is a line.
fn star(x: f32, y: f32) -> f32 {
    const TENTH: f32 = std::f32::consts::PI / 5.0;
    let (outer, inner) = (1.0, 0.42);
    let angle = x.atan2(-y).rem_euclid(2.0 * TENTH);
    let angle = angle.min(2.0 * TENTH - angle);
    let radius = x.hypot(y);
    let (px, py) = (radius * angle.cos(), radius * angle.sin());
    let (ex, ey) = (inner * TENTH.cos() - outer, inner * TENTH.sin());
    ((px - outer) * ey - py * ex) / ex.hypot(ey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_names_are_sorted_and_differ() {
        assert!(OUTLINES.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn an_outline_fills_the_frame_and_stays_in_it() {
        for Outline { name, distance } in OUTLINES {
            let grid = || (-60..=60).flat_map(|y| (-60..=60).map(move |x| (x as f32 / 50.0, y as f32 / 50.0)));
            let inside: Vec<_> = grid().filter(|&(x, y)| distance(x, y) < 0.0).collect();
            assert!(inside.iter().all(|(x, y)| x.abs() <= 1.0 && y.abs() <= 1.0), "{name} leaves the frame");
            let share = inside.len() as f32 / (100.0 * 100.0);
            assert!((0.25..0.8).contains(&share), "{name} fills {share}");
        }
    }

    #[test]
    fn an_outline_is_never_steeper_than_distance() {
        for Outline { name, distance } in OUTLINES {
            for step in 0..4000 {
                let (x, y) = ((step % 67) as f32 / 33.0 - 1.0, (step / 67) as f32 / 30.0 - 1.0);
                let moved = distance(x + 0.006, y + 0.008) - distance(x, y);
                assert!(moved.abs() <= 0.0101, "{name} at {x}, {y}: {moved}");
            }
        }
    }
}
