//! Which device a run uses, and how it is found. No device is ever fallen back to silently: `auto` says in its
//! documentation what it takes, everything else is an error.
//!
//! Described in `runtime/book/09-devices.md`.

mod adapter;
mod api;
mod driver_failure;
pub(crate) mod health;
pub mod instructions;
mod memory;
mod opened;
pub(crate) mod patience;
mod selection;
mod silence;
mod slot;

use std::{fmt, sync::Arc};

use burn::tensor::Device as BurnDevice;
use burn_backend::{BoolDType, IntDType};
use burn_dispatch::DispatchDevice;
use burn_wgpu::WgpuSetup;

pub use adapter::{Adapter, AdapterKind, AdapterLimits};
pub use api::Api;
pub use driver_failure::DriverFailure;
pub use instructions::Instructions;
pub use selection::DeviceChoice;
pub use silence::silence_device_select;
pub use slot::AdapterSlot;

use crate::{Error, Result, guard::failure};

/// Where tensors live and operations run.
#[derive(Clone)]
pub struct Device {
    raw: DispatchDevice,
    name: Arc<str>,
    gpu: Option<Arc<(Adapter, WgpuSetup)>>,
    bools: BoolDType,
}

impl Device {
    /// Burn's pure-Rust CPU device.
    pub fn cpu() -> Self {
        Self::of(&BurnDevice::flex(), "cpu".into(), None)
    }

    /// The device of a name: see [`DeviceChoice`].
    ///
    /// # Errors
    /// An unknown name; as [`Device::open`].
    pub fn select(name: &str) -> Result<Self> {
        Self::open(name.parse()?)
    }

    /// The device of a choice, the same one whenever it is asked for.
    ///
    /// # Errors
    /// There is no such adapter, its driver refuses it, or it runs on the CPU and this build would measure kernels on
    /// it; as [`instructions::check`].
    pub fn open(choice: DeviceChoice) -> Result<Self> {
        instructions::check()?;
        let adapters = looked_at(choice);
        match selection::choose(choice, &adapters, &opened::failures())? {
            Some(adapter) => Self::on(adapter, &adapters),
            None => Ok(Self::cpu()),
        }
    }

    /// The device for a run that goes on, by what the run recorded: a [`Device::name`], and the slot of its adapter,
    /// which runs of earlier versions lack. If a GPU is gone, this is the best real GPU instead, whose name differs
    /// from the recorded one.
    ///
    /// # Errors
    /// The GPU is gone and there is no real one; several adapters have its name; as [`Device::open`].
    pub fn again(name: &str, slot: Option<AdapterSlot>) -> Result<Self> {
        if name == "cpu" {
            return Ok(Self::cpu());
        }
        let adapters = Self::adapters();
        Self::on(slot::again(name, slot, &adapters)?, &adapters)
    }

    /// The device on one of the adapters that were looked at.
    fn on(adapter: &Adapter, adapters: &[Adapter]) -> Result<Self> {
        if adapter.is_software() && cfg!(feature = "autotune") {
            let what = if adapters.iter().all(Adapter::is_software) { "the only adapter is" } else { "the adapter is" };
            return Err(Error::Device(format!(
                "{what} '{}', which runs on the CPU; this build measures kernels at first use, which takes hours \
                 there: use --device cpu, or build with --no-default-features",
                adapter.name
            )));
        }
        let (device, setup) = opened::open(adapter)?;
        Ok(Self::of(&device, adapter.device_name(), Some((adapter.clone(), setup))))
    }

    /// Whether this is the first use of the device in this process; a second call says no. Never true for the CPU,
    /// where nothing is compiled at first use.
    pub fn begin_use(&self) -> bool {
        self.adapter().is_some_and(opened::begin_use)
    }

    /// Every adapter of this machine, through every API of the platform, in the order in which `gpu:N` counts them:
    /// real ones before those in software.
    pub fn adapters() -> Vec<Adapter> {
        sorted(&Api::of_platform())
    }

    /// Which of [`Device::adapters`] a choice takes; none is the CPU.
    ///
    /// # Errors
    /// There is no such adapter.
    pub fn chosen(choice: DeviceChoice, adapters: &[Adapter]) -> Result<Option<&Adapter>> {
        selection::choose(choice, adapters, &opened::failures())
    }

    /// The APIs whose driver failed while adapters were looked for, as far as this process has looked.
    pub fn failures() -> Vec<DriverFailure> {
        opened::failures()
    }

    fn of(device: &BurnDevice, name: String, gpu: Option<(Adapter, WgpuSetup)>) -> Self {
        let bools = device.settings().bool_dtype;
        Self { raw: device.as_dispatch().clone(), name: name.into(), gpu: gpu.map(Arc::new), bools }
    }

    /// The wgpu device and queue that Burn's operations run on; none on the CPU.
    pub(crate) fn setup(&self) -> Option<&WgpuSetup> {
        self.gpu.as_deref().map(|(_, setup)| setup)
    }

    /// Where kernels of our own on its tensors run: on itself, or, for the CPU, on the best adapter that there is, one
    /// in software included. Burn's kernels are not measured for that, in no build.
    ///
    /// # Errors
    /// There is no adapter, or its driver refuses it.
    pub(crate) fn for_kernels(&self) -> Result<Self> {
        if self.is_gpu() {
            return Ok(self.clone());
        }
        let adapters = looked_at(DeviceChoice::Gpu);
        let adapter = adapters.first().ok_or_else(|| selection::none_for_kernels(&opened::failures()))?;
        let (device, setup) = opened::open(adapter)?;
        Ok(Self::of(&device, adapter.device_name(), Some((adapter.clone(), setup))))
    }

    /// Loses the adapter that kernels on this device's tensors run on, as a driver's reset does. Nothing of this
    /// process can use the adapter any more. Only builds with the feature `fault-injection` have this function.
    ///
    /// # Errors
    /// There is no adapter.
    #[cfg(feature = "fault-injection")]
    pub fn lose(&self) -> Result<()> {
        let device = self.for_kernels()?;
        device.setup().expect("kernels run on an adapter").device.destroy();
        Ok(())
    }

    /// Waits for kernels that may never end, before something waits for the device without a limit.
    ///
    /// # Errors
    /// A kernel did not end in its time, now or before, so the device has been given up.
    pub(crate) fn settle(&self) -> Result<()> {
        self.setup().map_or(Ok(()), |setup| patience::settle(&setup.device))
    }

    /// The adapter that it runs on; none on the CPU.
    pub fn adapter(&self) -> Option<&Adapter> {
        self.gpu.as_deref().map(|(adapter, _)| adapter)
    }

    /// Whether kernels on this device may use float16; not on the CPU.
    pub fn float16(&self) -> bool {
        self.adapter().is_some_and(|adapter| adapter.float16)
    }

    /// Bytes that Burn has reserved on it, where it tells.
    pub fn memory_reserved(&self) -> Option<u64> {
        BurnDevice::new(self.raw.clone()).memory_pool_usage().map(|usage| usage.bytes_reserved)
    }

    /// Gives memory back that Burn keeps for later.
    pub fn release_memory(&self) {
        BurnDevice::new(self.raw.clone()).memory_cleanup();
    }

    /// Waits until all work has been done.
    ///
    /// # Errors
    /// The device failed, out of memory included.
    pub fn sync(&self) -> Result<()> {
        self.settle()?;
        let synced = BurnDevice::new(self.raw.clone()).sync();
        synced.map_err(|error| failure::of_text("waiting for the device", &error.to_string()))
    }

    /// `cpu`, or `gpu` with the adapter's name and API.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is a GPU device, a software one included.
    pub fn is_gpu(&self) -> bool {
        self.gpu.is_some()
    }

    pub(crate) fn raw(&self) -> &DispatchDevice {
        &self.raw
    }

    pub(crate) fn ints(&self) -> IntDType {
        IntDType::I32
    }

    pub(crate) fn bools(&self) -> BoolDType {
        self.bools
    }
}

/// The adapters that a choice needs to know. OpenGL is asked only where it may be taken: it shows again what the others
/// have shown.
fn looked_at(choice: DeviceChoice) -> Vec<Adapter> {
    let without_gl = || sorted(&[Api::Vulkan, Api::Metal, Api::Dx12]);
    match choice {
        DeviceChoice::Cpu => Vec::new(),
        DeviceChoice::Auto => without_gl(),
        DeviceChoice::Api(api) => sorted(&[api]),
        DeviceChoice::Numbered(_) => Device::adapters(),
        DeviceChoice::Gpu => {
            let adapters = without_gl();
            if adapters.iter().all(Adapter::is_software) { Device::adapters() } else { adapters }
        }
    }
}

fn sorted(apis: &[Api]) -> Vec<Adapter> {
    let platform = Api::of_platform();
    let there = apis.iter().filter(|api| platform.contains(api));
    let mut adapters: Vec<_> = there.flat_map(|api| opened::adapters(*api)).collect();
    selection::sort(&mut adapters);
    adapters
}

impl PartialEq for Device {
    fn eq(&self, other: &Self) -> bool {
        let identity = |device: &Self| device.adapter().map(Adapter::slot);
        identity(self) == identity(other)
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
