//! Launching `shaders/views.wgsl`.

use std::sync::OnceLock;

use super::{held::Held, program::Program, source::Source};
use crate::{
    Device, Result, Tensor,
    augment::{Recipes, Size, View},
    gpu::{Buffer, Kernel, Launch, rows as in_rows},
    tensor::Kind,
};

/// Scratch memory of one pass, at most: views beyond it are made in the next.
const SCRATCH_BYTES: usize = 256 << 20;

/// The file and the two that it includes.
const TEXT: &str = concat!(
    include_str!("../../shaders/views.wgsl"),
    include_str!("../../shaders/shared/view_reads.wgsl"),
    include_str!("../../shaders/shared/view_points.wgsl")
);

/// A pass that is not the last makes a multiple of so many views, so that the next begins where any device can bind.
const ALIGNED_VIEWS: usize = 64;

/// The views; none where the device cannot bind the memory of one.
pub(super) fn make(
    source: Source<'_>,
    rows: &[View],
    recipes: &Recipes,
    is_unit: bool,
    size: Size,
    device: &Device,
) -> Result<Option<Tensor>> {
    static KERNEL: OnceLock<Kernel> = OnceLock::new();
    let kernel = KERNEL.get_or_init(|| Kernel::built_in("views.wgsl", TEXT));
    let form = source.form()?;
    let channels = form.channels;
    let held = Held::of(source, rows, device)?;
    let program = Program::of(recipes, held.rows(rows).as_ref(), form, is_unit);
    let words = Buffer::with_words(device, &program.words)?;
    let limits = device.setup().map(|setup| setup.device.limits()).unwrap_or_default();
    let area = size.0 * size.1;
    let (output_words, scratch_words) = (channels * area, 2 * 3 * program.scratch_area);
    let limit = limits.max_storage_buffer_binding_size as usize / 4;
    let rooms = [(output_words, limit), (scratch_words, limit.min(SCRATCH_BYTES / 4))];
    let image_words = channels * form.size.0 * form.size.1;
    // A data set is bound in parts.
    let source_words = if matches!(source, Source::Set(_)) { image_words } else { form.count * image_words };
    if [output_words, scratch_words, source_words].into_iter().any(|words| words > limit) {
        return Ok(None);
    }
    let output = Tensor::empty(&[rows.len(), channels, size.0, size.1], Kind::Float, device)?;
    let to = output.buffer()?;

    let count = views_of_a_pass(rows.len(), rooms);
    let (scratch, _scratch_memory) = Tensor::scratch(device, count * scratch_words)?;

    for part in held.parts() {
        for first in (0..rows.len()).step_by(count) {
            let count = count.min(rows.len() - first);
            let made = to.part(4 * (first * output_words) as u64, 4 * (count * output_words) as u64);
            let launch = Launch::new(kernel).buffer("source", part.buffer).buffer("program", &words);
            let launch = launch.buffer("scratch", &scratch).buffer("output", &made);
            let launch = launch.scalar("first_view", first as f64).scalar("view_count", count as f64);
            let launch = launch.scalar("stages", program.stages as f64);
            let launch = launch.scalar("mean_stages", f64::from(program.wanted.mean));
            let launch = launch.scalar("extreme_stages", f64::from(program.wanted.extremes));
            let launch = launch.scalar("histogram_stages", f64::from(program.wanted.histogram));
            let launch = launch.scalar("first_image", part.first as f64).scalar("image_count", part.count as f64);
            let launch = launch.scalar("channels", channels as f64);
            let launch = launch.scalar("height", form.size.0 as f64).scalar("width", form.size.1 as f64);
            let launch = launch.scalar("floats", f64::from(u8::from(!matches!(source, Source::Set(_)))));
            let launch = launch.scalar("output_area", area as f64);
            let launch = launch.scalar("scratch_area", program.scratch_area as f64);
            launch.dispatch(device, in_rows(count, 1, limits.max_compute_workgroups_per_dimension))?;
        }
    }
    Ok(Some(output))
}

/// As many views as have room for so many words each, but at least one.
fn views_of_a_pass(views: usize, rooms: [(usize, usize); 2]) -> usize {
    let room = rooms.iter().filter_map(|(words, limit)| limit.checked_div(*words)).min().unwrap_or(views);
    match room {
        room if room >= views => views,
        room if room > ALIGNED_VIEWS => room / ALIGNED_VIEWS * ALIGNED_VIEWS,
        room => room.max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_makes_what_has_room_and_leaves_the_next_one_aligned() {
        assert_eq!(views_of_a_pass(100, [(10, 5000), (0, 10)]), 100);
        assert_eq!(views_of_a_pass(1000, [(10, 5000), (0, 10)]), 448);
        assert_eq!(views_of_a_pass(1000, [(10, 5000), (100, 6000)]), 60);
        assert_eq!(views_of_a_pass(1000, [(10, 5), (1, 5000)]), 1);
    }
}
