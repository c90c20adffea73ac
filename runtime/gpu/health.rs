//! What a device reports when something goes wrong: errors of single calls, and its loss.

use wgpu::{Error, ErrorScopeGuard};

/// The first failure that the scopes caught, in one line. They close in the opposite order of their opening.
pub(super) fn failure<const N: usize>(scopes: [ErrorScopeGuard; N]) -> Option<String> {
    let mut found = None;
    for scope in scopes.into_iter().rev() {
        if let Some(error) = pollster::block_on(scope.pop()) {
            found = Some(line(&error));
        }
    }
    found
}

/// wgpu's message without its tree of contexts.
fn line(error: &Error) -> String {
    match error {
        Error::OutOfMemory { .. } => "out of memory".into(),
        Error::Validation { description, .. } | Error::Internal { description, .. } => {
            let lines = description.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.last().unwrap_or("the device refused it").to_owned()
        }
    }
}
