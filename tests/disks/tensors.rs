//! What `mb.io` writes to a disk that has no room for it.

use std::{fs, process::Command};

use super::{Outcome, disk::Disk, expect};

const SCRIPT: &str = r#"
local mb = require "moonburn"
return {
  options = { size = 1, at = "" },
  train = function(_, o)
    local tensors = { x = mb.ones(o.size) }
    for _, save in ipairs {
      function() mb.io.save_npy(tensors.x, o.at .. "/a.npy") end,
      function() mb.io.save_npz(tensors, o.at .. "/a.npz") end,
      function() mb.io.save_safetensors(tensors, o.at .. "/a.safetensors") end,
      function() mb.io.save_image(mb.rand(o.size, 100), o.at .. "/a.png") end,
    } do
      local ok, why = pcall(save)
      print(ok, why)
    end
  end,
}
"#;

const FILES: [&str; 4] = ["a.npy", "a.npz", "a.safetensors", "a.png"];

/// Small files are written, the disk is filled, and large ones are tried in their place.
pub fn full() -> Outcome {
    let (disk, folder) = (Disk::mount("1m")?, tempfile::tempdir()?);
    fs::write(folder.path().join("save.lua"), SCRIPT)?;
    let save = |out: &str, size: &str| {
        let at = format!("at={}", disk.path().display());
        let size = format!("size={size}");
        let arguments = ["run", "save.lua", "--device", "cpu", "--out", out, "--set", &size, "--set", &at];
        let output = Command::new(env!("CARGO_BIN_EXE_moonburn")).args(arguments).current_dir(folder.path()).output();
        output.map(|output| String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let text = save("first", "10")?;
    expect(text.matches("true").count() == 4, &text)?;
    let read = || FILES.map(|name| fs::read(disk.path().join(name)).unwrap_or_default());
    let before = read();
    disk.fill();
    let text = save("second", "100000")?;
    for name in FILES {
        let want = format!("write: {}: No space left on device", disk.path().join(name).display());
        expect(text.contains(&want), &text)?;
    }
    expect(read() == before, "the old files stay")?;
    expect(fs::read_dir(disk.path())?.count() == FILES.len() + 1, "no part of a new one is left")
}
