//! A kernel: WGSL that has been read and checked, ready for any device.

use std::{ops::Range, sync::Arc};

use super::{Interface, Source};
use crate::Result;

/// One compute shader. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Kernel(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    name: String,
    source: Source,
    interface: Interface,
    text: Arc<str>,
    widened: Arc<str>,
}

impl Kernel {
    /// Checks a source.
    ///
    /// # Errors
    /// As [`Interface::of`].
    pub fn new(source: Source) -> Result<Self> {
        let interface = Interface::of(&source)?;
        let name = source.path().display().to_string();
        let (text, widened) = (source.text().into(), widened(source.text(), &interface.read_only).into());
        Ok(Self(Arc::new(Parts { name, source, interface, text, widened })))
    }

    /// A kernel of the runtime's own.
    ///
    /// # Panics
    /// Where its text is not valid; a test compiles each.
    pub(crate) fn built_in(name: &str, text: &str) -> Self {
        Self::new(Source::built_in(name, text)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Its file, as it was named.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its text and the files that it is from.
    pub fn source(&self) -> &Source {
        &self.0.source
    }

    /// The text that the device compiles. Burn's tensors are parts of few large buffers, and within one pass a buffer
    /// may not be both read-only and written to. A launch that needs both gets a text in which every buffer is declared
    /// as written to. An earlier check has made sure that no input is written to.
    pub(super) fn device_text(&self, shares_memory: bool) -> &Arc<str> {
        if shares_memory { &self.0.widened } else { &self.0.text }
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
            Interface::of(&Source::built_in("as the device gets it", kernel.device_text(true))).unwrap();
        }
    }

    #[test]
    fn the_device_may_bind_an_input_beside_an_output_of_the_same_memory() {
        let text = "@group(0) @binding(0) var<storage> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var < storage , read > z: array<f32>;
@compute @workgroup_size(1) fn main() { y[0] = x[0] + z[0]; }";
        let kernel = Kernel::built_in("k.wgsl", text);
        let widened = kernel.device_text(true);
        assert_eq!(widened.matches("<storage, read_write").count(), 3, "{widened}");
        assert!(Interface::of(&Source::built_in("k.wgsl", widened)).is_ok());
    }
}
