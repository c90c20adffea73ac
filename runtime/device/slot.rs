//! The place of an adapter among those of a machine. A run that goes on finds its adapter again by this place.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    adapter::{Adapter, AdapterKind},
    api::Api,
};
use crate::{Error, Result};

/// Where an adapter is among those of a machine. Two cards of one name differ in this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdapterSlot {
    /// What it is reached through.
    pub api: Api,
    /// What kind of adapter it is.
    pub kind: AdapterKind,
    /// Which of its kind it is, in the API's order; 0 is the first.
    pub position: usize,
}

impl AdapterSlot {
    /// What a run records of it.
    pub fn to_json(self) -> Value {
        serde_json::to_value(self).expect("names and a number are JSON")
    }

    /// The slot that a run recorded.
    ///
    /// # Errors
    /// The text is no slot, or it names an API or a kind that this version does not know.
    pub fn from_json(recorded: &Value) -> Result<Self> {
        Self::deserialize(recorded).map_err(|error| {
            Error::Device(format!("the run's adapter cannot be read: {recorded}: {error}")).caused_by(error)
        })
    }
}

impl Adapter {
    /// Where it is among those of this machine.
    pub fn slot(&self) -> AdapterSlot {
        AdapterSlot { api: self.api, kind: self.kind, position: self.position }
    }
}

/// The adapter for a recorded name and slot: the one in that slot, if it has the name; else the only one of that name,
/// since a card moves when another comes or goes; else the best real GPU. `adapters` are all that there are, sorted.
///
/// # Errors
/// Several adapters have the name and none of them is in the slot; none has the name, and all others are in software.
pub(super) fn again<'a>(name: &str, slot: Option<AdapterSlot>, adapters: &'a [Adapter]) -> Result<&'a Adapter> {
    let named: Vec<_> = adapters.iter().filter(|adapter| adapter.device_name() == name).collect();
    let in_slot = named.iter().find(|adapter| Some(adapter.slot()) == slot);
    let real = || adapters.iter().find(|adapter| !adapter.is_software());
    let reason = match (in_slot, &named[..]) {
        (Some(adapter), _) | (None, [adapter]) => return Ok(adapter),
        (None, []) => match real() {
            Some(adapter) => return Ok(adapter),
            None => {
                "which is gone, and no other real gpu is there; name a device with --device, such as cpu".to_owned()
            }
        },
        (None, several) => {
            let count = several.len();
            format!("which {count} adapters are called; name one with --device; `moonburn devices` lists them")
        }
    };
    Err(Error::Device(format!("the run was on {name}, {reason}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::selection::sort;
    use serde_json::json;

    #[test]
    fn a_slot_is_recorded_by_names_and_reads_back() {
        let slot = AdapterSlot { api: Api::Vulkan, kind: AdapterKind::Discrete, position: 1 };
        let recorded = json!({ "api": "vulkan", "kind": "discrete", "position": 1 });
        assert_eq!(slot.to_json(), recorded);
        assert_eq!(AdapterSlot::from_json(&recorded).unwrap(), slot);
        let error = AdapterSlot::from_json(&json!({ "api": "glide" })).unwrap_err().to_string();
        assert!(error.starts_with("device: the run's adapter cannot be read: {\"api\":\"glide\"}: "), "{error}");
    }

    fn twins() -> Vec<Adapter> {
        let mut adapters = vec![
            Adapter::sample("geforce", Api::Vulkan, AdapterKind::Discrete, 0),
            Adapter::sample("geforce", Api::Vulkan, AdapterKind::Discrete, 1),
            Adapter::sample("lavapipe", Api::Vulkan, AdapterKind::Software, 0),
        ];
        sort(&mut adapters);
        adapters
    }

    fn slot(kind: AdapterKind, position: usize) -> Option<AdapterSlot> {
        Some(AdapterSlot { api: Api::Vulkan, kind, position })
    }

    #[test]
    fn of_two_cards_of_one_name_it_is_the_one_in_the_slot() {
        for position in [0, 1] {
            let found = again("gpu (geforce, vulkan)", slot(AdapterKind::Discrete, position), &twins()).cloned();
            assert_eq!(found.unwrap().position, position);
        }
    }

    #[test]
    fn a_card_that_has_moved_is_found_by_its_name() {
        let moved = vec![
            Adapter::sample("geforce", Api::Vulkan, AdapterKind::Discrete, 0),
            Adapter::sample("radeon", Api::Vulkan, AdapterKind::Discrete, 1),
        ];
        let found = again("gpu (radeon, vulkan)", slot(AdapterKind::Discrete, 0), &moved).unwrap();
        assert_eq!((found.name.as_str(), found.position), ("radeon", 1));
    }

    #[test]
    fn a_name_without_a_slot_is_enough_where_one_adapter_has_it() {
        assert_eq!(again("gpu (lavapipe, vulkan)", None, &twins()).unwrap().name, "lavapipe");
        let error = again("gpu (geforce, vulkan)", None, &twins()).unwrap_err().to_string();
        let want = "device: the run was on gpu (geforce, vulkan), which 2 adapters are called; name one with --device; \
                    `moonburn devices` lists them";
        assert_eq!(error, want);
    }

    #[test]
    fn a_card_that_is_gone_gives_way_to_a_real_one_and_never_to_one_in_software() {
        let gone = |adapters: &[Adapter]| again("gpu (radeon, vulkan)", None, adapters).cloned();
        assert_eq!(gone(&twins()).unwrap().name, "geforce");
        let want = "device: the run was on gpu (radeon, vulkan), which is gone, and no other real gpu is there; name a \
                    device with --device, such as cpu";
        for adapters in [&twins()[2..], &[]] {
            assert_eq!(gone(adapters).unwrap_err().to_string(), want);
        }
    }
}
