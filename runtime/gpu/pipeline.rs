//! Compiled kernels, kept by device and code. Drivers keep their own caches on disk.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, atomic::AtomicBool},
};

use super::{Kernel, code::Code};
use crate::{Error, Result};

/// What has been compiled for a device.
type OfDevice = (wgpu::Device, HashMap<Code, Compiled>);

/// Kept for one device at most. A long session of edits must not keep every version of a shader.
const MOST: usize = 256;

static COMPILED: Mutex<Vec<OfDevice>> = Mutex::new(Vec::new());

/// A pipeline, and whether it has come to an end once.
#[derive(Clone)]
pub(super) struct Compiled {
    pub pipeline: wgpu::ComputePipeline,
    pub layout: wgpu::BindGroupLayout,
    pub has_ended: Arc<AtomicBool>,
}

/// The kernel's pipeline on a device, for a launch that reads and writes parts of one buffer, or does not. wgpu keeps
/// every access of a kernel that is not trusted inside the bound ranges.
pub(super) fn pipeline(kernel: &Kernel, shares_memory: bool, device: &wgpu::Device) -> Result<Compiled> {
    let code = kernel.code(shares_memory);
    let mut compiled = COMPILED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let position = compiled.iter().position(|(known, _)| known == device).unwrap_or(compiled.len());
    if position == compiled.len() {
        compiled.push((device.clone(), HashMap::new()));
    }
    let compiled = &mut compiled[position].1;
    if let Some(known) = compiled.get(&code) {
        return Ok(known.clone());
    }
    let made = compile(kernel, &code, device)?;
    if compiled.len() >= MOST {
        compiled.clear();
    }
    compiled.insert(code, made.clone());
    Ok(made)
}

fn compile(kernel: &Kernel, code: &Code, device: &wgpu::Device) -> Result<Compiled> {
    kernel.check_on(device)?;
    let scopes = [wgpu::ErrorFilter::OutOfMemory, wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::Validation]
        .map(|filter| device.push_error_scope(filter));
    let label = Some(kernel.name());
    let source = wgpu::ShaderSource::Wgsl((&*code.text).into());
    let descriptor = wgpu::ShaderModuleDescriptor { label, source };
    let module = if code.is_trusted {
        // SAFETY: only the runtime's own kernels are trusted. Each guards its indices, ends its loops and divides by no 0,
        // and tests run each in both forms.
        unsafe { device.create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked()) }
    } else {
        device.create_shader_module(descriptor)
    };
    let constants: Vec<_> = code.constants.iter().map(|constant| (constant.key.as_str(), constant.value)).collect();
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label,
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions {
            constants: &constants,
            zero_initialize_workgroup_memory: !code.is_trusted,
        },
        cache: None,
    });
    let layout = pipeline.get_bind_group_layout(0);
    if let Some(reason) = crate::device::health::failure(scopes) {
        return Err(Error::Kernel { kernel: kernel.name().into(), reason });
    }
    Ok(Compiled { pipeline, layout, has_ended: Arc::default() })
}
