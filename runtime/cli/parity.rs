//! The command `parity`: a device beside the CPU, as a table and as a file.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use moonburn::{
    ScriptError,
    parity::{Case, Stage, cases, compare},
    run::{Progress, ProgressKind, table::terminal_columns, write_atomically},
};

use super::{on_device, output::print};

/// Compares, prints the table and what is wrong in it, writes the file, and says the verdict at last. Where the file
/// cannot be written, the table has been printed.
pub fn run(
    device: Option<&str>,
    steps: u64,
    only: Option<&str>,
    output: Option<&Path>,
) -> Result<ExitCode, ScriptError> {
    let device = &on_device::of_command(device, "parity")?;
    // A mistake in the command is no reason to compare for minutes first.
    if let Some(folder) = output.and_then(missing_folder) {
        return Err(ScriptError::usage("--output", format!("{}: no such folder", folder.display())));
    }
    let text = only.unwrap_or_default().to_lowercase();
    let cases: Vec<Case> = cases(steps).into_iter().filter(|case| case.name().to_lowercase().contains(&text)).collect();
    if cases.is_empty() {
        return Err(ScriptError::usage("--only", format!("no part has '{text}' in its name")));
    }
    let progress = Progress::new(ProgressKind::Auto, 0);
    if device.is_gpu() {
        progress.message(&format!(
            "comparing {} with the CPU; the first use of a kernel compiles it, which takes minutes on a software \
                 adapter",
            device.name()
        ));
    } else {
        progress.message("the device is the CPU, which is compared with itself: --device gpu compares a GPU");
    }
    let all = cases.len() as u64;
    let report = compare(&cases, device, &|stage| match stage {
        Stage::Case { number, case } => {
            progress.counting(&format!("comparing each {}", case.group().name()), number as u64, all);
        }
        Stage::Step { device, done, all } => progress.counting(&format!("training on {}", device.name()), done, all),
    });
    progress.counting("compared", all, all);
    progress.finish();
    print(&report.table(terminal_columns()));
    for remarks in [report.left_out(), report.failures()].iter().filter(|remarks| !remarks.is_empty()) {
        print(&format!("\n{remarks}"));
    }
    let file = output.map_or_else(|| PathBuf::from(report.file_name()), Path::to_owned);
    let text = format!("{:#}\n", report.to_json());
    let written = write_atomically(&file, text.as_bytes());
    let place = written.as_ref().map_or(String::new(), |()| format!(" ({})", file.display()));
    print(&format!("\n{}{place}", report.verdict()));
    written?;
    Ok(ExitCode::from(u8::from(!report.is_within())))
}

/// The folder of a file, where there is none.
fn missing_folder(file: &Path) -> Option<&Path> {
    file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
}
