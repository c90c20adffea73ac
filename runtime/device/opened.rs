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

struct Found {
    adapters: Vec<Adapter>,
    /// Kept to the end: two instances of OpenGL may share a display, which the first to go would end for both.
    _instance: Option<Instance>,
}

/// The adapters of an API, in its order. A driver that fails, or that is not there, has none.
pub(super) fn adapters(api: Api) -> Vec<Adapter> {
    let mut machine = machine();
    machine.get_or_insert_default().found.entry(api).or_insert_with(|| find(api)).adapters.clone()
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
        Ok(Found { adapters: adapters.collect(), _instance: Some(instance) })
    };
    guard("device", look).unwrap_or(Found { adapters: Vec::new(), _instance: None })
}
