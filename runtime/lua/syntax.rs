//! The parsing of files. A VM that runs nothing says whether they parse, on any thread, while a step runs. Kernels are
//! parsed in the same way.

use std::path::{Path, PathBuf};

use mlua::{Error, Function, Lua, LuaOptions, StdLib, chunk::ChunkMode};

use super::ScriptError;
use crate::{
    files::regular,
    files::text::{of_lua, unmarked},
    gpu::{Kernel, Source},
};

/// What a file's text does. Its errors name the file, also those that have no line.
pub fn parse(lua: &Lua, path: &Path, bytes: Vec<u8>) -> mlua::Result<Function> {
    let name = path.display().to_string();
    let text = of_lua(&bytes)
        .map_err(|reason| Error::SyntaxError { message: format!("{name}: {reason}"), incomplete_input: false })?;
    let chunk = lua.load(text).set_name(format!("@{name}")).set_mode(ChunkMode::Text);
    chunk.into_function().map_err(|error| match error {
        Error::SyntaxError { message, incomplete_input } if !message.starts_with(&name) => {
            Error::SyntaxError { message: format!("{name}: {message}"), incomplete_input }
        }
        // Parentheses in parentheses without end.
        Error::RuntimeError(message) if !message.starts_with(&name) => {
            Error::RuntimeError(format!("{name}: {message}"))
        }
        error => error,
    })
}

/// The first error of syntax in files of Lua, or of any kind in kernels; none in others, nor in files that cannot be
/// read.
pub fn first_error(files: &[PathBuf]) -> Option<ScriptError> {
    let lua = Lua::new_with(StdLib::NONE, LuaOptions::new()).ok()?;
    let error_of = |path: &PathBuf| parse(&lua, path, regular::read(path).ok()?).err().map(ScriptError::from);
    let are = |end: &'static str| files.iter().filter(move |path| path.extension().is_some_and(|found| found == end));
    are("lua").find_map(error_of).or_else(|| are("wgsl").find_map(|path| error_of_kernel(path)))
}

/// A kernel that includes nothing is whole in its file. Mistakes that span several files are reported when the script
/// is loaded, since that notes all files.
fn error_of_kernel(path: &Path) -> Option<ScriptError> {
    let text = String::from_utf8(unmarked(&regular::read(path).ok()?).ok()?.to_vec()).ok()?;
    let source = Source::read(path, &mut |places| {
        Ok(places.iter().any(|place| place == path).then(|| (path.to_owned(), text.clone())))
    })
    .ok()?;
    if !text.contains("@compute") {
        return None;
    }
    Kernel::new(source).err().map(ScriptError::from)
}
