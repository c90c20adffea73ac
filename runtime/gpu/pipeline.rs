//! Compiled kernels, kept for as long as the process lives, by device and text. Drivers keep their own caches on disk.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, atomic::AtomicBool},
};

use super::Kernel;
use crate::{Error, Result};

/// What has been compiled for a device, by its text.
type OfDevice = (wgpu::Device, HashMap<String, Compiled>);

static COMPILED: Mutex<Vec<OfDevice>> = Mutex::new(Vec::new());

/// A pipeline, and whether it has come to an end once.
#[derive(Clone)]
pub(super) struct Compiled {
    pub pipeline: wgpu::ComputePipeline,
    pub has_ended: Arc<AtomicBool>,
}

/// The kernel's pipeline on a device. wgpu keeps every access inside the bound ranges.
pub(super) fn pipeline(kernel: &Kernel, device: &wgpu::Device) -> Result<Compiled> {
    let text = kernel.device_text();
    let mut compiled = COMPILED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let position = compiled.iter().position(|(known, _)| known == device).unwrap_or(compiled.len());
    if position == compiled.len() {
        compiled.push((device.clone(), HashMap::new()));
    }
    let compiled = &mut compiled[position].1;
    if let Some(known) = compiled.get(text) {
        return Ok(known.clone());
    }
    let scopes =
        [wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::Validation].map(|filter| device.push_error_scope(filter));
    let label = kernel.name();
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(label),
        source: wgpu::ShaderSource::Wgsl(text.into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(label),
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    if let Some(reason) = super::health::failure(scopes) {
        return Err(Error::Kernel { kernel: kernel.name().into(), reason });
    }
    let made = Compiled { pipeline, has_ended: Arc::default() };
    compiled.insert(text.to_owned(), made.clone());
    Ok(made)
}
