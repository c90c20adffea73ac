//! Compiled kernels, kept by device and text. Drivers keep their own caches on disk.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, atomic::AtomicBool},
};

use super::Kernel;
use crate::{Error, Result};

/// What has been compiled for a device, by its text.
type OfDevice = (wgpu::Device, HashMap<Arc<str>, Compiled>);

/// Kept for one device at most. A long session of edits must not keep every version of a shader.
const MOST: usize = 64;

static COMPILED: Mutex<Vec<OfDevice>> = Mutex::new(Vec::new());

/// A pipeline, and whether it has come to an end once.
#[derive(Clone)]
pub(super) struct Compiled {
    pub pipeline: wgpu::ComputePipeline,
    pub has_ended: Arc<AtomicBool>,
}

/// The kernel's pipeline on a device, for a launch that reads and writes parts of one buffer, or does not. wgpu keeps
/// every access inside the bound ranges.
pub(super) fn pipeline(kernel: &Kernel, shares_memory: bool, device: &wgpu::Device) -> Result<Compiled> {
    let text = kernel.device_text(shares_memory);
    let mut compiled = COMPILED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let position = compiled.iter().position(|(known, _)| known == device).unwrap_or(compiled.len());
    if position == compiled.len() {
        compiled.push((device.clone(), HashMap::new()));
    }
    let compiled = &mut compiled[position].1;
    if let Some(known) = compiled.get(text) {
        return Ok(known.clone());
    }
    let scopes = [wgpu::ErrorFilter::OutOfMemory, wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::Validation]
        .map(|filter| device.push_error_scope(filter));
    let label = kernel.name();
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl((&**text).into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(label),
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    if let Some(reason) = crate::device::health::failure(scopes) {
        return Err(Error::Kernel { kernel: kernel.name().into(), reason });
    }
    let made = Compiled { pipeline, has_ended: Arc::default() };
    if compiled.len() >= MOST {
        compiled.clear();
    }
    compiled.insert(text.clone(), made.clone());
    Ok(made)
}
