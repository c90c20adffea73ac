//! Burn's tensors as ranges of wgpu buffers.

use burn_cubecl::{CubeBackend, kernel::into_contiguous, ops::permute, tensor::CubeTensor};
use burn_dispatch::{BackendTensor, DispatchTensor, DispatchTensorKind};
use burn_wgpu::AutoCompiler;
use cubecl_wgpu::{WgpuResource, WgpuServer};

use super::{Buffer, counts, lent::Lent};
use crate::{
    Error, Result,
    device::patience,
    guard::{failure, guard},
};

const OP: &str = "kernel";

impl Buffer {
    /// The memory of one of Burn's tensors on a GPU device, in row-major order. A tensor that lies otherwise is copied
    /// first, and what is written to the copy is lost. So write to new tensors only.
    ///
    /// Operations of Burn on it may still be recorded and not handed to the queue: a launch sees to that.
    ///
    /// # Errors
    /// A tensor on the CPU; a device that failed.
    pub(crate) fn of_raw(raw: DispatchTensor) -> Result<Self> {
        let cube = cube(raw)?;
        guard(OP, || lend(in_rows(cube)?))
    }

    /// As [`Buffer::of_raw`], with the channels last: of `[N, C, …]` the memory in the order `[N, …, C]`. What lies so
    /// already, as the results of Burn's convolutions do, is not copied.
    ///
    /// # Errors
    /// As [`Buffer::of_raw`].
    pub(crate) fn of_raw_channels_last(raw: DispatchTensor) -> Result<Self> {
        let cube = cube(raw)?;
        guard(OP, || {
            let rank = cube.meta.shape().len();
            let axes: Vec<usize> = (0..rank.min(1)).chain(2..rank).chain((1..rank).take(1)).collect();
            lend(in_rows(permute(cube, &axes))?)
        })
    }
}

fn cube(raw: DispatchTensor) -> Result<CubeTensor> {
    let DispatchTensorKind::Cube(raw) = raw.kind else {
        return Err(Error::Device("a kernel needs tensors on a gpu".into()));
    };
    guard(OP, || Ok(resolve(raw)))
}

/// Itself, or a copy in row-major order.
fn in_rows(cube: CubeTensor) -> Result<CubeTensor> {
    if cube.is_contiguous() {
        return Ok(cube);
    }
    // Burn's copy may read what a kernel of ours is to write.
    patience::hand_over()?;
    counts::count(|counts| counts.copies += 1);
    Ok(into_contiguous(cube))
}

fn lend(cube: CubeTensor) -> Result<Buffer> {
    let managed = cube.client.get_resource::<WgpuServer<AutoCompiler>>(cube.handle.clone());
    let managed = managed.map_err(|error| failure::of_text(OP, &error.to_string()))?;
    let resource: &WgpuResource = managed.resource();
    // Devices bind whole words, which Burn's allocations are.
    let bytes = (cube.meta.shape().num_elements() * cube.dtype.size()).next_multiple_of(4) as u64;
    let (buffer, offset) = (resource.buffer.clone(), resource.offset);
    Ok(Buffer { buffer, offset, bytes, owner: Some(Lent::new(cube, managed)) })
}

/// Burn's tensor without the queue of operations in front of it: what is still to be computed is handed to the device.
fn resolve(raw: BackendTensor<burn_dispatch::backends::Cube>) -> CubeTensor {
    match raw {
        BackendTensor::Float(tensor) => tensor.client.clone().resolve_tensor_float::<CubeBackend>(tensor),
        BackendTensor::Int(tensor) => tensor.client.clone().resolve_tensor_int::<CubeBackend>(tensor),
        BackendTensor::Bool(tensor) => tensor.client.clone().resolve_tensor_bool::<CubeBackend>(tensor),
        _ => unreachable!("tensors are float, int or bool, without their tape"),
    }
}
