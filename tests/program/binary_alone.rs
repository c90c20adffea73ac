//! The program in an empty folder, far from its sources: new experiments, examples, the library, help.

use std::{fs, path::Path, process::Command};

/// The program in a folder: its exit code, and what it says.
fn moonburn(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.args(arguments).current_dir(folder).env("MOONBURN_DEVICE", "cpu");
    let output = command.output().expect("the program starts");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).trim_end().to_owned())
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder can be made");
    fs::write(path, text).expect("the file can be written");
}

#[test]
fn a_new_experiment_of_every_template_passes_a_check() {
    let folder = folder();
    // What a kernel computes is its own business: that needs an adapter.
    for template in ["simclr", "episodes", "few-shot", "maml"] {
        let (code, text) = moonburn(folder.path(), &["new", template, "--template", template]);
        assert_eq!(code, Some(0), "{text}");
        let made = folder.path().join(template);
        for file in ["train.lua", ".luarc.json", ".gitignore", "README.md", "types/moonburn.d.lua", "types/train.d.lua"]
        {
            assert!(made.join(file).is_file(), "{template}: {file}");
        }
        assert!(made.join("types/moonburn/heads/nt_xent.lua").is_file());
        let (code, text) = moonburn(&made, &["check", "train.lua"]);
        assert!(code == Some(0) && text.contains("train.lua: ok"), "{template}: {text}");
    }
    let (code, _) = moonburn(folder.path(), &["new", "kernel", "--template", "kernel"]);
    assert_eq!(code, Some(0));
    let made = folder.path().join("kernel");
    assert!(made.join("swish.wgsl").is_file() && made.join("shared/logistic.wgsl").is_file());
}

#[test]
fn a_new_experiment_takes_no_folder_that_is_there_and_no_template_that_there_is_not() {
    let folder = folder();
    write(&folder.path().join("mine/notes.txt"), "mine");
    assert_eq!(
        moonburn(folder.path(), &["new", "mine"]),
        (Some(2), "new: mine is not empty: there is notes.txt".into())
    );
    assert_eq!(fs::read_dir(folder.path().join("mine")).expect("it is there").count(), 1);
    let (code, text) = moonburn(folder.path(), &["new", "other", "--template", "simcl"]);
    assert!(code == Some(2) && text.contains("did you mean 'simclr'?"), "{text}");
    assert!(!folder.path().join("other").exists());
}

#[test]
fn a_new_experiment_loses_nothing_and_tells_how_to_get_into_it() {
    let folder = folder();
    write(&folder.path().join("train.lua"), "mine");
    // A folder that is there only once another one has been made.
    let (code, text) = moonburn(folder.path(), &["new", "x/.."]);
    assert_eq!((code, text.as_str()), (Some(2), "new: x/.. is not empty: there is train.lua"));
    assert_eq!(fs::read_to_string(folder.path().join("train.lua")).expect("it is there"), "mine");
    let (code, text) = moonburn(folder.path(), &["new", "train.lua"]);
    assert_eq!((code, text.as_str()), (Some(2), "new: train.lua is there already and no folder"));
    // A repository of nothing yet is an empty folder.
    fs::create_dir_all(folder.path().join("my runs/.git")).expect("the folder can be made");
    let (code, text) = moonburn(folder.path(), &["new", "my runs"]);
    assert!(code == Some(0) && text.contains("\n    cd 'my runs'\n    moonburn run train.lua\n"), "{text}");
    fs::create_dir(folder.path().join("here")).expect("the folder can be made");
    let (code, text) = moonburn(&folder.path().join("here"), &["new", "."]);
    assert!(code == Some(0) && !text.contains("cd "), "{text}");
    let readme = fs::read_to_string(folder.path().join("here/README.md")).expect("it was made");
    assert!(readme.starts_with("# here\n") && readme.lines().count() <= 10, "{readme}");
}

#[test]
fn the_library_is_required_from_anywhere_and_a_file_beside_the_script_goes_first() {
    let folder = folder();
    let script = "local head = require(\"moonburn.heads.nt_xent\")\nlocal former = require \"lib.heads.nt_xent\"\n\
                  print(head == former, type(head) == \"table\" and head.mine or \"built in\")\nerror(\"enough\")\n";
    write(&folder.path().join("a b/train.lua"), script);
    for (from, name) in [(folder.path().to_owned(), "a b/train.lua"), (folder.path().join("a b"), "train.lua")] {
        let (_, text) = moonburn(&from, &["check", name]);
        assert!(text.contains("true\tbuilt in"), "{text}");
    }
    write(&folder.path().join("a b/moonburn/heads/nt_xent.lua"), "return { mine = \"mine\" }");
    let (_, text) = moonburn(folder.path(), &["check", "a b/train.lua"]);
    assert!(text.contains("true\tmine"), "{text}");
}

#[test]
fn an_error_inside_the_library_names_its_file_and_the_line_that_called_it() {
    let folder = folder();
    let script = "local self_supervised = require \"moonburn.self_supervised\"\n\
                  self_supervised.refuse_rotated_classes { rotate = 1, rotations = 1 }\n";
    write(&folder.path().join("train.lua"), script);
    let (code, text) = moonburn(folder.path(), &["check", "train.lua"]);
    assert!(code == Some(1) && text.contains("train.lua:2: this scheme makes its own classes"), "{text}");
}

#[test]
fn a_run_keeps_the_library_that_it_was_trained_with() {
    let folder = folder();
    let (code, text) = moonburn(folder.path(), &["new", "mine", "--template", "episodes"]);
    assert_eq!(code, Some(0), "{text}");
    let run = ["run", "train.lua", "--set", "steps=2", "--set", "ways=8", "--out", "run"];
    let made = folder.path().join("mine");
    let (code, text) = moonburn(&made, &run);
    assert_eq!(code, Some(0), "{text}");
    let journal = fs::read_to_string(made.join("run/journal.jsonl")).expect("a run has a journal");
    assert!(journal.contains("built-in/moonburn/heads/prototypes.lua"), "{journal}");
    let (code, text) = moonburn(&made, &["replay", "run", "--out", "again"]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn examples_are_listed_and_copied_with_what_they_need() {
    let folder = folder();
    let (code, text) = moonburn(folder.path(), &["examples"]);
    assert!(code == Some(0) && text.lines().count() > 20, "{text}");
    assert!(text.contains("SimCLR (Chen et al., ICML 2020)"), "{text}");
    let (code, text) = moonburn(folder.path(), &["examples", "--copy", "kernel_activation"]);
    let want = "wrote kernel_activation.lua\nwrote swish.wgsl\nwrote shared/logistic.wgsl\nwrote swish_backward.wgsl";
    assert_eq!((code, text.as_str()), (Some(0), want));
    let (code, text) = moonburn(folder.path(), &["examples", "--copy", "kernel_activation.lua"]);
    assert_eq!((code, text.as_str()), (Some(2), "examples: kernel_activation.lua is there already"));
    let (_, text) = moonburn(folder.path(), &["examples", "--copy", "scripts/byol.lua"]);
    assert_eq!(text, "wrote byol.lua");
    let (_, text) = moonburn(folder.path(), &["examples", "--copy", "byol_tricks"]);
    assert_eq!(text, "wrote byol_tricks.lua\nkept byol.lua");
    let (code, text) = moonburn(folder.path(), &["examples", "--copy", "simcrl"]);
    assert!(code == Some(2) && text.contains("did you mean 'simclr'?"), "{text}");
}

#[test]
fn the_help_of_a_script_tells_its_options_with_values_and_sentences() {
    let folder = folder();
    let (_, text) = moonburn(folder.path(), &["examples", "--copy", "simclr"]);
    assert!(text.contains("wrote simclr.lua"), "{text}");
    let (code, text) = moonburn(folder.path(), &["run", "simclr.lua", "--set", "batch=32", "--help"]);
    assert!(code == Some(0) && text.starts_with("simclr.lua: SimCLR (Chen et al., ICML 2020)"), "{text}");
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
    assert!(line("batch").contains("32") && line("batch").contains("integer"), "{text}");
    assert!(line("batch").contains("images per step"), "{text}");
    let (code, text) = moonburn(folder.path(), &["run", "simclr.lua", "--set", "bathc=32", "-h"]);
    assert!(code == Some(2) && text.contains("did you mean 'batch'?"), "{text}");
    let (code, text) = moonburn(folder.path(), &["run", "--help"]);
    assert!(code == Some(0) && text.contains("Usage: moonburn run"), "{text}");
}

#[test]
fn help_explains_commands_and_names_of_the_api() {
    let folder = folder();
    let help = |name: &str| moonburn(folder.path(), &["help", name]);
    assert!(help("study").1.contains("Usage: moonburn study"), "{}", help("study").1);
    let (code, text) = help("mb.optim.sgd");
    assert!(code == Some(0) && text.contains("mb.optim.sgd(") && text.contains("momentum"), "{text}");
    assert_eq!(help("sgd").1, text);
    assert!(help("Tensor:softmax").1.contains("Tensor:softmax("));
    assert!(help("mb.schedule").1.lines().filter(|line| line.contains("mb.schedule.")).count() > 1);
    assert!(help("evaluate").1.contains("`evaluate`"));
    let (code, text) = help("mb.optim.sdg");
    assert_eq!((code, text.as_str()), (Some(2), "help: unknown name 'mb.optim.sdg'; did you mean 'mb.optim.sgd'?"));
    assert!(help("Tensor.shape").1.contains("The size of every dim."));
    assert!(help("moonburn.Script").1.contains("`setup`"), "{}", help("moonburn.Script").1);
    assert!(help("momentum").1.contains("`SgdOptions.momentum`"), "{}", help("momentum").1);
    assert!(help("SgdOptions").1.starts_with("### SgdOptions"), "{}", help("SgdOptions").1);
    assert!(help("moonburn.heads.nt_xent").1.contains("function nt_xent.new(options)"));
    assert!(help("lib.heads.nt_xent").1.contains("function nt_xent.new(options)"));
    let (code, text) = help("Tensor.momentum");
    assert!(code == Some(2) && text.contains("unknown name 'Tensor.momentum'"), "{text}");
    assert!(help("simclr").1.starts_with("SimCLR (Chen et al., ICML 2020)"));
    let (code, text) = help("BatchNorm2d");
    assert!(code == Some(2) && text.contains("mb.nn.batch_norm"), "{text}");
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, text) = moonburn(folder.path(), &["completions", shell]);
        assert!(code == Some(0) && text.contains("study"), "{shell}");
    }
    assert_eq!(moonburn(folder.path(), &["man", "pages"]).0, Some(0));
    assert!(folder.path().join("pages/moonburn-study.1").is_file());
}

#[test]
fn types_are_written_into_any_folder_and_leave_a_configuration_alone() {
    let folder = folder();
    write(&folder.path().join("mine/.luarc.json"), "{}");
    let (code, text) = moonburn(folder.path(), &["types", "mine"]);
    let want = "left mine/.luarc.json as it is; editors find the types by \"workspace.library\": [\"types\"] in it\nwrote \
                mine/types/moonburn.d.lua\nwrote mine/types/moonburn";
    assert_eq!((code, text.as_str()), (Some(0), want));
    assert_eq!(fs::read_to_string(folder.path().join("mine/.luarc.json")).expect("it is there"), "{}");
    let (_, text) = moonburn(folder.path(), &["types"]);
    assert!(text.ends_with(".luarc.json"), "{text}");
}

#[test]
fn the_types_of_a_script_name_what_its_setup_makes_and_leave_the_script_alone() {
    let folder = folder();
    let script = "local mb = require \"moonburn\"\nlocal experiment = { options = { lr = 0.1, steps = 2 } }\nfunction experiment.setup(session)\n  \
                  session.encoder = mb.nn.linear(4, 2)\n  session.optimizer = mb.optim.sgd { lr = 0.1 }\nend\n\
                  function experiment.episode() return 1 end\nfunction experiment.loss(session) return session.encoder(mb.randn(2, \
                  4)):sum() end\nreturn experiment\n";
    write(&folder.path().join("train.lua"), script);
    let (code, text) = moonburn(folder.path(), &["types", "train.lua"]);
    assert_eq!((code, text.as_str()), (Some(0), "wrote types/train.d.lua"));
    let types = fs::read_to_string(folder.path().join("types/train.d.lua")).expect("they were written");
    let want = "---@class moonburn.Session\n---@field encoder moonburn.Module\n---@field optimizer moonburn.Optimizer\n\n\
                ---@class moonburn.Options\n---@field lr number\n---@field steps integer\n";
    assert!(types.ends_with(want), "{types}");
    assert_eq!(fs::read_to_string(folder.path().join("train.lua")).expect("it is there"), script);
    let (code, text) = moonburn(folder.path(), &["types", "other.lua"]);
    assert!(code == Some(1) && text.contains("other.lua"), "{text}");
}
