//! What this process knows of the machine's adapters: those that were found, and those that Burn has opened. Burn opens
//! each once, and an API is asked once, so that a number means the same adapter from the first call to the last.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use burn::tensor::Device as BurnDevice;
use burn_wgpu::WgpuSetup;
use cubecl_wgpu::{AutoGraphicsApi, RuntimeOptions, WgpuDevice, try_init_setup};
use wgpu::{Instance, InstanceDescriptor};

use super::{
    adapter::{self, Adapter, AdapterKind},
    api::Api,
    driver_failure::DriverFailure,
};
use crate::{Error, Result, guard::guard};

/// One lock for both: the Vulkan loader crashes where instances come and go on several threads at once.
static MACHINE: Mutex<Option<Machine>> = Mutex::new(None);

#[derive(Default)]
struct Machine {
    found: HashMap<Api, Found>,
    opened: HashMap<WgpuDevice, (BurnDevice, WgpuSetup)>,
    used: HashSet<WgpuDevice>,
}

#[derive(Default)]
struct Found {
    adapters: Vec<Adapter>,
    /// Why there are none, where the driver failed.
    failure: Option<String>,
    /// Kept to the end: two instances of OpenGL may share a display, which the first to go would end for both.
    _instance: Option<Instance>,
}

/// The adapters of an API, in its order. A driver that fails, or that is not there, has none.
pub(super) fn adapters(api: Api) -> Vec<Adapter> {
    let mut machine = machine();
    machine.get_or_insert_default().found.entry(api).or_insert_with(|| find(api)).adapters.clone()
}

/// The APIs that were looked through and whose driver failed, in order.
pub(super) fn failures() -> Vec<DriverFailure> {
    let machine = machine();
    let found = |api| Some((api, machine.as_ref()?.found.get(&api)?.failure.clone()?));
    Api::ALL.into_iter().filter_map(found).map(|(api, reason)| DriverFailure { api, reason }).collect()
}

/// An adapter's device, and what it runs on.
///
/// # Errors
/// The driver refuses it.
pub(super) fn open(adapter: &Adapter) -> Result<(BurnDevice, WgpuSetup)> {
    let mut machine = machine();
    let opened = &mut machine.get_or_insert_default().opened;
    let selector = adapter.selector();
    if let Some(known) = opened.get(&selector) {
        return Ok(known.clone());
    }
    let failed = |reason: String| {
        let reason = reason.lines().next().unwrap_or_default().to_owned();
        Error::Device(format!("cannot open '{}' ({}): {reason}", adapter.name, adapter.api))
    };
    let setup = guard("device", || {
        let options = RuntimeOptions::try_default().map_err(|error| failed(error.to_string()))?;
        try_init_setup::<AutoGraphicsApi>(&selector, options).map_err(|error| failed(error.to_string()))
    });
    let setup = setup.map_err(|error| match error {
        Error::Internal { message, .. } => failed(message),
        other => other,
    })?;
    let made = (BurnDevice::from(selector.clone()), setup);
    opened.insert(selector, made.clone());
    Ok(made)
}

/// Whether this is the first call for the adapter.
pub(super) fn begin_use(adapter: &Adapter) -> bool {
    machine().get_or_insert_default().used.insert(adapter.selector())
}

/// A thread that panicked in here has left the tables whole.
fn machine() -> MutexGuard<'static, Option<Machine>> {
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(api: Api) -> Found {
    let backends = api.backend().into();
    let look = || {
        // Burn looks at an instance of this one API too, so its order is the same.
        let instance =
            Instance::new(InstanceDescriptor { backends, ..InstanceDescriptor::new_without_display_handle() });
        let found = pollster::block_on(instance.enumerate_adapters(backends));
        let mut counts = HashMap::<AdapterKind, usize>::new();
        let adapters = found.iter().filter_map(|found| {
            let kind = adapter::kind(found.get_info().device_type);
            let position = counts.entry(kind).or_default();
            *position += 1;
            // Of an API's software adapters only the first can be opened.
            let is_reached = kind != AdapterKind::Software || *position == 1;
            is_reached.then(|| Adapter::describe(found, api, *position - 1))
        });
        Ok(Found { adapters: adapters.collect(), failure: None, _instance: Some(instance) })
    };
    found(look)
}

/// What was found; where the driver fails, nothing but why.
fn found(look: impl FnOnce() -> Result<Found>) -> Found {
    guard("device", look).unwrap_or_else(|error| {
        let reason = match error {
            Error::Internal { message, .. } => message,
            other => other.to_string(),
        };
        Found { failure: Some(reason), ..Found::default() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_that_panics_has_no_adapters_and_says_why() {
        let found = found(|| {
            panic!(
                "no symbol vkCreateInstance
in the loader"
            )
        });
        assert_eq!((found.adapters, found.failure.as_deref()), (Vec::new(), Some("no symbol vkCreateInstance")));
    }
}
