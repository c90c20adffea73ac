//! Where a script's kernels are, and reading them: through the VM's files, so that they are watched and recorded as
//! the script's own.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use mlua::Lua;

use crate::{
    Error, Result,
    files::text::unmarked,
    gpu::{Kernel, Source},
    lua::raised::innermost_line,
    message,
    run::Sources,
};

const OP: &str = "kernel";

/// Where the working directory has its kernels.
const FOLDER: &str = "shaders";

/// Finds a kernel's file, reads and checks it. A kernel that belongs to another one is first looked for beside that
/// one.
///
/// # Errors
/// There is no such file; it is no valid kernel.
pub(super) fn load(lua: &Lua, name: &str, other: Option<&Kernel>) -> Result<Kernel> {
    let sources = lua.app_data_ref::<Sources>().expect("every VM has its sources").clone();
    let places = places(lua, &sources, name, other);
    let found = chosen(&sources, &places).ok_or_else(|| missing(name, &places))?;
    Kernel::new(Source::read(found, &mut |places| match chosen(&sources, places) {
        Some(place) => Ok(Some((place.clone(), read(&sources, place)?))),
        None => Ok(None),
    })?)
}

/// The first place that has a file. A recorded file keeps its rank, even if a file was made since in an earlier place.
fn chosen<'a>(sources: &Sources, places: &'a [PathBuf]) -> Option<&'a PathBuf> {
    let recorded = places.iter().find(|place| sources.has_recorded(place));
    recorded.or_else(|| places.iter().find(|place| sources.has(place)))
}

/// Beside the script, in the working directory, and in its `shaders`.
fn places(lua: &Lua, sources: &Sources, name: &str, other: Option<&Kernel>) -> Vec<PathBuf> {
    // A chunk's name is text, which a path need not be.
    let path = |name: String| {
        let mut loaded = sources.files().into_iter().map(|file| file.path);
        loaded.find(|path| path.to_string_lossy() == name).unwrap_or_else(|| PathBuf::from(&name))
    };
    let script = innermost_line(lua).map(|(script, _)| path(script));
    let beside = script.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let mut places: Vec<PathBuf> = other.iter().map(|other| other.source().path().with_file_name(name)).collect();
    for place in [beside.join(name), PathBuf::from(name), Path::new(FOLDER).join(name)] {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

fn read(sources: &Sources, path: &Path) -> Result<String> {
    let bytes = sources.open(path).map_err(|error| Error::io(OP, path, error))?;
    let text = unmarked(&bytes).map_err(|reason| Error::data(OP, path, reason))?;
    String::from_utf8(text.to_vec()).map_err(|_| Error::data(OP, path, "is not UTF-8 text"))
}

/// Says where it was looked for, and which file of such a name there is.
fn missing(name: &str, places: &[PathBuf]) -> Error {
    let listed: Vec<_> = places.iter().map(|place| message::path(place)).collect();
    let mut reason = format!("no file '{}': there is no {}", message::name(name), listed.join(", nor "));
    let near = places.iter().flat_map(|place| neighbours(place)).max_by(|(a, _), (b, _)| a.total_cmp(b));
    if let Some((likeness, path)) = near
        && likeness > 0.75
    {
        reason += &format!("; did you mean {}?", message::path(&path));
    }
    Error::State { op: OP, reason }
}

/// The shaders beside a file that is not there, each with how much its name is like that one's.
fn neighbours(place: &Path) -> Vec<(f64, PathBuf)> {
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wanted = place.file_stem().map(OsStr::to_string_lossy).unwrap_or_default();
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_shader = path.extension().is_some_and(|end| end == "wgsl");
            let name = path.file_stem()?.to_string_lossy().into_owned();
            let shown = place.with_file_name(path.file_name()?);
            is_shader.then(|| (strsim::jaro_winkler(&wanted, &name), shown))
        })
        .collect();
    // A folder has no order of its own.
    found.sort_by(|a, b| a.1.cmp(&b.1));
    found
}
