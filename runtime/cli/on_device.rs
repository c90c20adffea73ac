//! Which device a command uses: that of `--device`, else that of the variable MOONBURN_DEVICE, else what the script
//! says itself. A run that goes on, or is repeated, stays where it was unless `--device` says otherwise.

use std::{io::Write, path::Path};

use moonburn::{
    Device, Engine, ScriptError, Settings,
    device::{AdapterSlot, DeviceChoice, instructions},
    memory,
    run::RunFolder,
    tensor::ConvolutionKernels,
};

/// The default of every `--device` but those of `resume` and `replay`, which do once more what a run did.
pub const VARIABLE: &str = "MOONBURN_DEVICE";

const FLAG: &str = "--device";

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
            let choice = Engine::new().device_of(settings)?.unwrap_or(DeviceChoice::Auto);
            Device::open(choice).map_err(|error| ScriptError::at(place, error))?
        }
    };
    Ok(ready(device))
}

/// The device for a command without a script: the user's, else `auto`.
pub fn of_command(flag: Option<&str>, command: &str) -> Result<Device, ScriptError> {
    let device = match asked(flag)? {
        Some(asked) => open(&asked, command)?,
        None => Device::open(DeviceChoice::Auto).map_err(|error| ScriptError::at(command, error))?,
    };
    Ok(ready(device))
}

/// The device to go on with a run, or to repeat it: that of the flag, else its own, whatever the variable says. A
/// change of device is reported.
pub fn of_run(flag: Option<&str>, run: &Path) -> Result<Device, ScriptError> {
    going_on(flag.map(|name| read(name, FLAG)).transpose()?, run)
}

/// The device for a new run that starts from the state of another: the user's, else that of the other run. A change of
/// device is reported.
pub fn of_fork(flag: Option<&str>, run: &Path) -> Result<Device, ScriptError> {
    going_on(asked(flag)?, run)
}

fn going_on(asked: Option<Asked>, run: &Path) -> Result<Device, ScriptError> {
    let description = RunFolder::read(run)?.description;
    let (own, place) = (description.device, run.display().to_string());
    let device = match asked {
        Some(asked) => open(&asked, &place)?,
        None => {
            let slot = description.adapter.as_ref().map(AdapterSlot::from_json).transpose();
            slot.and_then(|slot| Device::again(&own, slot)).map_err(|error| ScriptError::at(&place, error))?
        }
    };
    if device.name() != own {
        let _ = writeln!(
            std::io::stderr(),
            "{place}: it was on {own} and is on {} from here, where the last bits differ",
            device.name()
        );
    }
    let (then, now) = (description.instructions, instructions::name());
    if let Some(then) = then.filter(|then| !device.is_gpu() && own == "cpu" && then != now) {
        let _ = writeln!(
            std::io::stderr(),
            "{place}: it was computed with {then} and is with {now} from here, where the last bits differ"
        );
    }
    let now = ConvolutionKernels::on(&device).map(ConvolutionKernels::name);
    // A record of a GPU that names none is of a time when there were Burn's alone.
    let then = description.convolutions.unwrap_or_else(|| ConvolutionKernels::Burn.name().into());
    if let Some(now) = now.filter(|now| own != "cpu" && *now != then) {
        let _ = writeln!(
            std::io::stderr(),
            "{place}: its convolutions were computed by the kernels {then} and are by {now} from here, where the last bits \
             differ; {} chooses",
            ConvolutionKernels::VARIABLE
        );
    }
    Ok(ready(device))
}

/// Refuses instructions and kernels that there are not, whatever the command.
pub fn check_variables() -> Result<(), ScriptError> {
    instructions::check().map_err(|error| ScriptError::flag(instructions::VARIABLE, error))?;
    let kernels = ConvolutionKernels::now();
    kernels.map(drop).map_err(|error| ScriptError::flag(ConvolutionKernels::VARIABLE, error))
}

/// What the variable takes as things are, if it is set.
pub fn of_variable() -> Result<Option<DeviceChoice>, ScriptError> {
    Ok(asked(None)?.map(|asked| asked.choice))
}

/// Whether the flag or the variable names a device, so that the script is not asked.
pub fn is_asked(flag: Option<&str>) -> bool {
    !matches!(asked(flag), Ok(None))
}

fn asked(flag: Option<&str>) -> Result<Option<Asked>, ScriptError> {
    match (flag, std::env::var_os(VARIABLE)) {
        (Some(flag), _) => read(flag, FLAG).map(Some),
        (None, Some(value)) if !value.is_empty() => read(&value.to_string_lossy(), VARIABLE).map(Some),
        _ => Ok(None),
    }
}

fn read(name: &str, by: &'static str) -> Result<Asked, ScriptError> {
    match name.parse() {
        Ok(choice) => Ok(Asked { choice, by }),
        Err(error) => Err(ScriptError::flag(by, error)),
    }
}

/// An error names the variable, which the user may have forgotten.
fn open(asked: &Asked, place: &str) -> Result<Device, ScriptError> {
    let place = if asked.by == VARIABLE { VARIABLE } else { place };
    Device::open(asked.choice).map_err(|error| ScriptError::at(place, error))
}

/// If another device was taken, a failing driver is no error, but the user wants to know of it.
fn tell_failures() {
    for failure in Device::failures() {
        let _ = writeln!(std::io::stderr(), "device: {failure}");
    }
}

/// The device that was taken. On the CPU more tensors than the machine has memory would end the process.
fn ready(device: Device) -> Device {
    tell_failures();
    if let (false, Some(budget)) = (device.is_gpu(), memory::machine_budget()) {
        memory::set_budget(budget);
    }
    device
}
