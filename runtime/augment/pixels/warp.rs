//! Images read along a projective map: rotations, shears, perspectives. Coordinates and edges are those of torchvision's
//! grids: pixel centres at half-integers, measured from the middle of the image; what lies outside is a value.

use std::fmt;

use super::{super::Size, Sampling, wide::wide};
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

/// Where the pixels of one row of a view are read, the same for all channels.
#[derive(Debug, Default)]
pub struct Coordinates {
    x: Vec<f32>,
    y: Vec<f32>,
    /// The place of the pixel, or of the first of four, in a plane; [`OUTSIDE`], or [`AT_EDGE`] where some of the four
    /// lie inside.
    at: Vec<i32>,
}

const OUTSIDE: i32 = -1;
const AT_EDGE: i32 = -2;

impl Coordinates {
    fn of_row(&mut self, row: usize, size: Size, map: &Warp) {
        let width = size.1;
        self.x.resize(width, 0.0);
        self.y.resize(width, 0.0);
        self.at.resize(width, 0);
        places(&mut self.x, &mut self.y, row, size, &map.matrix);
        match map.sampling {
            Sampling::Nearest => nearest_places(&self.x, &self.y, size, &mut self.at),
            Sampling::Bilinear => first_places(&mut self.x, &mut self.y, size, &mut self.at),
        }
    }
}

wide! {
    /// The places that a row is read at.
    fn places(xs: &mut [f32], ys: &mut [f32], row: usize, size: Size, m: &[f32; 9]) {
        let (height, width) = size;
        let (middle_x, middle_y) = (width as f32 / 2.0, height as f32 / 2.0);
        let y = row as f32 + 0.5 - middle_y;
        let [from_x, from_y, below] = [m[1] * y + m[2], m[4] * y + m[5], m[7] * y + m[8]];
        for (column, (u, v)) in xs.iter_mut().zip(ys).enumerate() {
            let x = column as f32 + 0.5 - middle_x;
            let divisor = m[6] * x + below;
            *u = (m[0] * x + from_x) / divisor + (middle_x - 0.5);
            *v = (m[3] * x + from_y) / divisor + (middle_y - 0.5);
        }
    }

    /// The nearest pixels.
    fn nearest_places(xs: &[f32], ys: &[f32], size: Size, at: &mut [i32]) {
        let (last_x, last_y) = (size.1 as f32 - 1.0, size.0 as f32 - 1.0);
        for ((at, x), y) in at.iter_mut().zip(xs).zip(ys) {
            let (x, y) = (rounded(*x), rounded(*y));
            // Not a number lies nowhere.
            let is_inside = x >= 0.0 && x <= last_x && y >= 0.0 && y <= last_y;
            let place = y as i32 * size.1 as i32 + x as i32;
            *at = if is_inside { place } else { OUTSIDE };
        }
    }

    /// The first of each four pixels; the coordinates become parts of a pixel from there.
    fn first_places(xs: &mut [f32], ys: &mut [f32], size: Size, at: &mut [i32]) {
        let (right, bottom) = (size.1 as f32, size.0 as f32);
        for ((at, x), y) in at.iter_mut().zip(xs).zip(ys) {
            // Truncated, which is rounded down where they are inside.
            let (column, row) = (*x as i32, *y as i32);
            let is_near = *x > -1.0 && *x < right && *y > -1.0 && *y < bottom;
            let is_inside = *x >= 0.0 && *x < right - 1.0 && *y >= 0.0 && *y < bottom - 1.0;
            let place = row * size.1 as i32 + column;
            *at = if is_inside { place } else if is_near { AT_EDGE } else { OUTSIDE };
            // Where only some of the four lie inside, the whole coordinates are wanted.
            *x = if is_inside { *x - column as f32 } else { *x };
            *y = if is_inside { *y - row as f32 } else { *y };
        }
    }
}

/// Reads planes `[channels, height, width]` along a map into planes of the same size.
pub fn warp(source: &[f32], size: Size, map: &Warp, coordinates: &mut Coordinates, target: &mut [f32]) {
    let (height, width) = size;
    let area = height * width;
    for row in 0..height {
        coordinates.of_row(row, size, map);
        for (channel, plane) in source.chunks_exact(area).enumerate() {
            let out = &mut target[channel * area + row * width..][..width];
            let fill = map.fill.as_ref().map(|fill| fill.of(channel));
            match map.sampling {
                Sampling::Nearest => nearest(plane, &coordinates.at, fill.unwrap_or(0.0), out),
                Sampling::Bilinear => bilinear(plane, size, coordinates, fill, out),
            }
        }
    }
}

/// The same for an image of three channels whose pixels lie one after another, and a number behind them; into planes.
pub fn warp_pixels(pixels: &[f32], size: Size, map: &Warp, coordinates: &mut Coordinates, target: &mut [f32]) {
    let (height, width) = size;
    let fill = map.fill.as_ref().map(|fill| [0, 1, 2].map(|channel| fill.of(channel)));
    let (red, rest) = target.split_at_mut(height * width);
    let (green, blue) = rest.split_at_mut(height * width);
    let rows = red.chunks_exact_mut(width).zip(green.chunks_exact_mut(width)).zip(blue.chunks_exact_mut(width));
    for (row, ((red, green), blue)) in rows.enumerate() {
        coordinates.of_row(row, size, map);
        match map.sampling {
            Sampling::Nearest => nearest_pixels(pixels, &coordinates.at, fill.unwrap_or_default(), [red, green, blue]),
            Sampling::Bilinear => bilinear_pixels(pixels, size, coordinates, fill, [red, green, blue]),
        }
    }
}

wide! {
    fn nearest_pixels(pixels: &[f32], at: &[i32], fill: [f32; 3], planes: [&mut [f32]; 3]) {
        let [red, green, blue] = planes;
        for (((at, red), green), blue) in at.iter().zip(red).zip(green).zip(blue) {
            [*red, *green, *blue] = match usize::try_from(*at) {
                Ok(at) => [pixels[3 * at], pixels[3 * at + 1], pixels[3 * at + 2]],
                Err(_) => fill,
            };
        }
    }

    fn bilinear_pixels(
        pixels: &[f32],
        size: Size,
        coordinates: &Coordinates,
        fill: Option<[f32; 3]>,
        planes: [&mut [f32]; 3],
    ) {
        let [red, green, blue] = planes;
        let Coordinates { x, y, at } = coordinates;
        for (((((at, x), y), red), green), blue) in at.iter().zip(x).zip(y).zip(red).zip(green).zip(blue) {
            [*red, *green, *blue] = match *at {
                AT_EDGE => [0, 1, 2].map(|channel| {
                    let pixel = |at: usize| pixels[3 * at + channel];
                    at_edge(pixel, size, [*x, *y], fill.map(|fill| fill[channel]))
                }),
                OUTSIDE => fill.unwrap_or_default(),
                at => {
                    let first = 3 * at as usize;
                    let above = &pixels[first..first + 7];
                    let below = &pixels[first + 3 * size.1..first + 3 * size.1 + 7];
                    let mut blended = [0.0; 4];
                    for lane in 0..4 {
                        let above = above[lane] + *x * (above[lane + 3] - above[lane]);
                        let below = below[lane] + *x * (below[lane + 3] - below[lane]);
                        blended[lane] = above + *y * (below - above);
                    }
                    [blended[0], blended[1], blended[2]]
                }
            };
        }
    }
}

/// Rounded to the nearest whole number, halves to the even one, for numbers below 2^22.
#[inline(always)]
fn rounded(x: f32) -> f32 {
    const HALF_PRECISION: f32 = 12_582_912.0;
    (x + HALF_PRECISION) - HALF_PRECISION
}

fn nearest(plane: &[f32], at: &[i32], fill: f32, out: &mut [f32]) {
    for (out, at) in out.iter_mut().zip(at) {
        *out = usize::try_from(*at).ok().and_then(|at| plane.get(at)).copied().unwrap_or(fill);
    }
}

fn bilinear(plane: &[f32], size: Size, coordinates: &Coordinates, fill: Option<f32>, out: &mut [f32]) {
    let width = size.1;
    let Coordinates { x, y, at } = coordinates;
    for (((out, at), x), y) in out.iter_mut().zip(at).zip(x).zip(y) {
        *out = match *at {
            AT_EDGE => at_edge(|at| plane[at], size, [*x, *y], fill),
            OUTSIDE => fill.unwrap_or(0.0),
            at => {
                let four = &plane[at as usize..][..width + 2];
                let above = four[0] + *x * (four[1] - four[0]);
                let below = four[width] + *x * (four[width + 1] - four[width]);
                above + *y * (below - above)
            }
        };
    }
}

/// Some of the four pixels around a place lie inside.
fn at_edge(pixel: impl Fn(usize) -> f32, (height, width): Size, [x, y]: [f32; 2], fill: Option<f32>) -> f32 {
    let (column, row) = (x.floor(), y.floor());
    let (part_x, part_y) = (x - column, y - row);
    let (mut sum, mut covered) = (0.0, 0.0);
    for (down, wy) in [1.0 - part_y, part_y].into_iter().enumerate() {
        for (across, wx) in [1.0 - part_x, part_x].into_iter().enumerate() {
            let (row, column) = (row as isize + down as isize, column as isize + across as isize);
            if (0..height as isize).contains(&row) && (0..width as isize).contains(&column) {
                sum += wy * wx * pixel(row as usize * width + column as usize);
                covered += wy * wx;
            }
        }
    }
    fill.map_or(sum, |fill| covered * (sum - fill) + fill)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: [f32; 6] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];

    fn warped(matrix: [f32; 9], sampling: Sampling, fill: Option<f32>) -> Vec<f32> {
        let mut out = vec![9.0; 6];
        let map = Warp { matrix, sampling, drawn: Drawn::Rotation(0.0), fill: fill.map(PerChannel::All) };
        warp(&IMAGE, (2, 3), &map, &mut Coordinates::default(), &mut out);
        out
    }

    #[test]
    fn a_map_to_itself_changes_nothing_and_half_a_turn_mirrors_both_ways() {
        let turned = |degrees| Warp::affine(degrees, [0.0; 2], 1.0, [0.0; 2], [0.0; 2]);
        for sampling in [Sampling::Nearest, Sampling::Bilinear] {
            let near = |got: Vec<f32>, want: [f32; 6]| got.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-6);
            assert!(near(warped(turned(0.0), sampling, Some(0.0)), IMAGE));
            let mirrored = [0.6, 0.5, 0.4, 0.3, 0.2, 0.1];
            assert!(near(warped(turned(180.0), sampling, Some(0.0)), mirrored));
            let same = Warp::perspective((2, 3), [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]]).unwrap();
            assert!(near(warped(same, sampling, None), IMAGE));
        }
    }

    #[test]
    fn what_lies_outside_is_the_value_that_is_asked_for() {
        let moved = Warp::affine(0.0, [1.0, 0.0], 1.0, [0.0; 2], [0.0; 2]);
        assert_eq!(warped(moved, Sampling::Nearest, Some(0.7)), [0.7, 0.1, 0.2, 0.7, 0.4, 0.5]);
        let far = Warp::affine(0.0, [1e30, f64::NAN], 1.0, [0.0; 2], [0.0; 2]);
        for sampling in [Sampling::Nearest, Sampling::Bilinear] {
            assert_eq!(warped(far, sampling, Some(0.7)), [0.7; 6]);
        }
    }

    #[test]
    fn places_next_to_a_pixel_are_read_within_the_image() {
        let mut coordinates = Coordinates::default();
        for side in [2, 3, 5, 9, 129] {
            let (pixels, planes) = (vec![0.5; 3 * side * side + 1], vec![0.5; side * side]);
            let mut out = vec![0.0; 3 * side * side];
            for step in -500..500 {
                let drawn = Drawn::Rotation(step as f32 * if side < 100 { 0.001 } else { 0.06 });
                let map = drawn.map((side, side), [0.0; 2], Sampling::Bilinear, Some(PerChannel::All(0.5))).unwrap();
                if side < 100 || step % 10 == 0 {
                    warp_pixels(&pixels, (side, side), &map, &mut coordinates, &mut out);
                    warp(&planes, (side, side), &map, &mut coordinates, &mut out[..side * side]);
                    // At the edges torchvision weights pixels twice.
                    assert!(out.iter().all(|x| (0.3..=0.500_01).contains(x)), "{side} {step}");
                }
            }
        }
    }

    #[test]
    fn points_on_a_line_have_no_map() {
        assert_eq!(Warp::perspective((4, 4), [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]), None);
    }
}
