//! Tensor operations that run kernels of our own on a GPU device. Each has a reference beside it: the same operation on
//! the CPU.

mod buffer;
pub(in crate::tensor) mod convolution;
mod doubt;
mod solve_spd;
mod squared_distances;

pub(crate) use doubt::forget;
pub(super) use doubt::settle;
pub(super) use solve_spd::solve_spd;
pub(super) use squared_distances::squared_distances;

use crate::{
    Device, Result, Tensor,
    gpu::{Buffer, Kernel},
    tensor::Kind,
};

/// A kernel whose text is compiled in, read when it is first used.
macro_rules! built_in {
    ($name:literal) => {{
        static KERNEL: std::sync::OnceLock<$crate::gpu::Kernel> = std::sync::OnceLock::new();
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/", $name));
        KERNEL.get_or_init(|| $crate::gpu::Kernel::built_in($name, text))
    }};
}
use built_in;

/// A new float tensor and its memory.
fn output(shape: &[usize], device: &Device) -> Result<(Tensor, Buffer)> {
    let tensor = Tensor::empty(shape, Kind::Float, device)?;
    let buffer = tensor.buffer()?;
    Ok((tensor, buffer))
}

/// Workgroups for so many threads in rows of them; the kernel's index is `id.y * width + id.x`.
fn groups(kernel: &Kernel, threads: usize, device: &Device) -> [u32; 3] {
    crate::gpu::rows(threads, kernel.interface().threads(), most_groups(device))
}

/// A workgroup for each of so many things; the kernel's index is `group.y * groups.x + group.x`.
fn one_group_each(count: usize, device: &Device) -> [u32; 3] {
    crate::gpu::rows(count, 1, most_groups(device))
}

fn most_groups(device: &Device) -> u32 {
    device.setup().map_or(1, |setup| setup.device.limits().max_compute_workgroups_per_dimension)
}
