//! Projective maps: rotations, shears, perspectives, from what was drawn for them to their matrix.

use std::fmt;

use super::{super::Size, Sampling};
use crate::options::PerChannel;

/// A map from the pixels of a view to those of the image of the same size that it is read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Warp {
    /// For a pixel centre (x, y) from the middle, u = (m0·x + m1·y + m2) / (m6·x + m7·y + m8) and v by m3 to m5.
    pub matrix: [f32; 9],
    /// How pixels are interpolated.
    pub sampling: Sampling,
    /// What was drawn.
    pub drawn: Drawn,
    /// What lies outside. None is 0 without torchvision's mask: at the edges pixels are then weighted once, not twice.
    pub fill: Option<PerChannel>,
}

/// What a map follows from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Drawn {
    /// Degrees counter-clockwise.
    Rotation(f32),
    /// Degrees clockwise, pixels across and down, a factor, degrees of shear along x and y.
    Affine {
        /// The angle.
        angle: f32,
        /// The translation.
        translate: [f32; 2],
        /// The scale.
        scale: f32,
        /// The shears.
        shear: [f32; 2],
    },
    /// Where the corners come to, (x, y) from the top left one clockwise.
    Corners([[f32; 2]; 4]),
}

impl Drawn {
    /// The map of images of a size, around a centre in pixels from the middle; none where corners lie on a line, as those
    /// of an image of one row do.
    pub fn map(self, size: Size, centre: [f64; 2], sampling: Sampling, fill: Option<PerChannel>) -> Option<Warp> {
        let wide = |pair: [f32; 2]| pair.map(f64::from);
        let matrix = match self {
            Self::Rotation(angle) => Warp::affine(-f64::from(angle), [0.0; 2], 1.0, [0.0; 2], centre),
            Self::Affine { angle, translate, scale, shear } => {
                Warp::affine(angle.into(), wide(translate), scale.into(), wide(shear), centre)
            }
            Self::Corners(corners) => Warp::perspective(size, corners.map(wide))?,
        };
        Some(Warp { matrix, sampling, drawn: self, fill })
    }
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Rotation(angle) => write!(f, "rotated by {angle:+.1} degrees"),
            Self::Affine { angle, translate: [x, y], scale, shear } => {
                let mut parts = Vec::new();
                if angle != 0.0 {
                    parts.push(format!("rotated by {:+.1} degrees", -angle));
                }
                if [x, y] != [0.0; 2] {
                    parts.push(format!("moved by {x}, {y}"));
                }
                if scale != 1.0 {
                    parts.push(format!("scaled by {scale:.3}"));
                }
                if shear != [0.0; 2] {
                    parts.push(format!("sheared by {:.1}, {:.1} degrees", shear[0], shear[1]));
                }
                f.write_str(&if parts.is_empty() { "mapped to itself".into() } else { parts.join(", ") })
            }
            Self::Corners(corners) => {
                let points = corners.map(|[x, y]| format!("{x}, {y}"));
                write!(f, "corners to {}", points.join("; "))
            }
        }
    }
}

impl Warp {
    /// torchvision's affine map: by so many degrees clockwise, moved by pixels, scaled, sheared by degrees along x and
    /// y, around a centre in pixels from the middle (`_get_inverse_affine_matrix`).
    pub fn affine(angle: f64, translate: [f64; 2], scale: f64, shear: [f64; 2], centre: [f64; 2]) -> [f32; 9] {
        let angle = angle.to_radians();
        let [sx, sy] = shear.map(f64::to_radians);
        let [cx, cy] = centre;
        let [tx, ty] = translate;
        let a = (angle - sy).cos() / sy.cos();
        let b = -(angle - sy).cos() * sx.tan() / sy.cos() - angle.sin();
        let c = (angle - sy).sin() / sy.cos();
        let d = -(angle - sy).sin() * sx.tan() / sy.cos() + angle.cos();
        let [m0, m1, m3, m4] = [d, -b, -c, a].map(|x| x / scale);
        let m2 = m0 * (-cx - tx) + m1 * (-cy - ty) + cx;
        let m5 = m3 * (-cx - tx) + m4 * (-cy - ty) + cy;
        [m0, m1, m2, m3, m4, m5, 0.0, 0.0, 1.0].map(|x| x as f32)
    }

    /// The map that brings the corners of an image of a size to four points (x, y), in the order top left, top right,
    /// bottom right, bottom left; none where three of them lie on a line.
    pub fn perspective((height, width): Size, points: [[f64; 2]; 4]) -> Option<[f32; 9]> {
        let (right, bottom) = (width as f64 - 1.0, height as f64 - 1.0);
        let corners = [[0.0, 0.0], [right, 0.0], [right, bottom], [0.0, bottom]];
        Self::between(corners, points, (height, width))
    }

    /// The map that brings four points to four others, in pixels.
    pub fn between(start: [[f64; 2]; 4], end: [[f64; 2]; 4], (height, width): Size) -> Option<[f32; 9]> {
        let mut rows = [[0.0; 9]; 8];
        for (i, ([sx, sy], [x, y])) in start.into_iter().zip(end).enumerate() {
            rows[2 * i] = [x, y, 1.0, 0.0, 0.0, 0.0, -sx * x, -sx * y, sx];
            rows[2 * i + 1] = [0.0, 0.0, 0.0, x, y, 1.0, -sy * x, -sy * y, sy];
        }
        let [a, b, c, d, e, f, g, h] = solved(rows)?;
        // From the corner to the middle, on both sides.
        let (x, y) = (width as f64 / 2.0, height as f64 / 2.0);
        let below = [g, h, 1.0];
        let [first, second] =
            [([a, b, c], x), ([d, e, f], y)].map(|(row, middle)| [0, 1, 2].map(|i| row[i] - middle * below[i]));
        let moved = |[p, q, r]: [f64; 3]| [p, q, p * x + q * y + r].map(|x| x as f32);
        Some([moved(first), moved(second), moved(below)].concat().try_into().expect("three times three"))
    }
}

/// The solution of eight equations, each with its right side last (Gauss, with the largest pivot of a column).
fn solved(mut rows: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs()))?;
        rows.swap(column, pivot);
        let divisor = rows[column][column];
        if divisor.abs() < 1e-9 {
            return None;
        }
        let leading = rows[column].map(|x| x / divisor);
        rows[column] = leading;
        for (_, row) in rows.iter_mut().enumerate().filter(|(i, _)| *i != column) {
            let factor = row[column];
            row.iter_mut().zip(leading).for_each(|(x, leading)| *x -= factor * leading);
        }
    }
    Some(rows.map(|row| row[8]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_line_have_no_map() {
        assert_eq!(Warp::perspective((4, 4), [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]), None);
    }
}
