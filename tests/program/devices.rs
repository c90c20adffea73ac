//! Which device is taken, and what a user reads where there is none: from the command line, the variable and the
//! script.

use std::process::Command;

/// The program on a machine where neither Vulkan nor OpenGL has a driver: its exit code, and what it says.
fn without_adapters(arguments: &[&str], variable: Option<&str>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.args(arguments).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/errors"));
    command
        .env("VK_DRIVER_FILES", "none")
        .env("VK_ICD_FILENAMES", "none")
        .env("__EGL_VENDOR_LIBRARY_FILENAMES", "none");
    variable.map(|name| command.env("MOONBURN_DEVICE", name));
    let output = command.output().expect("the program starts");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).trim_end().to_owned())
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "adapters of Metal and DX12 cannot be hidden")]
fn no_gpu() {
    let remedy = "use --device cpu, or install the graphics driver (Debian and Ubuntu: libvulkan1 and \
                  mesa-vulkan-drivers, which also has Vulkan in software)";
    let missing = |apis: &str| format!("device: no gpu adapter found; looked for {apis}; {remedy}");
    for (name, apis) in [("gpu", "vulkan and gl"), ("gpu:0", "vulkan and gl"), ("vulkan", "vulkan")] {
        let (code, text) = without_adapters(&["check", "loss_shape.lua", "--device", name], None);
        assert_eq!((code, text), (Some(1), format!("loss_shape.lua: {}", missing(apis))));
    }
    let (code, text) = without_adapters(&["check", "loss_shape.lua"], Some("gpu"));
    assert_eq!((code, text), (Some(1), format!("MOONBURN_DEVICE: {}", missing("vulkan and gl"))));
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "adapters of Metal and DX12 cannot be hidden")]
fn no_gpu_is_no_error_for_auto_and_for_the_list() {
    let (_, text) = without_adapters(&["check", "loss_shape.lua", "--device", "auto"], None);
    assert!(text.starts_with("loss_shape.lua:13: loss:"), "{text}");
    let (code, text) = without_adapters(&["devices"], None);
    let lines: Vec<_> = text.lines().collect();
    assert!(code == Some(0) && lines.len() == 3, "{text}");
    assert!(
        lines[1].starts_with("cpu     auto      ") && lines[2].starts_with("device: no gpu adapter found"),
        "{text}"
    );
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "adapters of Metal and DX12 cannot be hidden")]
fn the_list_of_devices_comes_whatever_the_variable_says_and_tells_that_it_is_wrong() {
    let wrong = "MOONBURN_DEVICE: unknown name 'vulcan'; did you mean 'vulkan'?";
    let (code, text) = without_adapters(&["devices"], Some("vulcan"));
    let lines: Vec<_> = text.lines().collect();
    assert!(code == Some(0) && lines[1].starts_with("cpu     auto      ") && lines[3..] == [wrong], "{text}");
    let (code, text) = without_adapters(&["devices", "--json"], Some("vulcan"));
    assert!(code == Some(0) && text.starts_with('{') && text.ends_with(wrong), "{text}");
}

#[test]
fn a_device_that_there_is_not() {
    let wrong =
        |device: &[&str], variable| without_adapters(&[&["check", "loss_shape.lua"], device].concat(), variable);
    let usage = |text: &str| (Some(2), text.to_owned());
    let vulcan = "device: unknown name 'vulcan'; did you mean 'vulkan'?";
    assert_eq!(wrong(&["--device", "vulcan"], None), usage(&format!("--device: {vulcan}")));
    assert_eq!(wrong(&[], Some("vulcan")), usage(&format!("MOONBURN_DEVICE: {vulcan}")));
    let number = "--device: device: gpu:N must be a number such as gpu:0, got 'gpu:one'";
    assert_eq!(wrong(&["--device", "gpu:one"], Some("vulcan")), usage(number));
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "other platforms have other APIs")]
fn an_api_of_another_platform() {
    let want = "loss_shape.lua: device: this platform has no metal; it has vulkan and gl; or use --device cpu";
    assert_eq!(without_adapters(&["check", "loss_shape.lua", "--device", "metal"], None), (Some(1), want.to_owned()));
}

#[test]
fn the_command_line_comes_before_the_variable_and_that_before_the_script() {
    let on = |arguments: &[&str], variable| without_adapters(&[&["check", "device.lua"], arguments].concat(), variable);
    let (code, text) = on(&[], None);
    assert!(code == Some(1) && text.starts_with("device.lua: device: no"), "{text}");
    for (code, text) in [on(&[], Some("cpu")), on(&["--device", "cpu"], Some("gpu"))] {
        assert!(code == Some(0) && text.starts_with("device.lua: ok (one step on cpu, loss 1.0000)"), "{text}");
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "adapters of Metal and DX12 cannot be hidden")]
fn a_run_whose_device_is_gone_is_taken_up_on_another_only_where_that_is_asked_for_and_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let record = run.join("run.json");
    let (run, fork) = (run.display().to_string(), folder.path().join("fork").display().to_string());
    let (code, text) = without_adapters(&["run", "device.lua", "--device", "cpu", "--out", &run], None);
    assert_eq!(code, Some(0), "{text}");
    let text = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, text.replace(r#""device": "cpu""#, r#""device": "gpu (gone, vulkan)""#)).unwrap();

    let (code, text) = without_adapters(&["fork", &run, "--out", &fork], None);
    let gone = "device: the run was on gpu (gone, vulkan), which is gone, and no other real gpu is there; name a \
                device with --device, such as cpu";
    assert_eq!((code, text), (Some(1), format!("{run}: {gone}")));
    let (code, text) = without_adapters(&["fork", &run, "--out", &fork, "--set", "steps=2"], Some("cpu"));
    let told = format!("{run}: it was on gpu (gone, vulkan) and is on cpu from here, where the last bits differ");
    assert!(code == Some(0) && text.contains(&told), "{text}");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "adapters of Metal and DX12 cannot be hidden")]
fn a_run_that_is_resumed_or_repeated_stays_on_its_device_whatever_the_variable_says() {
    let folder = tempfile::tempdir().unwrap();
    let [run, again] = ["run", "again"].map(|name| folder.path().join(name).display().to_string());
    let (code, text) = without_adapters(&["run", "device.lua", "--device", "cpu", "--out", &run], None);
    assert_eq!(code, Some(0), "{text}");
    for variable in ["gpu", "vulcan"] {
        let (code, text) = without_adapters(&["resume", &run, "--verify"], Some(variable));
        assert!(!text.contains("device"), "{code:?}: {text}");
    }
    let (code, text) = without_adapters(&["replay", &run, "--out", &again], Some("gpu"));
    assert!(code == Some(0) && text.contains("equal bit for bit"), "{text}");
    for command in ["resume", "replay"] {
        let (code, text) = without_adapters(&[command, &run, "--device", "gpu"], Some("cpu"));
        assert!(code == Some(1) && text.starts_with(&format!("{run}: device: no gpu adapter found")), "{text}");
    }
}
