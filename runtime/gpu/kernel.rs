//! A kernel: WGSL that has been read and checked, ready for any device.

use std::{path::Path, sync::Arc};

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
}

impl Kernel {
    /// Checks a source.
    ///
    /// # Errors
    /// As [`Interface::of`].
    pub fn new(source: Source) -> Result<Self> {
        let interface = Interface::of(&source)?;
        let name = source.path().display().to_string();
        Ok(Self(Arc::new(Parts { name, source, interface })))
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

    /// What it binds.
    pub fn interface(&self) -> &Interface {
        &self.0.interface
    }

    /// Every file that it is made of.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.source.paths()
    }
}
