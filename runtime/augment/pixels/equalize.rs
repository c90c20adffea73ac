//! Spreading the levels of a plane over the whole range, as torchvision does and Pillow before it.

use super::wide::wide;

/// The levels of a byte.
const LEVELS: usize = 256;

/// What torchvision multiplies values in `0..1` by to make bytes of them.
const TO_BYTE: f32 = 256.0 - 1e-3;

/// Replaces the levels of a plane so that each is about as frequent (`torchvision.transforms.v2.functional.equalize`):
/// values are brought to 256 levels first. A plane of one level stays as that level.
pub fn equalize(plane: &mut [f32]) {
    let mut levels = vec![0; plane.len()];
    to_levels(plane, &mut levels);
    equalize_levels(&levels, 1, 0, plane);
}

/// The same for a channel of bytes that lie pixel by pixel.
pub fn equalize_bytes(bytes: &[u8], channels: usize, channel: usize, plane: &mut [f32]) {
    equalize_levels(bytes, channels, channel, plane);
}

fn equalize_levels(levels: &[u8], channels: usize, channel: usize, plane: &mut [f32]) {
    let levels = levels.iter().skip(channel).step_by(channels);
    // Neighbours have one level often, and adding to one counter again and again would be waited for.
    let mut parts = [[0u32; LEVELS]; 4];
    levels.clone().enumerate().for_each(|(i, level)| parts[i % 4][usize::from(*level)] += 1);
    let mut histogram = [0; LEVELS];
    for part in parts {
        histogram.iter_mut().zip(part).for_each(|(count, part)| *count += part);
    }
    let table = table(&histogram);
    plane.iter_mut().zip(levels).for_each(|(value, level)| *value = table[usize::from(*level)]);
}

wide! {
    /// The bytes of values in `0..1`.
    fn to_levels(plane: &[f32], levels: &mut [u8]) {
        for (level, value) in levels.iter_mut().zip(plane) {
            *level = (*value * TO_BYTE) as u8;
        }
    }
}

/// What stands for each level.
fn table(histogram: &[u32; LEVELS]) -> [f32; LEVELS] {
    let count: u32 = histogram.iter().sum();
    let last = histogram.iter().rposition(|count| *count > 0).unwrap_or(0);
    let step = (count - histogram[last]) / 255;
    let (mut table, mut below) = ([0.0; LEVELS], 0);
    for (level, (entry, count)) in table.iter_mut().zip(histogram).enumerate() {
        let equal = (below + step / 2).checked_div(step).map_or(level as u32, |equal| equal.min(255));
        *entry = equal as f32 / 255.0;
        below += count;
    }
    table
}

wide! {
    /// Stretches the values of a plane from the least to the greatest over `0..1`
    /// (`torchvision.transforms.v2.functional.autocontrast`). A plane of one value stays.
    pub fn autocontrast(plane: &mut [f32]) {
        let [least, greatest] = extremes(plane);
        if greatest > least {
            let range = greatest - least;
            plane.iter_mut().for_each(|value| *value = ((*value - least) / range).clamp(0.0, 1.0));
        }
    }
}

/// The least and the greatest value, in lanes.
#[inline(always)]
fn extremes(plane: &[f32]) -> [f32; 2] {
    const LANES: usize = 16;
    let (whole, rest) = plane.as_chunks::<LANES>();
    let (mut least, mut greatest) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    for values in whole {
        for lane in 0..LANES {
            least[lane] = if values[lane] < least[lane] { values[lane] } else { least[lane] };
            greatest[lane] = if values[lane] > greatest[lane] { values[lane] } else { greatest[lane] };
        }
    }
    let least = least.iter().chain(rest).fold(f32::INFINITY, |least, value| least.min(*value));
    let greatest = greatest.iter().chain(rest).fold(f32::NEG_INFINITY, |greatest, value| greatest.max(*value));
    [least, greatest]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_of_one_level_stays_as_it_is() {
        let mut plane = [0.2; 7];
        equalize(&mut plane);
        autocontrast(&mut plane);
        assert_eq!(plane, [0.2; 7]);
    }

    #[test]
    fn a_plane_is_stretched_over_the_whole_range() {
        let mut plane: Vec<f32> = (0..1000).map(|i| 0.3 + i as f32 / 5000.0).collect();
        autocontrast(&mut plane);
        assert_eq!((plane[0], plane[999]), (0.0, 1.0));
        let mut plane: Vec<f32> = (0..1000).map(|i| 0.3 + i as f32 / 5000.0).collect();
        equalize(&mut plane);
        assert_eq!((plane[0], plane[999]), (0.0, 1.0));
    }
}
