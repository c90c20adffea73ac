//! The parsing of files. Whether they parse at all is told in a VM that runs nothing, on any thread, while a step runs.

use std::path::{Path, PathBuf};

use mlua::{Error, Function, Lua, LuaOptions, StdLib, chunk::ChunkMode};

use super::ScriptError;

/// What a file's text does. Its errors name the file, also those that have no line.
pub fn parse(lua: &Lua, path: &Path, bytes: Vec<u8>) -> mlua::Result<Function> {
    let name = path.display().to_string();
    let chunk = lua.load(bytes).set_name(format!("@{name}")).set_mode(ChunkMode::Text);
    chunk.into_function().map_err(|error| match error {
        Error::SyntaxError { message, incomplete_input } if !message.starts_with(&name) => {
            Error::SyntaxError { message: format!("{name}: {message}"), incomplete_input }
        }
        error => error,
    })
}

/// The first error of syntax in files of Lua; none in others, nor in files that cannot be read.
pub fn first_error(files: &[PathBuf]) -> Option<ScriptError> {
    let lua = Lua::new_with(StdLib::NONE, LuaOptions::new()).ok()?;
    let error_of = |path: &PathBuf| parse(&lua, path, std::fs::read(path).ok()?).err().map(ScriptError::from);
    files.iter().filter(|path| path.extension().is_some_and(|end| end == "lua")).find_map(error_of)
}
