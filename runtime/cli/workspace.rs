//! What an editor needs in a folder with scripts: type definitions, the library's sources, and where these are.

use std::{
    fs,
    path::{Path, PathBuf},
};

use moonburn::{Engine, Error, ScriptError, message, run::write_atomically, shipped};
use serde_json::Value;

use super::output::print;

/// The folder of the definitions and the sources.
pub const TYPES: &str = "types";

/// The definitions' file in it.
const DEFINITIONS: &str = "moonburn.d.lua";

/// The configuration of Lua's language servers: LuaLS and EmmyLua read it.
const CONFIGURATION: &str = ".luarc.json";

/// Its contents.
const CONFIGURED: &str = r#"{
  "runtime.version": "Lua 5.4",
  "workspace.library": ["types"],
  "workspace.checkThirdParty": false
}
"#;

/// Writes them into a folder, and returns what was written, relative to it. A configuration that is there stays as it is;
/// whether it names the folder of the types is up to who wrote it, and is told where it does not. Where the folder has a
/// library of its own, editors take that.
pub fn write(folder: &Path) -> Result<Vec<PathBuf>, ScriptError> {
    let types = Path::new(TYPES);
    let mut written = vec![types.join(DEFINITIONS)];
    write_file(&folder.join(&written[0]), Engine::new().definitions().as_bytes())?;
    if !folder.join(shipped::LIBRARY).is_dir() {
        for file in shipped::library() {
            write_file(&folder.join(types).join(file.path), file.bytes)?;
        }
        written.push(types.join(shipped::LIBRARY));
    }
    let configuration = folder.join(CONFIGURATION);
    if fs::symlink_metadata(&configuration).is_err() {
        write_file(&configuration, CONFIGURED.as_bytes())?;
        written.push(CONFIGURATION.into());
    } else if !names_types(&configuration) {
        let place = message::path(&configuration);
        print(&format!("left {place} as it is; editors find the types by \"workspace.library\": [\"types\"] in it"));
    }
    Ok(written)
}

/// Whether a configuration has the folder of the types among its libraries. One with comments is no JSON, and is told of.
fn names_types(configuration: &Path) -> bool {
    let text = fs::read_to_string(configuration).unwrap_or_default();
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    let library = value.get("workspace.library").or_else(|| value.pointer("/workspace/library"));
    let folders = library.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    folders.into_iter().any(|folder| folder.trim_start_matches("./").trim_end_matches('/') == TYPES)
}

/// Writes a file, and makes the folders that it lies in.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ScriptError> {
    let folder = path.parent().unwrap_or(Path::new(""));
    if !folder.as_os_str().is_empty() {
        fs::create_dir_all(folder).map_err(|error| Error::io("write", folder, error))?;
    }
    Ok(write_atomically(path, bytes)?)
}
