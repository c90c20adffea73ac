//! Launching a kernel: buffers and scalars by name, in the order of the queue that Burn's operations run in.

use std::{sync::atomic::Ordering, time::Duration};

use super::{
    Access, Binding, Buffer, Context, Kernel, batch,
    pipeline::pipeline,
    recorded::{Bound, Recorded},
};
use crate::{
    Device, Error, Result,
    device::patience::{Pending, settle},
};

/// How a kernel that may never end is looked after.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    /// How long it may take.
    pub limit: Duration,
    /// Whether each launch is waited for at once. If not, only a kernel's first launch is; later ones are waited for
    /// when something is read.
    pub always: bool,
}

/// A kernel on its way to the device.
pub(crate) struct Launch<'a> {
    kernel: &'a Kernel,
    buffers: Vec<(&'a str, &'a Buffer)>,
    scalars: Vec<(&'a str, f64)>,
    zeroed: Vec<&'a Buffer>,
    watch: Option<Watch>,
}

impl<'a> Launch<'a> {
    pub fn new(kernel: &'a Kernel) -> Self {
        Self { kernel, buffers: Vec::new(), scalars: Vec::new(), zeroed: Vec::new(), watch: None }
    }

    /// Binds a buffer to a name.
    pub fn buffer(mut self, name: &'a str, buffer: &'a Buffer) -> Self {
        self.buffers.push((name, buffer));
        self
    }

    /// Binds a buffer that is filled with zeros first.
    pub fn zeroed(mut self, name: &'a str, buffer: &'a Buffer) -> Self {
        self.zeroed.push(buffer);
        self.buffer(name, buffer)
    }

    /// Waits for the kernel's end, the first time or always.
    pub fn watched(mut self, watch: Watch) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Sets a field of the uniform.
    pub fn scalar(mut self, name: &'a str, value: f64) -> Self {
        self.scalars.push((name, value));
        self
    }

    /// Hands the kernel over, in that many workgroups. A trusted one is submitted together with others, before anything
    /// depends on it. Write to new tensors only, and to no tensor that another operation has been given.
    ///
    /// # Errors
    /// A name without a buffer or a value; sizes over the device's limits; what the device refuses, of launches before it
    /// too.
    pub fn dispatch(self, device: &Device, groups: [u32; 3]) -> Result<()> {
        self.dispatch_on(&Context::of(device)?, groups)
    }

    /// As [`Launch::dispatch`].
    ///
    /// # Errors
    /// As [`Launch::dispatch`]; a watched kernel that does not end within its limit, a device that was lost meanwhile.
    pub fn dispatch_on(self, setup: &Context, groups: [u32; 3]) -> Result<()> {
        let refuse = |reason: String| Error::Kernel { kernel: self.kernel.name().into(), reason };
        let limits = setup.device.limits();
        self.check_limits(&limits, groups).map_err(refuse)?;
        if self.watch.is_some() {
            batch::hand_over()?;
        }
        let before = self.watch.map(|watch| (watch, setup.queue.submit([])));
        let interface = self.kernel.interface();
        let buffers = interface.bindings.iter().map(|binding| self.bound(&binding.name));
        let buffers = buffers.collect::<Result<Vec<_>, _>>().map_err(refuse)?;
        let compiled = pipeline(self.kernel, shares_memory(&interface.bindings, &buffers), &setup.device)?;
        let scalar = |name: &str| self.scalars.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let scalars = interface.uniform.as_ref().map(|uniform| Ok((uniform.number, uniform.bytes(scalar)?)));
        let bound = interface.bindings.iter().zip(buffers).map(|(binding, buffer)| Bound {
            number: binding.number,
            access: binding.access,
            buffer: buffer.clone(),
        });
        let launch = Recorded {
            kernel: self.kernel.name().to_owned(),
            compiled: compiled.clone(),
            groups,
            bound: bound.collect(),
            zeroed: self.zeroed.iter().map(|buffer| (*buffer).clone()).collect(),
            scalars: scalars.transpose().map_err(refuse)?,
        };
        // What is not known to be right, may not end or needs memory says so at once.
        let is_held = self.kernel.is_trusted() && self.watch.is_none() && !launch.needs_copies(&limits);
        if is_held {
            return batch::hold(setup, launch);
        }
        let submission = batch::submit_alone(setup, launch)?;
        if let Some((watch, before)) = before {
            let (device, kernel) = (setup.device.clone(), self.kernel.name().to_owned());
            let launch = Pending { device, before, own: submission, kernel, limit: watch.limit };
            if !watch.always && compiled.has_ended.load(Ordering::Acquire) {
                return launch.leave();
            }
            // An earlier launch that never ends would be waited for as what came before.
            settle(&setup.device)?;
            launch.wait()?;
            compiled.has_ended.store(true, Ordering::Release);
        }
        Ok(())
    }

    fn bound(&self, name: &str) -> Result<&'a Buffer, String> {
        let found = self.buffers.iter().find(|(known, _)| *known == name);
        found.map(|(_, buffer)| *buffer).ok_or_else(|| format!("binding '{name}' has no tensor"))
    }

    fn check_limits(&self, limits: &wgpu::Limits, groups: [u32; 3]) -> Result<(), String> {
        let interface = self.kernel.interface();
        let largest = limits.max_storage_buffer_binding_size;
        if let Some((name, buffer)) = self.buffers.iter().find(|(_, buffer)| buffer.bytes > largest) {
            return Err(format!("binding '{name}' has {} bytes, over the device's limit of {largest}", buffer.bytes));
        }
        let count = interface.bindings.len() as u32;
        if count > limits.max_storage_buffers_per_shader_stage {
            let most = limits.max_storage_buffers_per_shader_stage;
            return Err(format!("binds {count} buffers, over the device's limit of {most}"));
        }
        if interface.threads() > limits.max_compute_invocations_per_workgroup {
            let (threads, most) = (interface.threads(), limits.max_compute_invocations_per_workgroup);
            return Err(format!("a workgroup has {threads} threads, over the device's limit of {most}"));
        }
        if interface.shared_bytes > limits.max_compute_workgroup_storage_size {
            let (bytes, most) = (interface.shared_bytes, limits.max_compute_workgroup_storage_size);
            return Err(format!("a workgroup needs {bytes} bytes of memory, over the device's limit of {most}"));
        }
        let most = limits.max_compute_workgroups_per_dimension;
        match groups.iter().find(|count| **count > most) {
            Some(count) => Err(format!(
                "{count} workgroups in one dim are over the device's limit of {most}; spread them over several dims"
            )),
            None => Ok(()),
        }
    }
}

/// Whether one of the buffers that are read is written to as well, as another part of it.
fn shares_memory(bindings: &[Binding], buffers: &[&Buffer]) -> bool {
    let of = |access: Access| {
        let chosen = bindings.iter().zip(buffers).filter(move |(binding, _)| binding.access == access);
        chosen.map(|(_, buffer)| &buffer.buffer)
    };
    of(Access::Read).any(|read| of(Access::Write).any(|written| read == written))
}

/// Workgroups for a number of threads in rows: x is filled first, and what is over the device's limit goes to y. A
/// kernel that is launched so computes its index as `id.y * width + id.x`, width being the threads in x.
pub(crate) fn rows(threads: usize, per_group: u32, limit: u32) -> [u32; 3] {
    let groups = threads.div_ceil(per_group as usize).max(1);
    let x = groups.min(limit as usize);
    [x as u32, groups.div_ceil(x) as u32, 1]
}
