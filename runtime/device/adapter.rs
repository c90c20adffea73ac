//! What an adapter is: a graphics card, or a program that stands in for one, as one graphics API shows it. The same
//! card is an adapter of each API that reaches it.

use cubecl_wgpu::{WgpuDevice, WgpuDeviceKind};
use serde::{Deserialize, Serialize};
use wgpu::{DeviceType, Features};

use super::{api::Api, memory};

/// An adapter as one graphics API shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapter {
    /// As the driver calls it.
    pub name: String,
    /// Who made it.
    pub vendor: String,
    /// What it is reached through.
    pub api: Api,
    /// The driver's name; empty where the API does not tell.
    pub driver: String,
    /// The driver's version.
    pub driver_info: String,
    /// What kind of adapter it is.
    pub kind: AdapterKind,
    /// Which of its kind it is, in the API's order; 0 is the first.
    pub position: usize,
    /// Bytes of memory of its own, that of the machine where it has none; none where the API does not tell.
    pub memory: Option<u64>,
    /// Whether kernels may use float16.
    pub float16: bool,
    /// The least and the greatest number of threads in a subgroup, where kernels may use subgroups.
    pub subgroups: Option<(u32, u32)>,
    /// What a kernel may use at most.
    pub limits: AdapterLimits,
}

/// What a kernel may use at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdapterLimits {
    /// Bytes of one buffer.
    pub storage_binding: u64,
    /// Bytes that the threads of a workgroup share.
    pub workgroup_storage: u32,
    /// Threads of a workgroup.
    pub workgroup_threads: u32,
}

/// What kind of adapter it is. The order is that of preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdapterKind {
    /// A card with memory of its own.
    Discrete,
    /// A part of the processor, which shares its memory.
    Integrated,
    /// What a virtual machine passes on.
    Virtual,
    /// A GPU of which the API tells no more, as OpenGL often does.
    Other,
    /// A program that runs on the CPU.
    Software,
}

impl AdapterKind {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discrete => "discrete",
            Self::Integrated => "integrated",
            Self::Virtual => "virtual",
            Self::Other => "other",
            Self::Software => "software",
        }
    }
}

impl Adapter {
    /// Describes one of an API's adapters, the `position`-th of its kind.
    pub(super) fn describe(found: &wgpu::Adapter, api: Api, position: usize) -> Self {
        let (info, limits, features) = (found.get_info(), found.limits(), found.features());
        let subgroups = (info.subgroup_min_size, info.subgroup_max_size);
        Self {
            name: one_line(&info.name),
            vendor: vendor(info.vendor),
            api,
            driver: one_line(&info.driver),
            driver_info: one_line(&info.driver_info),
            kind: kind(info.device_type),
            position,
            memory: memory::of_device(found),
            float16: features.contains(Features::SHADER_F16),
            subgroups: features.contains(Features::SUBGROUP).then_some(subgroups),
            limits: AdapterLimits {
                storage_binding: limits.max_storage_buffer_binding_size,
                workgroup_storage: limits.max_compute_workgroup_storage_size,
                workgroup_threads: limits.max_compute_invocations_per_workgroup,
            },
        }
    }

    /// Whether it is a program that runs on the CPU.
    pub fn is_software(&self) -> bool {
        self.kind == AdapterKind::Software
    }

    /// What a device on it is called: `gpu (NAME, API)`.
    pub fn device_name(&self) -> String {
        format!("gpu ({}, {})", self.name, self.api)
    }

    /// By what Burn finds it again. The API is always pinned, so that what was listed is what opens.
    pub(super) fn selector(&self) -> WgpuDevice {
        let kind = match self.kind {
            AdapterKind::Discrete => WgpuDeviceKind::DiscreteGpu(self.position),
            AdapterKind::Integrated => WgpuDeviceKind::IntegratedGpu(self.position),
            AdapterKind::Virtual => WgpuDeviceKind::VirtualGpu(self.position),
            AdapterKind::Other => WgpuDeviceKind::Other(self.position),
            AdapterKind::Software => WgpuDeviceKind::Cpu,
        };
        WgpuDevice::new(kind).on(self.api.pinned())
    }
}

#[cfg(test)]
impl Adapter {
    /// One that no machine has.
    pub(super) fn sample(name: &str, api: Api, kind: AdapterKind, position: usize) -> Self {
        Self {
            name: name.into(),
            vendor: "unknown".into(),
            api,
            driver: String::new(),
            driver_info: String::new(),
            kind,
            position,
            memory: None,
            float16: false,
            subgroups: None,
            limits: AdapterLimits { storage_binding: 0, workgroup_storage: 0, workgroup_threads: 0 },
        }
    }
}

pub(super) fn kind(found: DeviceType) -> AdapterKind {
    match found {
        DeviceType::DiscreteGpu => AdapterKind::Discrete,
        DeviceType::IntegratedGpu => AdapterKind::Integrated,
        DeviceType::VirtualGpu => AdapterKind::Virtual,
        DeviceType::Other => AdapterKind::Other,
        DeviceType::Cpu => AdapterKind::Software,
    }
}

/// A name for the number by which a PCI device, or the Vulkan registry, knows a vendor.
fn vendor(id: u32) -> String {
    let known = match id {
        0x1002 | 0x1022 => "AMD",
        0x10005 => "Mesa",
        0x1010 => "Imagination",
        0x106b => "Apple",
        0x10de => "NVIDIA",
        0x13b5 => "ARM",
        0x1414 => "Microsoft",
        0x14e4 => "Broadcom",
        0x15ad => "VMware",
        0x1ae0 => "Google",
        0x5143 => "Qualcomm",
        0x8086 => "Intel",
        0 => "unknown",
        _ => return format!("{id:#06x}"),
    };
    known.into()
}

/// A driver's text without anything that would break a table or an error's line.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendor_without_a_name_is_its_number() {
        assert_eq!([0x10de, 0x10005, 0xbeef, 0].map(vendor), ["NVIDIA", "Mesa", "0xbeef", "unknown"]);
    }

    #[test]
    fn a_drivers_text_becomes_one_line() {
        assert_eq!(one_line(" Mesa 22.3.6\n(LLVM\t15) \0"), "Mesa 22.3.6 (LLVM 15)");
    }
}
