//! The kernels of convolutions, in every form that there is: by tile, and by whether four channels are read and written at
//! once. Each is read when it is first used.

use std::sync::OnceLock;

use super::{
    plan::Tile,
    template::{replaced, unrolled},
};
use crate::{gpu::Kernel, tensor::cpu::Geometry};

/// A kernel that is written once for all forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Outputs from pixels, and gradients by pixels.
    Gather,
    /// Gradients by the weight.
    ByWeight,
}

/// One form of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub tile: Tile,
    /// Whether four channels are read and written at once.
    pub is_wide: bool,
}

impl Form {
    /// What a convolution takes with a tile: channels of a group, of both sides, in fours or not.
    pub fn of(geometry: &Geometry, tile: Tile) -> Self {
        let is_wide = geometry.channels.is_multiple_of(4) && geometry.outputs.is_multiple_of(4);
        Self { tile, is_wide }
    }
}

/// The kernel of a family in a form.
pub(super) fn kernel(family: Family, form: Form) -> &'static Kernel {
    const BLOCKS: usize = 2;
    static KERNELS: [OnceLock<Kernel>; 4 * BLOCKS * BLOCKS] = [const { OnceLock::new() }; 4 * BLOCKS * BLOCKS];
    let of_tile = (form.tile.down - 1) * BLOCKS + form.tile.across - 1;
    let place = (of_tile * 2 + usize::from(form.is_wide)) * 2 + usize::from(family == Family::ByWeight);
    KERNELS[place].get_or_init(|| {
        let (name, text) = match family {
            Family::Gather => ("convolution.wgsl", include_str!("../../../../shaders/convolution.wgsl")),
            Family::ByWeight => {
                ("convolution_by_weight.wgsl", include_str!("../../../../shaders/convolution_by_weight.wgsl"))
            }
        };
        Kernel::built_in(name, &written(family, form, text).expect("a text on disk has the lines that forms replace"))
    })
}

fn written(family: Family, form: Form, text: &str) -> Option<String> {
    let Form { tile, is_wide } = form;
    let mut lines = vec![
        ("const BLOCKS_DOWN = 1u;", format!("const BLOCKS_DOWN = {}u;", tile.down)),
        ("const BLOCKS_ACROSS = 1u;", format!("const BLOCKS_ACROSS = {}u;", tile.across)),
    ];
    if !is_wide {
        lines.push(("alias Number = vec4f;", "alias Number = f32;".into()));
        lines.push(("const LOADS = 1u;", "const LOADS = 4u;".into()));
        if family == Family::Gather {
            lines.push(("return quad;", "return quad.x;".into()));
        }
    }
    unrolled(&replaced(text, &lines)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::Access;

    #[test]
    fn every_form_is_a_valid_kernel_with_the_bindings_of_its_family() {
        for (down, across) in [(1, 1), (2, 1), (1, 2), (2, 2)] {
            for is_wide in [false, true] {
                for (family, names) in [
                    (Family::Gather, ["source", "weight", "output"]),
                    (Family::ByWeight, ["source", "by_output", "parts"]),
                ] {
                    let interface = kernel(family, Form { tile: Tile { down, across }, is_wide }).interface();
                    assert_eq!(interface.threads(), 256);
                    // WebGPU promises 16,384, and a tile of 128 by 128 takes 256 more; a launch asks the device.
                    assert!(interface.shared_bytes <= 16640, "{} bytes", interface.shared_bytes);
                    let bindings = &interface.bindings;
                    assert!(bindings.iter().map(|binding| &binding.name).eq(names.iter()));
                    assert_eq!(bindings[0].element.lanes, if is_wide { 4 } else { 1 });
                    assert_eq!(bindings[2].access, Access::Write);
                }
            }
        }
    }
}
