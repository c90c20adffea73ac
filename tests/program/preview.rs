//! The command `preview`, and what `bench` tells of a script's augmentations.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

const SCRIPT: &str = r#"
local mb = require "moonburn"
local a = mb.augment
local experiment = { options = { batch = 8, size = 16 } }
function experiment.setup(session, o)
  session.images  = mb.data.images("shapes", { count = 20 })
  session.encoder = mb.nn.sequential { mb.nn.flatten(), mb.nn.linear(3 * 16 * 16, 4) }
  session.optimizer = mb.optim.sgd { lr = 0.1 }
  session:plan(1)
end
function experiment.episode(session, o)
  local function fog(images, draw) return images * draw:uniform(0.5, 1, 1, 1, 1) end
  return mb.episode.views(session.images:next(o.batch), { augment = a.chain { a.random_resized_crop { size = o.size }, fog, a.invert { p = 1 } } })
end
function experiment.loss(session, episode) return mb.loss.nt_xent(session.encoder(episode.images), { views = 2 }) end
return experiment
"#;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.args(arguments).current_dir(folder).env("MOONBURN_DEVICE", "cpu").output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn with_script(name: &str, script: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join(name), script).expect("a script");
    folder
}

#[test]
fn a_preview_prints_the_chain_and_makes_one_picture_of_it() {
    let folder = with_script("my fog.lua", SCRIPT);
    let output = run(folder.path(), &["preview", "my fog.lua", "--out", "views.png", "--images", "2", "--views", "4"]);
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{shown}{said}");
    let lines: Vec<&str> = shown.lines().map(str::trim).collect();
    assert_eq!(lines[0], "chain {");
    assert!(lines[1].starts_with("random_resized_crop { size = 16, "), "{shown}");
    assert_eq!(lines[2..5], ["function at my fog.lua:12,", "invert { p = 1 },", "}"], "{shown}");
    assert_eq!(lines[5], "views.png: 4 views of 2 images");
    let picture = image::open(folder.path().join("views.png")).expect("a picture").to_rgb8();
    // Two images of 5 tiles each: two rows under the title.
    assert!(picture.width() == 872 && picture.height() > 400, "{:?}", picture.dimensions());
    let entries = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(entries, 2, "nothing but the script and the picture");
}

#[test]
fn a_preview_of_what_makes_no_views_or_cannot_be_written_says_so() {
    let script = "return { train = function(session) for _ in session:steps(1) do end end }";
    let folder = with_script("none.lua", script);
    let output = run(folder.path(), &["preview", "none.lua"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("preview: the script's first step makes no views"), "{said}");
    let output = run(folder.path(), &["preview", "none.lua", "--out", "missing/views.png"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--out: missing: no such folder"), "{}", text(&output.stderr));
    for arguments in [["--views", "0"], ["--images", "33"]] {
        let output = run(folder.path(), &["preview", "none.lua", arguments[0], arguments[1]]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("must be a whole number from 1 to"), "{}", text(&output.stderr));
    }
}

#[test]
fn bench_tells_what_each_step_of_a_scripts_augmentations_takes() {
    let folder = with_script("fog.lua", SCRIPT);
    let arguments = ["bench", "--script", "fog.lua", "--batch", "16", "--steps", "3", "--warmup", "1"];
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines: Vec<Value> = text(&output.stdout).lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let steps: Vec<&str> = lines.iter().map(|line| line["step"].as_str().expect("a step")).collect();
    assert!(steps[0].contains("random_resized_crop"), "{steps:?}");
    assert_eq!(steps[1], "function at fog.lua:12");
    assert!(steps.len() == 3 && steps[2].contains("invert"), "{steps:?}");
    let shares: f64 = lines.iter().map(|line| line["share"].as_f64().expect("a share")).sum();
    assert!((shares - 1.0).abs() < 0.01, "{shares}");
    assert!(lines.iter().all(|line| line["batch"] == 16 && line["views_per_s"].as_f64().expect("a rate") > 0.0));
}
