//! From the name of a device to an adapter: what each name means, and in which order adapters are counted and
//! preferred.

use std::{fmt, str::FromStr};

use super::{adapter::Adapter, api::Api, driver_failure::DriverFailure};
use crate::{Error, Result};

/// What a device is asked for by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceChoice {
    /// `auto`: the best real GPU that Vulkan, Metal or DX12 reaches, else the CPU.
    Auto,
    /// `cpu`.
    Cpu,
    /// `gpu`: the best adapter, one in software where there is no other.
    Gpu,
    /// `gpu:N`: the adapter of this number in `moonburn devices`, the first being 0.
    Numbered(usize),
    /// `vulkan`, `metal`, `dx12` or `gl`: the best adapter of the API.
    Api(Api),
}

impl DeviceChoice {
    /// Every name, in words.
    pub const NAMES: &str = "auto, cpu, gpu, gpu:N, vulkan, metal, dx12, gl";
}

impl FromStr for DeviceChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(api) = Api::ALL.into_iter().find(|api| api.name() == text) {
            return Ok(Self::Api(api));
        }
        match (text, text.strip_prefix("gpu:")) {
            ("auto", _) => Ok(Self::Auto),
            ("cpu", _) => Ok(Self::Cpu),
            ("gpu", _) => Ok(Self::Gpu),
            (_, Some(number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
                // More digits than fit are a number that no adapter has.
                Ok(Self::Numbered(number.parse().unwrap_or(usize::MAX)))
            }
            (_, Some(_)) => Err(Error::argument("device", "gpu:N", "a number such as gpu:0", format!("'{text}'"))),
            _ => Err(Error::unknown("device", "name", text, Self::NAMES.split(", "))),
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Gpu => f.write_str("gpu"),
            Self::Numbered(number) => write!(f, "gpu:{number}"),
            Self::Api(api) => api.fmt(f),
        }
    }
}

/// Sorts adapters as they are numbered and preferred: real before software, OpenGL last among both, then by kind and by
/// API. So a number changes only where a driver or a card comes or goes.
pub(super) fn sort(adapters: &mut [Adapter]) {
    adapters.sort_by_key(|adapter| {
        (adapter.is_software(), adapter.api == Api::Gl, adapter.kind, adapter.api, adapter.position)
    });
}

/// The adapter that a choice means, of the sorted ones that were looked at; none is the CPU. `failures` are failures of
/// drivers that may explain why an adapter is missing.
///
/// # Errors
/// There is no such adapter.
pub(super) fn choose<'a>(
    choice: DeviceChoice,
    adapters: &'a [Adapter],
    failures: &[DriverFailure],
) -> Result<Option<&'a Adapter>> {
    let missing = |apis: &[Api]| missing(apis, failures);
    match choice {
        DeviceChoice::Cpu => Ok(None),
        DeviceChoice::Auto => {
            // OpenGL does not tell a card from a program for sure.
            Ok(adapters.iter().find(|adapter| !adapter.is_software() && adapter.api != Api::Gl))
        }
        DeviceChoice::Gpu => adapters.first().map(Some).ok_or_else(|| missing(&Api::of_platform())),
        DeviceChoice::Numbered(_) if adapters.is_empty() => Err(missing(&Api::of_platform())),
        DeviceChoice::Numbered(number) => adapters.get(number).map(Some).ok_or_else(|| {
            let there = match adapters.len() {
                1 => "there is 1 adapter, gpu:0".to_owned(),
                count => format!("there are {count} adapters, gpu:0 to gpu:{}", count - 1),
            };
            let failed = told(&Api::ALL, failures);
            Error::Device(format!("no adapter {choice}; {there}{failed}; `moonburn devices` lists them"))
        }),
        DeviceChoice::Api(api) => {
            let platform = Api::of_platform();
            if !platform.contains(&api) {
                let has = listed(&platform);
                return Err(Error::Device(format!("this platform has no {api}; it has {has}; or use --device cpu")));
            }
            adapters.iter().find(|adapter| adapter.api == api).map(Some).ok_or_else(|| missing(&[api]))
        }
    }
}

fn listed(apis: &[Api]) -> String {
    match apis {
        [] => "none".into(),
        [one] => one.to_string(),
        [first @ .., last] => {
            format!("{} and {last}", first.iter().map(Api::to_string).collect::<Vec<_>>().join(", "))
        }
    }
}

/// What went wrong in some of the APIs, each after a semicolon.
fn told(apis: &[Api], failures: &[DriverFailure]) -> String {
    failures.iter().filter(|failure| apis.contains(&failure.api)).map(|failure| format!("; {failure}")).collect()
}

/// No adapter was found where it was looked for.
fn missing(apis: &[Api], failures: &[DriverFailure]) -> Error {
    let failed = told(apis, failures);
    let remedy = match apis {
        _ if !failed.is_empty() => "repair the graphics driver, which is there but fails",
        [Api::Gl] if cfg!(target_os = "linux") => {
            "install the graphics driver (Debian and Ubuntu: libegl1 and libgl1-mesa-dri)"
        }
        _ if cfg!(target_os = "linux") => {
            "install the graphics driver (Debian and Ubuntu: libvulkan1 and mesa-vulkan-drivers, which also has Vulkan \
             in software)"
        }
        _ => "install the graphics driver",
    };
    Error::Device(format!("no gpu adapter found; looked for {}{failed}; use --device cpu, or {remedy}", listed(apis)))
}

/// A kernel has nothing to run on.
pub(super) fn none_for_kernels(failures: &[DriverFailure]) -> Error {
    let failed = told(&Api::ALL, failures);
    let remedy = if !failed.is_empty() {
        "repair the graphics driver, which is there but fails"
    } else if cfg!(target_os = "linux") {
        "install the graphics driver; on Debian or Ubuntu, apt install libvulkan1 mesa-vulkan-drivers gives one in \
         software"
    } else {
        "install the graphics driver"
    };
    Error::Device(format!("a kernel needs an adapter, and there is none{failed}; {remedy}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::adapter::AdapterKind;

    /// A laptop with two cards and Mesa's software driver, everything twice, in no order.
    fn laptop() -> Vec<Adapter> {
        let mut adapters = vec![
            Adapter::sample("llvmpipe", Api::Gl, AdapterKind::Software, 0),
            Adapter::sample("lavapipe", Api::Vulkan, AdapterKind::Software, 0),
            Adapter::sample("geforce", Api::Gl, AdapterKind::Other, 0),
            Adapter::sample("iris", Api::Vulkan, AdapterKind::Integrated, 0),
            Adapter::sample("iris", Api::Gl, AdapterKind::Integrated, 0),
            Adapter::sample("geforce", Api::Vulkan, AdapterKind::Discrete, 0),
        ];
        sort(&mut adapters);
        adapters
    }

    fn only_software() -> Vec<Adapter> {
        let mut adapters = vec![
            Adapter::sample("llvmpipe", Api::Gl, AdapterKind::Software, 0),
            Adapter::sample("lavapipe", Api::Vulkan, AdapterKind::Software, 0),
        ];
        sort(&mut adapters);
        adapters
    }

    /// `name/api` of what a name means, `cpu`, or the error.
    fn chosen(name: &str, adapters: &[Adapter]) -> String {
        chosen_after(&[], name, adapters)
    }

    fn chosen_after(failures: &[DriverFailure], name: &str, adapters: &[Adapter]) -> String {
        let found = name.parse().and_then(|choice| choose(choice, adapters, failures));
        match found {
            Ok(Some(adapter)) => format!("{}/{}", adapter.name, adapter.api),
            Ok(None) => "cpu".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn numbers_count_real_adapters_first_and_opengl_after_the_other_apis() {
        let numbered: Vec<_> = (0..6).map(|number| chosen(&format!("gpu:{number}"), &laptop())).collect();
        let want = ["geforce/vulkan", "iris/vulkan", "iris/gl", "geforce/gl", "lavapipe/vulkan", "llvmpipe/gl"];
        assert_eq!(numbered, want);
    }

    #[test]
    fn auto_and_gpu_take_the_discrete_card_through_vulkan() {
        assert_eq!(
            ["auto", "gpu", "cpu"].map(|name| chosen(name, &laptop())),
            ["geforce/vulkan", "geforce/vulkan", "cpu"]
        );
    }

    #[test]
    fn auto_never_takes_a_software_adapter_and_gpu_does_where_there_is_no_other() {
        let names = ["auto", "gpu", "gpu:1"].map(|name| chosen(name, &only_software()));
        assert_eq!(names, ["cpu", "lavapipe/vulkan", "llvmpipe/gl"]);
        assert_eq!(chosen("auto", &[]), "cpu");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_api_takes_its_own_best_adapter() {
        assert_eq!(["vulkan", "gl"].map(|name| chosen(name, &laptop())), ["geforce/vulkan", "iris/gl"]);
        assert_eq!(["vulkan", "gl"].map(|name| chosen(name, &only_software())), ["lavapipe/vulkan", "llvmpipe/gl"]);
    }

    #[test]
    fn a_gpu_that_only_opengl_reaches_is_for_gpu_and_not_for_auto() {
        let mut adapters = vec![
            Adapter::sample("lavapipe", Api::Vulkan, AdapterKind::Software, 0),
            Adapter::sample("old card", Api::Gl, AdapterKind::Other, 0),
        ];
        sort(&mut adapters);
        assert_eq!(["auto", "gpu", "gpu:0"].map(|name| chosen(name, &adapters)), ["cpu", "old card/gl", "old card/gl"]);
    }

    #[test]
    fn two_cards_of_one_kind_keep_the_apis_order() {
        let mut adapters = vec![
            Adapter::sample("second", Api::Vulkan, AdapterKind::Discrete, 1),
            Adapter::sample("first", Api::Vulkan, AdapterKind::Discrete, 0),
            Adapter::sample("first", Api::Dx12, AdapterKind::Discrete, 0),
        ];
        sort(&mut adapters);
        let numbered: Vec<_> = (0..3).map(|number| chosen(&format!("gpu:{number}"), &adapters)).collect();
        assert_eq!(numbered, ["first/vulkan", "second/vulkan", "first/dx12"]);
    }

    #[test]
    fn a_number_that_no_adapter_has_says_how_many_there_are() {
        let error = chosen("gpu:7", &only_software());
        assert_eq!(
            error,
            "device: no adapter gpu:7; there are 2 adapters, gpu:0 to gpu:1; `moonburn devices` lists them"
        );
        let error = chosen("gpu:99999999999999999999999", &only_software()[..1]);
        assert!(error.ends_with("there is 1 adapter, gpu:0; `moonburn devices` lists them"), "{error}");
    }

    #[test]
    fn a_name_that_is_none_gets_a_suggestion() {
        assert_eq!(chosen("vulcan", &[]), "device: unknown name 'vulcan'; did you mean 'vulkan'?");
        assert_eq!(
            chosen("xyz", &[]),
            "device: unknown name 'xyz'; there are: auto, cpu, gpu, gpu:N, vulkan, metal, dx12, gl"
        );
        for odd in ["gpu:", "gpu:x", "gpu:-1", "gpu:+1"] {
            assert_eq!(chosen(odd, &[]), format!("device: gpu:N must be a number such as gpu:0, got '{odd}'"));
        }
    }

    #[test]
    fn every_name_is_read_and_written_alike() {
        for name in ["auto", "cpu", "gpu", "gpu:12", "vulkan", "metal", "dx12", "gl"] {
            assert_eq!(name.parse::<DeviceChoice>().unwrap().to_string(), name);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_api_of_another_platform_says_which_there_are() {
        let want = "device: this platform has no metal; it has vulkan and gl; or use --device cpu";
        assert_eq!(chosen("metal", &laptop()), want);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_driver_that_failed_is_told_where_its_adapters_are_missing_and_nothing_is_to_be_installed() {
        let failures = [DriverFailure { api: Api::Vulkan, reason: "no symbol vkCreateInstance".into() }];
        for (name, apis) in [("vulkan", "vulkan"), ("gpu", "vulkan and gl"), ("gpu:0", "vulkan and gl")] {
            let want = format!(
                "device: no gpu adapter found; looked for {apis}; looking through vulkan failed: no symbol \
                 vkCreateInstance; use --device cpu, or repair the graphics driver, which is there but fails"
            );
            assert_eq!(chosen_after(&failures, name, &[]), want);
        }
        let error = chosen_after(&failures, "gpu:3", &only_software()[1..]);
        assert!(error.contains("there is 1 adapter, gpu:0; looking through vulkan failed: no symbol"), "{error}");
        assert!(chosen_after(&failures, "gl", &[]).contains("libgl1-mesa-dri"));
        assert_eq!(chosen_after(&failures, "auto", &[]), "cpu");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_machine_without_an_adapter_says_what_to_install() {
        for (name, apis, package) in [
            ("gpu", "vulkan and gl", "mesa-vulkan-drivers"),
            ("gpu:0", "vulkan and gl", "mesa-vulkan-drivers"),
            ("vulkan", "vulkan", "mesa-vulkan-drivers"),
            ("gl", "gl", "libgl1-mesa-dri"),
        ] {
            let error = chosen(name, &[]);
            let start = format!("device: no gpu adapter found; looked for {apis}; use --device cpu, or install");
            assert!(error.starts_with(&start) && error.contains(package), "{error}");
        }
    }
}
