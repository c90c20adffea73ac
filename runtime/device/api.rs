//! The graphics APIs that adapters are reached through, and which of them a platform has.

use std::fmt;

use cubecl_wgpu::WgpuBackend;
use serde::{Deserialize, Serialize};
use wgpu::Backend;

/// A graphics API. The order is that of preference where one adapter is reached through several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// Vulkan, on Linux, Windows, Android and BSD.
    Vulkan,
    /// Metal, on Apple's systems.
    Metal,
    /// Direct3D 12, on Windows.
    Dx12,
    /// OpenGL or OpenGL ES, the last resort.
    Gl,
}

impl Api {
    /// Every API that there is, on this platform or not.
    pub const ALL: [Self; 4] = [Self::Vulkan, Self::Metal, Self::Dx12, Self::Gl];

    /// Those that this platform has, whether or not a driver is installed.
    pub fn of_platform() -> Vec<Self> {
        let compiled = wgpu::Instance::enabled_backend_features();
        Self::ALL.into_iter().filter(|api| compiled.contains(api.backend().into())).collect()
    }

    /// As it is written: `vulkan`, `metal`, `dx12` or `gl`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vulkan => "vulkan",
            Self::Metal => "metal",
            Self::Dx12 => "dx12",
            Self::Gl => "gl",
        }
    }

    pub(super) fn backend(self) -> Backend {
        match self {
            Self::Vulkan => Backend::Vulkan,
            Self::Metal => Backend::Metal,
            Self::Dx12 => Backend::Dx12,
            Self::Gl => Backend::Gl,
        }
    }

    /// What Burn calls it.
    pub(super) fn pinned(self) -> WgpuBackend {
        match self {
            Self::Vulkan => WgpuBackend::Vulkan,
            Self::Metal => WgpuBackend::Metal,
            Self::Dx12 => WgpuBackend::Dx12,
            Self::Gl => WgpuBackend::Gl,
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
