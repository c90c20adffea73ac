//! What a kernel runs on: the wgpu device and queue of Burn's operations, or, for tensors on the CPU, those of the best
//! adapter that there is.

use crate::{Device, Error, Result, device::health};

/// A wgpu device and its queue.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
}

impl Context {
    /// Where kernels on tensors of a device run.
    ///
    /// # Errors
    /// The machine has no adapter; the device was given up.
    pub fn of(device: &Device) -> Result<Self> {
        let device = device.for_kernels()?;
        let setup = device.setup().expect("kernels run on an adapter");
        health::check(&setup.device)?;
        Ok(Self { device: setup.device.clone(), queue: setup.queue.clone() })
    }

    /// An error where the device is lost.
    pub fn check(&self) -> Result<()> {
        if health::is_lost(&self.device) { Err(Error::Device(health::LOST.into())) } else { Ok(()) }
    }
}
