//! The command `devices`: what there is to run on, and which names take what.

use std::{io::Write, process::ExitCode};

use moonburn::{
    Device, ScriptError,
    device::{Adapter, Api, DeviceChoice, instructions},
    memory,
    run::table::{Table, terminal_columns},
};
use serde_json::{Value, json};

use super::{
    on_device::{self, VARIABLE},
    output::print,
};

const TITLES: [&str; 9] =
    ["device", "taken by", "name", "vendor", "type", "api and driver", "memory", "float16", "subgroups"];

/// Prints a table of all devices, or the same as JSON.
pub fn run(as_json: bool) -> Result<ExitCode, ScriptError> {
    let adapters = Device::adapters();
    let (variable, wrong) = match on_device::of_variable() {
        Ok(variable) => (variable, None),
        Err(error) => (None, Some(error.to_string())),
    };
    if as_json {
        let failures = Device::failures().into_iter().map(|failure| format!("device: {failure}"));
        failures.chain(wrong).for_each(|note| drop(writeln!(std::io::stderr(), "{note}")));
        print(&serde_json::to_string_pretty(&object(&adapters, variable)).unwrap_or_default());
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(TITLES);
    table.row(cpu_row(&adapters, variable));
    adapters.iter().enumerate().for_each(|(number, adapter)| table.row(row(number, adapter, &adapters, variable)));
    print(&table.text(terminal_columns()));
    notes(&adapters, variable).into_iter().chain(wrong).for_each(|note| print(&note));
    Ok(ExitCode::SUCCESS)
}

/// The names that take a device; none is the CPU.
fn names(device: Option<usize>, adapters: &[Adapter], variable: Option<DeviceChoice>) -> Vec<String> {
    let named = [DeviceChoice::Auto, DeviceChoice::Gpu].into_iter().chain(Api::ALL.map(DeviceChoice::Api));
    let names = named.filter(|choice| taken(*choice, adapters) == Some(device)).map(|choice| choice.to_string());
    let by_variable = variable.filter(|choice| taken(*choice, adapters) == Some(device)).map(|_| VARIABLE.to_owned());
    names.chain(by_variable).collect()
}

/// Which adapter a choice takes, `Some(None)` being the CPU; nothing where it is an error.
fn taken(choice: DeviceChoice, adapters: &[Adapter]) -> Option<Option<usize>> {
    let chosen = Device::chosen(choice, adapters).ok()?;
    Some(chosen.and_then(|chosen| adapters.iter().position(|adapter| adapter == chosen)))
}

fn cpu_row(adapters: &[Adapter], variable: Option<DeviceChoice>) -> [String; 9] {
    let threads = match threads() {
        1 => "1 thread".to_owned(),
        count => format!("{count} threads"),
    };
    let threads = format!("{threads}, {}", instructions::name());
    let memory = shown_memory(memory::of_machine());
    let names = names(None, adapters, variable).join(", ");
    ["cpu".into(), names, threads, "-".into(), "cpu".into(), "-".into(), memory, "no".into(), "-".into()]
}

fn row(number: usize, adapter: &Adapter, adapters: &[Adapter], variable: Option<DeviceChoice>) -> [String; 9] {
    let subgroups = match adapter.subgroups {
        None => "no".into(),
        Some((least, most)) if least == most => least.to_string(),
        Some((least, most)) => format!("{least} to {most}"),
    };
    let driver = [adapter.api.name(), &adapter.driver, &adapter.driver_info].join(" ").replace("  ", " ");
    [
        format!("gpu:{number}"),
        names(Some(number), adapters, variable).join(", "),
        adapter.name.clone(),
        adapter.vendor.clone(),
        adapter.kind.name().into(),
        driver,
        shown_memory(adapter.memory),
        if adapter.float16 { "yes" } else { "no" }.into(),
        subgroups,
    ]
}

fn notes(adapters: &[Adapter], variable: Option<DeviceChoice>) -> Vec<String> {
    let mut notes = Vec::new();
    if adapters.is_empty() {
        let missing = Device::chosen(DeviceChoice::Gpu, adapters).err();
        notes.extend(missing.map(|error| error.to_string()));
    } else {
        notes.extend(Device::failures().iter().map(|failure| format!("device: {failure}")));
    }
    if cfg!(feature = "autotune") && adapters.iter().any(Adapter::is_software) {
        notes.push(
            "this build measures kernels, so it refuses software adapters; --no-default-features does not".into(),
        );
    }
    if let Some(choice) = variable {
        let wrong = Device::chosen(choice, adapters).err().map_or(String::new(), |error| format!(" ({error})"));
        notes.push(format!("{VARIABLE}={choice} is the default{wrong}"));
    }
    notes
}

fn object(adapters: &[Adapter], variable: Option<DeviceChoice>) -> Value {
    let listed = adapters.iter().enumerate().map(|(number, adapter)| {
        json!({
            "device": format!("gpu:{number}"),
            "taken_by": names(Some(number), adapters, variable),
            "name": adapter.name,
            "vendor": adapter.vendor,
            "type": adapter.kind.name(),
            "api": adapter.api.name(),
            "driver": adapter.driver,
            "driver_info": adapter.driver_info,
            "memory_bytes": adapter.memory,
            "float16": adapter.float16,
            "subgroup_sizes": adapter.subgroups,
            "storage_binding_bytes": adapter.limits.storage_binding,
            "workgroup_storage_bytes": adapter.limits.workgroup_storage,
            "workgroup_threads": adapter.limits.workgroup_threads,
        })
    });
    let cpu = json!({
        "device": "cpu",
        "taken_by": names(None, adapters, variable),
        "threads": threads(),
        "instructions": instructions::name(),
        "memory_bytes": memory::of_machine(),
        "float16": false,
    });
    let tunes = cfg!(feature = "autotune");
    json!({ "devices": std::iter::once(cpu).chain(listed).collect::<Vec<_>>(), "refuses_software_adapters": tunes })
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn shown_memory(bytes: Option<u64>) -> String {
    bytes.map_or("unknown".into(), |bytes| format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30)))
}
