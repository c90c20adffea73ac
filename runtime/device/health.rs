//! What a device reports when something goes wrong: errors of single calls, its loss, and that it was given up, since a
//! kernel on it never ends.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use wgpu::{Error as WgpuError, ErrorScopeGuard};

use crate::{Error, Result};

/// What is said of a lost device.
pub const LOST: &str = "the device was lost: its driver reset it, as drivers do with a kernel that runs for \
                               seconds, or it went away; this process cannot use it any more";

static ANY_GIVEN_UP: AtomicBool = AtomicBool::new(false);
static GIVEN_UP: Mutex<Vec<(wgpu::Device, String)>> = Mutex::new(Vec::new());

/// Marks a device as one that nothing must wait for any more.
pub fn give_up(device: &wgpu::Device, reason: String) {
    GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner).push((device.clone(), reason));
    ANY_GIVEN_UP.store(true, Ordering::Release);
}

/// Whether a device may be waited for.
///
/// # Errors
/// It was given up.
pub fn check(device: &wgpu::Device) -> Result<()> {
    if !ANY_GIVEN_UP.load(Ordering::Acquire) {
        return Ok(());
    }
    let given_up = GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner);
    match given_up.iter().find(|(known, _)| known == device) {
        Some((_, reason)) => Err(Error::Device(format!("it was given up: {reason}"))),
        None => Ok(()),
    }
}

/// Whether the device is lost. wgpu reports that only to a callback, which is Burn's. Memory that cannot be mapped
/// shows it, too.
pub fn is_lost(device: &wgpu::Device) -> bool {
    let full = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
    let probe = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: 4,
        usage: wgpu::BufferUsages::UNIFORM,
        mapped_at_creation: true,
    });
    let is_lost = probe.get_mapped_range_mut(..).is_err();
    let is_lost = is_lost | pollster::block_on(scope.pop()).is_some();
    is_lost && pollster::block_on(full.pop()).is_none()
}

/// The first failure that the scopes caught, in one line. They close in the opposite order of their opening.
pub fn failure<const N: usize>(scopes: [ErrorScopeGuard; N]) -> Option<String> {
    let mut found = None;
    for scope in scopes.into_iter().rev() {
        if let Some(error) = pollster::block_on(scope.pop()) {
            found = Some(line(&error));
        }
    }
    found
}

/// wgpu's message without its tree of contexts.
fn line(error: &WgpuError) -> String {
    match error {
        WgpuError::OutOfMemory { .. } => "out of memory".into(),
        WgpuError::Validation { description, .. } | WgpuError::Internal { description, .. } => {
            let mut lines = description.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.next_back().unwrap_or("the device refused it").to_owned()
        }
    }
}
