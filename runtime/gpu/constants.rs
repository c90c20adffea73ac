//! Values of a kernel's overrides: `override TILE: u32 = 16u;` is a constant of the text that a kernel may have another
//! value of, so that one text serves several sizes of a workgroup and its memory.

use std::borrow::Cow;

use naga::{
    Module, ShaderStage,
    back::{
        PipelineConstants,
        pipeline_constants::{PipelineConstantError, process_overrides},
    },
    valid::ModuleInfo,
};

use super::Source;
use crate::{Error, Result, message};

/// An override's value, under the name that wgpu knows it by: its number where it has one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Constant {
    pub key: String,
    pub value: f64,
}

/// The given values under wgpu's names.
///
/// # Errors
/// A name that is none of the overrides.
pub(super) fn known(source: &Source, module: &Module, given: &[(&str, f64)]) -> Result<Vec<Constant>> {
    let named = |wanted: &str| {
        let mut overrides = module.overrides.iter().map(|(_, constant)| constant);
        overrides.find(|constant| constant.name.as_deref() == Some(wanted))
    };
    let names = || module.overrides.iter().filter_map(|(_, constant)| constant.name.clone());
    let constant = |(name, value): &(&str, f64)| match named(name) {
        Some(found) => {
            let key = found.id.map_or_else(|| (*name).to_owned(), |number| number.to_string());
            Ok(Constant { key, value: *value })
        }
        None => Err(Error::unknown(message::path(source.path()), "constant", *name, names())),
    };
    given.iter().map(constant).collect()
}

/// The module with each override replaced by its value, and what is known of it. Holds what `main` uses alone.
///
/// # Errors
/// An override without a value; a value that its type cannot hold, or that makes the kernel invalid.
pub(super) fn resolved<'a>(
    source: &Source,
    module: &'a Module,
    info: &'a ModuleInfo,
    constants: &[Constant],
) -> Result<(Cow<'a, Module>, Cow<'a, ModuleInfo>)> {
    let values: PipelineConstants = constants.iter().map(|constant| (constant.key.clone(), constant.value)).collect();
    process_overrides(module, info, Some((ShaderStage::Compute, "main")), &values).map_err(|error| {
        let reason = match error {
            PipelineConstantError::MissingValue(name) => format!("override '{name}' has neither a value nor a default"),
            PipelineConstantError::SrcNeedsToBeFinite => "the value of an override is not finite".into(),
            PipelineConstantError::DstRangeTooSmall => "the value of an override is none of its type".into(),
            PipelineConstantError::NegativeWorkgroupSize => "a side of its workgroup is not positive".into(),
            PipelineConstantError::ValidationError(error) => message::causes(error.as_inner()),
            other => other.to_string(),
        };
        Error::Kernel { kernel: message::path(source.path()), reason }
    })
}

#[cfg(test)]
mod tests {
    use crate::gpu::{Interface, Kernel, Source};

    const TILED: &str = "
override SIDE: u32 = 8u;
override DEEP: u32 = SIDE * 2u;
@id(7) override factor: f32 = 1.0;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
var<workgroup> tile: array<f32, SIDE * DEEP>;
@compute @workgroup_size(SIDE, SIDE)
fn main(@builtin(local_invocation_index) i: u32) {
    tile[i] = factor * x[i];
    workgroupBarrier();
    y[i] = tile[SIDE * SIDE - 1u - i];
}
";

    fn of(constants: &[(&str, f64)]) -> crate::Result<Interface> {
        Interface::of(&Source::built_in("k.wgsl", TILED), constants)
    }

    #[test]
    fn sizes_follow_from_the_values_of_the_overrides() {
        let sizes = |constants: &[(&str, f64)]| {
            let interface = of(constants).unwrap();
            (interface.workgroup, interface.shared_bytes)
        };
        assert_eq!(sizes(&[]), ([8, 8, 1], 4 * 8 * 16));
        assert_eq!(sizes(&[("SIDE", 16.0), ("factor", 0.5)]), ([16, 16, 1], 4 * 16 * 32));
        assert_eq!(sizes(&[("SIDE", 4.0), ("DEEP", 3.0)]), ([4, 4, 1], 4 * 4 * 3));
    }

    #[test]
    fn one_text_makes_kernels_of_several_sizes() {
        let plain = Kernel::built_in("k.wgsl", TILED);
        let wide = plain.with_constants(&[("SIDE", 16.0)]).unwrap();
        assert_eq!((plain.interface().threads(), wide.interface().threads()), (64, 256));
        assert_ne!(plain.code(false), wide.code(false));
        assert_eq!(plain.code(false), Kernel::built_in("k.wgsl", TILED).code(false));
    }

    #[test]
    fn a_value_that_does_not_fit_is_an_error_that_says_why() {
        let refused = |constants: &[(&str, f64)]| of(constants).unwrap_err().to_string();
        assert_eq!(refused(&[("SIZE", 1.0)]), "k.wgsl: unknown constant 'SIZE'; did you mean 'SIDE'?");
        assert_eq!(refused(&[("SIDE", f64::NAN)]), "k.wgsl: the value of an override is not finite");
        assert_eq!(refused(&[("SIDE", -1.0)]), "k.wgsl: the value of an override is none of its type");
        assert!(refused(&[("SIDE", 0.0)]).starts_with("k.wgsl: "), "{}", refused(&[("SIDE", 0.0)]));
        let text = TILED.replace("SIDE: u32 = 8u", "SIDE: u32");
        let missing = Interface::of(&Source::built_in("k.wgsl", &text), &[]).unwrap_err().to_string();
        assert_eq!(missing, "k.wgsl: override 'SIDE' has neither a value nor a default");
    }
}
