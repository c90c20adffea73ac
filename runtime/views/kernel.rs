//! Launching `shaders/views.wgsl`.

use std::sync::{Arc, OnceLock};

use super::{Source, program::Program};
use crate::{
    Device, Result, Tensor,
    augment::{Plan, Size, View},
    gpu::{Buffer, Kernel, Launch, Part, rows as in_rows},
    tensor::Kind,
};

/// Scratch memory of one pass, at most: views beyond it are made in the next.
const SCRATCH_BYTES: usize = 256 << 20;

pub(super) fn make(source: Source<'_>, rows: &[View], plan: &Plan, size: Size, device: &Device) -> Result<Tensor> {
    static KERNEL: OnceLock<Kernel> = OnceLock::new();
    let kernel = KERNEL.get_or_init(|| Kernel::built_in("views.wgsl", include_str!("../../shaders/views.wgsl")));
    let (image_size, _) = source.size()?;
    let program = Program::of(plan, rows, image_size);
    let [views, words] = [&program.views, &program.words].map(|words| Buffer::with_words(device, words));
    let (views, words) = (views?, words?);
    let output = Tensor::empty(&[rows.len(), 3, size.0, size.1], Kind::Float, device)?;
    let to = Buffer::of(&output)?;

    let limits = device.setup().map(|setup| setup.device.limits()).unwrap_or_default();
    let scratch_words = 2 * 3 * program.scratch_area;
    let most = SCRATCH_BYTES.min(limits.max_storage_buffer_binding_size as usize) / 4;
    let per_pass = most.checked_div(scratch_words).unwrap_or(rows.len()).clamp(1, rows.len());
    let (scratch, _scratch_memory) = Buffer::scratch(device, per_pass * scratch_words)?;

    let held = Held::of(source, device)?;
    for part in held.parts() {
        for first in (0..rows.len()).step_by(per_pass) {
            let count = per_pass.min(rows.len() - first);
            let launch = Launch::new(kernel).buffer("source", part.buffer).buffer("views", &views);
            let launch = launch.buffer("program", &words).buffer("scratch", &scratch).buffer("output", &to);
            let launch = launch.scalar("first_view", first as f64).scalar("view_count", count as f64);
            let launch = launch.scalar("first_image", part.first as f64).scalar("image_count", part.count as f64);
            let launch = launch.scalar("height", image_size.0 as f64).scalar("width", image_size.1 as f64);
            let launch = launch.scalar("floats", f64::from(u8::from(matches!(source, Source::Tensor(_)))));
            let launch = launch.scalar("output_area", (size.0 * size.1) as f64);
            let launch = launch.scalar("scratch_area", program.scratch_area as f64);
            launch.dispatch(device, in_rows(count, 1, limits.max_compute_workgroups_per_dimension))?;
        }
    }
    Ok(output)
}

/// The source's memory on the device.
enum Held {
    Set(Arc<Vec<Part>>),
    Tensor(Buffer, usize),
}

struct Slice<'a> {
    buffer: &'a Buffer,
    first: usize,
    count: usize,
}

impl Held {
    fn of(source: Source<'_>, device: &Device) -> Result<Self> {
        match source {
            Source::Tensor(tensor) => {
                let tensor = tensor.detach().to_device(device)?;
                Ok(Self::Tensor(Buffer::of(&tensor)?, tensor.shape()[0]))
            }
            Source::Set(images) => {
                let volume = 3 * images.height() * images.width();
                Ok(Self::Set(images.resident().on(device, images.pixels(), volume)?))
            }
        }
    }

    fn parts(&self) -> Vec<Slice<'_>> {
        match self {
            Self::Set(parts) => parts
                .iter()
                .map(|Part { buffer, first, count }| Slice { buffer, first: *first, count: *count })
                .collect(),
            Self::Tensor(buffer, count) => vec![Slice { buffer, first: 0, count: *count }],
        }
    }
}
