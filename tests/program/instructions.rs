//! Which instructions kernels of the CPU take: told, recorded, and missed where a run is repeated with others.

use std::{fs, path::Path, process::Command};

use moonburn::device::Instructions;

/// The program with the variable: its exit code, and what it says.
fn moonburn(arguments: &[&str], instructions: Option<&str>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.args(arguments).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/errors"));
    command.env("MOONBURN_DEVICE", "cpu").env_remove("MOONBURN_INSTRUCTIONS");
    instructions.map(|name| command.env("MOONBURN_INSTRUCTIONS", name));
    let output = command.output().expect("the program starts");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).trim_end().to_owned())
}

#[test]
fn instructions_that_there_are_not_end_every_command_before_it_begins() {
    let unknown = "MOONBURN_INSTRUCTIONS: unknown instruction set 'avx'; did you mean 'avx2'?";
    for command in [&["check", "loss_shape.lua"][..], &["run", "no_such.lua"], &["devices"]] {
        assert_eq!(moonburn(command, Some("avx")), (Some(2), unknown.to_owned()));
    }
    let foreign = if cfg!(target_arch = "aarch64") { "avx2" } else { "neon" };
    let (code, text) = moonburn(&["check", "loss_shape.lua"], Some(foreign));
    let want = format!("MOONBURN_INSTRUCTIONS: this processor has no {foreign}; it has ");
    assert!(code == Some(2) && text.starts_with(&want) && text.ends_with("plain"), "{text}");
}

#[test]
fn kernels_of_convolutions_that_there_are_not_end_a_command_before_it_begins() {
    for (variable, want) in [("own-128x46", Some("own-128x64")), ("own", None), ("", None)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
        command.arg("devices").env("MOONBURN_CONVOLUTIONS", variable);
        let output = command.output().expect("the program starts");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let told = want
            .map(|nearest| format!("MOONBURN_CONVOLUTIONS: unknown kernels '{variable}'; did you mean '{nearest}'?\n"));
        assert_eq!(output.status.code(), Some(if told.is_some() { 2 } else { 0 }), "{text}");
        assert!(told.is_none_or(|told| text == told), "{text}");
    }
}

#[test]
fn the_list_of_devices_names_what_the_cpu_takes() {
    for (variable, want) in
        [(None, Instructions::taken().name()), (Some(""), Instructions::taken().name()), (Some("plain"), "plain")]
    {
        let (code, text) = moonburn(&["devices"], variable);
        let cpu = text.lines().nth(1).unwrap_or_default();
        assert!(code == Some(0) && cpu.starts_with("cpu ") && cpu.contains(&format!(", {want} ")), "{text}");
        let (_, text) = moonburn(&["devices", "--json"], variable);
        assert!(text.contains(&format!("\"instructions\": \"{want}\"")), "{text}");
    }
}

#[test]
fn a_run_records_its_instructions_and_a_repetition_with_others_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [run, same, other] = ["run", "same", "other"].map(|name| folder.path().join(name).display().to_string());
    let (code, text) = moonburn(&["run", "device.lua", "--out", &run], Some("plain"));
    assert_eq!(code, Some(0), "{text}");
    let record = Path::new(&run).join("run.json");
    let text = fs::read_to_string(&record).expect("a run has a record");
    assert!(text.contains("\"instructions\": \"plain\""), "{text}");
    let (code, text) = moonburn(&["replay", &run, "--out", &same], Some("plain"));
    assert!(code == Some(0) && !text.contains("computed with"), "{text}");

    fs::write(&record, fs::read_to_string(&record).expect("a record").replace("\"plain\"", "\"avx1024\""))
        .expect("it is written");
    let told = format!("{run}: it was computed with avx1024 and is with plain from here, where the last bits differ");
    for command in [&["replay", &run, "--out", &other][..], &["resume", &run, "--verify"]] {
        let (code, text) = moonburn(command, Some("plain"));
        assert!(code == Some(0) && text.contains(&told), "{text}");
    }
}
