//! Images read along a map. Coordinates and edges are those of torchvision's grids: pixel centres at half-integers,
//! measured from the middle of the image; what lies outside is a value.

use super::{super::Size, Sampling, Warp, wide::wide};

/// Where the pixels of one row of a view are read, the same for all channels.
#[derive(Debug, Default)]
pub struct Coordinates {
    x: Vec<f32>,
    y: Vec<f32>,
    /// The place of the pixel, or of the first of four, in a plane; [`OUTSIDE`], or [`AT_EDGE`] where some of the four
    /// lie inside.
    at: Vec<i32>,
}

/// Two pixels are read as eight numbers, of which the last two are not used.
pub const BEHIND: usize = 2;

const OUTSIDE: i32 = -1;
const AT_EDGE: i32 = -2;

impl Coordinates {
    fn of_row(&mut self, row: usize, size: Size, map: &Warp) {
        let width = size.1;
        self.x.resize(width, 0.0);
        self.y.resize(width, 0.0);
        self.at.resize(width, 0);
        match map.matrix {
            // What such a map divides by is 1.
            [.., 0.0, 0.0, 1.0] => parallel_places(&mut self.x, &mut self.y, row, size, &map.matrix),
            _ => places(&mut self.x, &mut self.y, row, size, &map.matrix),
        }
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

    /// The same of a map that keeps lines parallel.
    fn parallel_places(xs: &mut [f32], ys: &mut [f32], row: usize, size: Size, m: &[f32; 9]) {
        let (height, width) = size;
        let (middle_x, middle_y) = (width as f32 / 2.0, height as f32 / 2.0);
        let y = row as f32 + 0.5 - middle_y;
        let [from_x, from_y] = [m[1] * y + m[2], m[4] * y + m[5]];
        for (column, (u, v)) in xs.iter_mut().zip(ys).enumerate() {
            let x = column as f32 + 0.5 - middle_x;
            *u = m[0] * x + from_x + (middle_x - 0.5);
            *v = m[3] * x + from_y + (middle_y - 0.5);
        }
    }

    /// The nearest pixels.
    fn nearest_places(xs: &[f32], ys: &[f32], size: Size, at: &mut [i32]) {
        let (last_x, last_y) = (size.1 as f32 - 1.0, size.0 as f32 - 1.0);
        for ((at, x), y) in at.iter_mut().zip(xs).zip(ys) {
            let (x, y) = (rounded(*x), rounded(*y));
            // Not a number lies nowhere.
            let is_inside = x >= 0.0 && x <= last_x && y >= 0.0 && y <= last_y;
            let place = whole(y).wrapping_mul(size.1 as i32).wrapping_add(whole(x));
            *at = if is_inside { place } else { OUTSIDE };
        }
    }

    /// The first of each four pixels; the coordinates become parts of a pixel from there.
    fn first_places(xs: &mut [f32], ys: &mut [f32], size: Size, at: &mut [i32]) {
        let (right, bottom) = (size.1 as f32, size.0 as f32);
        for ((at, x), y) in at.iter_mut().zip(xs).zip(ys) {
            let (left, above) = (rounded_down(*x), rounded_down(*y));
            let is_near = *x > -1.0 && *x < right && *y > -1.0 && *y < bottom;
            let is_inside = *x >= 0.0 && *x < right - 1.0 && *y >= 0.0 && *y < bottom - 1.0;
            let place = whole(above).wrapping_mul(size.1 as i32).wrapping_add(whole(left));
            *at = if is_inside { place } else if is_near { AT_EDGE } else { OUTSIDE };
            // Where only some of the four lie inside, the whole coordinates are wanted.
            *x = if is_inside { *x - left } else { *x };
            *y = if is_inside { *y - above } else { *y };
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

/// The same for an image of three channels whose pixels lie one after another, and [`BEHIND`] numbers behind them; into
/// planes.
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
                    let above = &pixels[first..first + 8];
                    let below = &pixels[first + 3 * size.1..first + 3 * size.1 + 8];
                    let (mut pair, mut blended) = ([0.0; 8], [0.0; 4]);
                    for lane in 0..8 {
                        pair[lane] = above[lane] + *y * (below[lane] - above[lane]);
                    }
                    for lane in 0..4 {
                        blended[lane] = pair[lane] + *x * (pair[lane + 3] - pair[lane]);
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

/// Rounded down, for numbers below 2^22.
#[inline(always)]
fn rounded_down(x: f32) -> f32 {
    let near = rounded(x);
    if near > x { near - 1.0 } else { near }
}

/// A whole number from 0 to 2^22, by its bits: a cast would look for numbers that do not fit, which keeps a loop from
/// being vectorised. Of others it makes some number.
#[inline(always)]
fn whole(x: f32) -> i32 {
    const UNIT_IN_THE_LAST_PLACE: f32 = 8_388_608.0;
    ((x + UNIT_IN_THE_LAST_PLACE).to_bits() & 0x007f_ffff) as i32
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
                let left = four[0] + *y * (four[width] - four[0]);
                let right = four[1] + *y * (four[width + 1] - four[1]);
                left + *x * (right - left)
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
    use super::{super::Drawn, *};
    use crate::options::PerChannel;

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
            let (pixels, planes) = (vec![0.5; 3 * side * side + BEHIND], vec![0.5; side * side]);
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
}
