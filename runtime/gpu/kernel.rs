//! A kernel: WGSL that has been read and checked, ready for any device.

use std::{ops::Range, sync::Arc};

use super::{
    Interface, Source,
    code::{Code, is_checking},
};
use crate::{Error, Result};

/// One compute shader. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Kernel(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    name: String,
    source: Source,
    interface: Interface,
    code: Code,
    widened: Code,
    /// Whether it is the runtime's own.
    is_trusted: bool,
}

impl Kernel {
    /// Checks a source. Its overrides have their defaults.
    ///
    /// # Errors
    /// As [`Interface::of`].
    pub fn new(source: Source) -> Result<Self> {
        Self::with(source, &[], false)
    }

    /// A kernel of the runtime's own, with its overrides' defaults. It is compiled without checks: its text guards every
    /// index, ends every loop, divides by no 0 and writes workgroup memory before it reads it.
    ///
    /// # Panics
    /// Where its text is not valid; a test compiles each.
    pub(crate) fn built_in(name: &str, text: &str) -> Self {
        Self::with(Source::built_in(name, text), &[], true).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same text with other values of its overrides by their names; those left out have their defaults. So one text
    /// serves several sizes of a workgroup. It is read again: keep what this returns.
    ///
    /// # Errors
    /// An override that is not there, or cannot have the value.
    pub fn with_constants(&self, constants: &[(&str, f64)]) -> Result<Self> {
        Self::with(self.0.source.clone(), constants, self.0.is_trusted)
    }

    fn with(source: Source, constants: &[(&str, f64)], is_trusted: bool) -> Result<Self> {
        let interface = Interface::of(&source, constants)?;
        let name = source.path().display().to_string();
        let code = |text: &str| Code::new(text, &interface.constants).trusted(is_trusted);
        let (plain, widened) = (code(source.text()), code(&widened(source.text(), &interface.read_only)));
        Ok(Self(Arc::new(Parts { name, source, interface, code: plain, widened, is_trusted })))
    }

    /// Its file, as it was named.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its text and the files that it is from.
    pub fn source(&self) -> &Source {
        &self.0.source
    }

    /// What the device compiles. Burn's tensors are parts of few large buffers, and within one pass a buffer may not be
    /// both read-only and written to. A launch that needs both gets a text in which every buffer is declared as written
    /// to. An earlier check has made sure that no input is written to.
    pub(super) fn code(&self, shares_memory: bool) -> Code {
        let code = if shares_memory { &self.0.widened } else { &self.0.code };
        if self.is_trusted() { code.clone() } else { code.trusted(false) }
    }

    /// An error where a device lacks what it computes with.
    ///
    /// # Errors
    /// It computes with f16, and the device's shaders do not.
    pub(crate) fn check_on(&self, device: &wgpu::Device) -> Result<()> {
        if self.interface().has_float16 && !device.features().contains(wgpu::Features::SHADER_F16) {
            let reason = "computes with f16, which this device's shaders do not".into();
            return Err(Error::Kernel { kernel: self.name().into(), reason });
        }
        Ok(())
    }

    /// Whether it runs without checks: the runtime's own, outside of [`super::checked`].
    pub(super) fn is_trusted(&self) -> bool {
        self.0.is_trusted && !is_checking()
    }

    /// What it binds.
    pub fn interface(&self) -> &Interface {
        &self.0.interface
    }
}

/// The text with the access of these declarations widened.
fn widened(text: &str, declarations: &[Range<usize>]) -> String {
    let mut widened = text.to_owned();
    let mut declarations = declarations.to_vec();
    declarations.sort_by_key(|range| std::cmp::Reverse(range.start));
    for range in declarations {
        let declared = &text[range.clone()];
        let open = declared.find("var").and_then(|var| Some(var + declared[var..].find('<')?));
        let Some((open, close)) = open.and_then(|open| Some((open, open + declared[open..].find('>')?))) else {
            continue;
        };
        widened.replace_range(range.start + open..range.start + close, "<storage, read_write");
    }
    widened
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_shader_is_a_valid_kernel_as_it_lies_on_the_disk() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let shaders: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "wgsl")).collect();
        assert!(shaders.len() >= 5, "{shaders:?}");
        for path in shaders {
            let read = Source::read(&path, &mut |places| {
                Ok(places.iter().find_map(|place| Some((place.clone(), std::fs::read_to_string(place).ok()?))))
            })
            .unwrap();
            let kernel = Kernel::new(read).unwrap_or_else(|error| panic!("{error}"));
            Interface::of(&Source::built_in("as the device gets it", &kernel.code(true).text), &[]).unwrap();
        }
    }

    #[test]
    fn the_device_may_bind_an_input_beside_an_output_of_the_same_memory() {
        let text = "@group(0) @binding(0) var<storage> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var < storage , read > z: array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = x[0] + z[0]; }";
        let kernel = Kernel::built_in("k.wgsl", text);
        let widened = kernel.code(true).text;
        assert_eq!(widened.matches("<storage, read_write").count(), 3, "{widened}");
        assert!(Interface::of(&Source::built_in("k.wgsl", &widened), &[]).is_ok());
    }
}
