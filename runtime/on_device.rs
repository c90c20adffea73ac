//! Which device a command uses: that of `--device`, else that of the variable MOONBURN_DEVICE, else what the script or the
//! run says itself.

use std::{io::Write, path::Path};

use moonburn::{Device, Engine, ScriptError, Settings, device::DeviceChoice, run::RunFolder, tensor::memory};

/// The default of every `--device`.
pub const VARIABLE: &str = "MOONBURN_DEVICE";

/// What the user asks for, and by what.
struct Asked {
    choice: DeviceChoice,
    by: &'static str,
}

/// The device for a script: the user's, else the script's, else `auto`.
pub fn of_script(flag: Option<&str>, settings: &Settings) -> Result<Device, ScriptError> {
    let place = settings.script.display();
    let device = match asked(flag)? {
        Some(asked) => open(&asked, &place.to_string())?,
        None => {
            let choice = Engine::new().device_of(settings).unwrap_or(DeviceChoice::Auto);
            Device::open(choice).map_err(|error| ScriptError::at(place, error))?
        }
    };
    Ok(within_memory(device))
}

/// The device for a command without a script: the user's, else `auto`.
pub fn of_command(flag: Option<&str>, command: &str) -> Result<Device, ScriptError> {
    let device = match asked(flag)? {
        Some(asked) => open(&asked, command)?,
        None => Device::open(DeviceChoice::Auto).map_err(|error| ScriptError::at(command, error))?,
    };
    Ok(within_memory(device))
}

/// The device to go on with a run: the user's, else its own. A change of device is told.
pub fn of_run(flag: Option<&str>, run: &Path) -> Result<Device, ScriptError> {
    let own = RunFolder::read(run)?.description.device;
    let place = run.display().to_string();
    let device = match asked(flag)? {
        Some(asked) => open(&asked, &place)?,
        None => {
            let failed = |error| ScriptError::at(&place, error);
            match Device::named(&own).map_err(failed)? {
                Some(device) => device,
                None => Device::open(DeviceChoice::Gpu).map_err(failed)?,
            }
        }
    };
    if device.name() != own {
        let _ = writeln!(
            std::io::stderr(),
            "{place}: it was on {own} and is on {} from here, where the last bits differ",
            device.name()
        );
    }
    Ok(within_memory(device))
}

/// What the variable takes as things are, if it is set.
pub fn of_variable() -> Result<Option<DeviceChoice>, ScriptError> {
    Ok(asked(None)?.map(|asked| asked.choice))
}

fn asked(flag: Option<&str>) -> Result<Option<Asked>, ScriptError> {
    let (name, by) = match (flag, std::env::var_os(VARIABLE)) {
        (Some(flag), _) => (flag.to_owned(), "--device"),
        (None, Some(value)) if !value.is_empty() => (value.to_string_lossy().into_owned(), VARIABLE),
        _ => return Ok(None),
    };
    match name.parse() {
        Ok(choice) => Ok(Some(Asked { choice, by })),
        Err(error) => Err(ScriptError::usage(by, error)),
    }
}

/// An error names the variable, which the user may have forgotten.
fn open(asked: &Asked, place: &str) -> Result<Device, ScriptError> {
    let place = if asked.by == VARIABLE { VARIABLE } else { place };
    Device::open(asked.choice).map_err(|error| ScriptError::at(place, error))
}

/// On the CPU more tensors than the machine has memory would end the process.
fn within_memory(device: Device) -> Device {
    if let (false, Some(budget)) = (device.is_gpu(), memory::machine_budget()) {
        memory::set_budget(budget);
    }
    device
}
