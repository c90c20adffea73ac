//! Which device a run uses, and how it is found. No device is ever fallen back to silently: `auto` says in its
//! documentation what it takes, everything else is an error.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
};

use burn::tensor::{Device as BurnDevice, DeviceKind};
use burn_backend::{BoolDType, FloatDType, IntDType};
use burn_dispatch::DispatchDevice;
use burn_wgpu::WgpuSetup;
use wgpu::{Backends, DeviceType, Instance, InstanceDescriptor};

use crate::{Error, Result};

/// Where tensors live and operations run.
#[derive(Clone)]
pub struct Device {
    raw: DispatchDevice,
    name: Arc<str>,
    setup: Option<Arc<WgpuSetup>>,
    bools: BoolDType,
}

/// The adapters that this process has opened. Burn opens each once.
static OPENED: Mutex<Option<HashMap<DeviceKind, (BurnDevice, WgpuSetup)>>> = Mutex::new(None);

/// A graphics adapter that wgpu found.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// As the driver calls it.
    pub name: String,
    /// `vulkan`, `metal` or `dx12`.
    pub api: String,
    /// Whether it runs on the CPU.
    pub software: bool,
    kind: DeviceKind,
}

impl Device {
    /// Burn's pure-Rust CPU device.
    pub fn cpu() -> Self {
        Self::open(BurnDevice::flex(), "cpu".into(), None)
    }

    /// The device of a name: `cpu`; `gpu`, the best adapter there is, a software one last; `auto`, a real GPU if
    /// there is one, else the CPU.
    ///
    /// # Errors
    /// An unknown name; `gpu` where there is no adapter.
    pub fn select(name: &str) -> Result<Self> {
        match name {
            "cpu" => Ok(Self::cpu()),
            "gpu" => match best(Self::adapters()) {
                Some(adapter) => Self::gpu(&adapter),
                None => Err(no_adapter()),
            },
            "auto" => match best(Self::adapters()) {
                Some(adapter) if !adapter.software => Self::gpu(&adapter),
                _ => Ok(Self::cpu()),
            },
            _ => Err(Error::unknown("device", "device", name, ["auto", "cpu", "gpu"])),
        }
    }

    /// Every adapter that wgpu finds through Vulkan, Metal or DX12.
    pub fn adapters() -> Vec<Adapter> {
        let instance = Instance::new(InstanceDescriptor {
            backends: Backends::PRIMARY,
            ..InstanceDescriptor::new_without_display_handle()
        });
        let mut counts = [0; 3];
        let mut next = |i: usize| {
            counts[i] += 1;
            counts[i] - 1
        };
        pollster::block_on(instance.enumerate_adapters(Backends::PRIMARY))
            .iter()
            .map(|adapter| {
                let info = adapter.get_info();
                let kind = match info.device_type {
                    DeviceType::DiscreteGpu => DeviceKind::DiscreteGpu(next(0)),
                    DeviceType::IntegratedGpu => DeviceKind::IntegratedGpu(next(1)),
                    DeviceType::VirtualGpu => DeviceKind::VirtualGpu(next(2)),
                    DeviceType::Cpu => DeviceKind::Cpu,
                    DeviceType::Other => DeviceKind::DefaultDevice,
                };
                let software = info.device_type == DeviceType::Cpu;
                Adapter { name: info.name, api: info.backend.to_string(), software, kind }
            })
            .collect()
    }

    fn gpu(adapter: &Adapter) -> Result<Self> {
        if adapter.software && cfg!(feature = "autotune") {
            return Err(Error::Device(format!(
                "the only adapter is '{}', which runs on the CPU; this build measures kernels at first use, which takes \
                 hours there: use --device cpu, or build with --no-default-features",
                adapter.name
            )));
        }
        let name = format!("gpu ({}, {})", adapter.name, adapter.api);
        let mut opened = OPENED.lock().expect("opening an adapter does not panic");
        let opened = opened.get_or_insert_default();
        let (device, setup) = match opened.get(&adapter.kind) {
            Some(known) => known.clone(),
            None => {
                let options = BurnDevice::wgpu_options().device_kind(adapter.kind.clone());
                let made = options.init_with_setup().map_err(|error| Error::Device(error.to_string()))?;
                opened.insert(adapter.kind.clone(), made.clone());
                made
            }
        };
        Ok(Self::open(device, name, Some(setup)))
    }

    fn open(device: BurnDevice, name: String, setup: Option<WgpuSetup>) -> Self {
        let bools = device.settings().bool_dtype;
        Self { raw: device.as_dispatch().clone(), name: name.into(), setup: setup.map(Arc::new), bools }
    }

    /// The wgpu device and queue that Burn's operations run on; none on the CPU.
    pub(crate) fn setup(&self) -> Option<&WgpuSetup> {
        self.setup.as_deref()
    }

    /// Waits until all work has been done.
    ///
    /// # Errors
    /// The device failed, out of memory included.
    pub fn sync(&self) -> Result<()> {
        BurnDevice::new(self.raw.clone()).sync().map_err(|error| Error::Device(error.to_string()))
    }

    /// `cpu`, or `gpu` with the adapter's name and API.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is a GPU device, a software one included.
    pub fn is_gpu(&self) -> bool {
        self.setup.is_some()
    }

    pub(crate) fn raw(&self) -> &DispatchDevice {
        &self.raw
    }

    pub(crate) fn floats(&self) -> FloatDType {
        FloatDType::F32
    }

    pub(crate) fn ints(&self) -> IntDType {
        IntDType::I32
    }

    pub(crate) fn bools(&self) -> BoolDType {
        self.bools
    }
}

/// Discrete before integrated before virtual before software.
fn best(adapters: Vec<Adapter>) -> Option<Adapter> {
    adapters.into_iter().min_by_key(|adapter| match adapter.kind {
        DeviceKind::DiscreteGpu(_) => 0,
        DeviceKind::IntegratedGpu(_) => 1,
        DeviceKind::VirtualGpu(_) => 2,
        _ => 3 + i32::from(adapter.software),
    })
}

fn no_adapter() -> Error {
    let api = if cfg!(target_os = "macos") {
        "Metal"
    } else if cfg!(windows) {
        "DX12 or Vulkan"
    } else {
        "Vulkan (a driver's ICD file, libvulkan)"
    };
    Error::Device(format!("no gpu adapter found; looked for {api}; use --device cpu, or install a driver"))
}

impl PartialEq for Device {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
