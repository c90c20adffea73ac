//! A state as the files of a checkpoint, and back: `tensors.safetensors` and a `session.json` that can be read.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ComponentState, Configuration, Counters, Plain, SetUp, State, optimizer_document::OptimizerDocument};
use crate::{
    Device, Error, Result, Tensor,
    data::{ClassNames, Cursor},
    nn::weights,
    optim::OptimizerState,
    run::{Files, MakeFiles},
};

/// The number of the form that is written.
const FORMAT: u64 = 2;
/// The form before it, which is read as well: an optimizer kept a velocity for each parameter, by the parameter's path
/// alone.
const VELOCITIES: u64 = 1;
const SESSION: &str = "session.json";
const TENSORS: &str = "tensors.safetensors";

/// What a checkpoint says of its run besides the state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The number of the script's version, counted in accepted edits.
    pub version: u64,
    /// The script's options, for the reader.
    pub options: Map<String, Value>,
    /// The versions of the parts that can change a result.
    pub versions: BTreeMap<String, String>,
    /// The metric that tells which checkpoint is the best, and its value then.
    pub best: Option<(String, f64)>,
    /// The last step that was logged by then; none where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logged: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Document {
    format: u64,
    #[serde(flatten)]
    counters: Counters,
    components: Map<String, Value>,
    state: Value,
    /// The class names of tensors of labels, by the tensors' names in the file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    class_names: BTreeMap<String, Vec<String>>,
    set_up: SetUpDocument,
    #[serde(flatten)]
    about: About,
}

#[derive(Serialize, Deserialize)]
struct SetUpDocument {
    total: u64,
    components: BTreeMap<String, Configuration>,
    state: Value,
}

#[derive(Serialize, Deserialize)]
struct ComponentDocument {
    #[serde(flatten)]
    configuration: Configuration,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<Cursor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    added: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tensors: Vec<String>,
    #[serde(flatten)]
    optimizer: OptimizerDocument,
}

/// Reads a state from its device and returns what makes the files, on any thread.
///
/// # Errors
/// A device failed.
pub fn encode(state: &State, about: &About) -> Result<MakeFiles> {
    let mut tensors = state.tensors();
    let plain = state.plain.to_json("session.state", &mut tensors);
    let set_up_plain = state.set_up.plain.to_json("session.set_up", &mut tensors);
    let component = |(name, saved): &(String, ComponentState)| {
        let document = ComponentDocument {
            configuration: saved.configuration.clone(),
            cursor: saved.cursor,
            added: saved.added,
            tensors: saved.tensors.iter().map(|(own, _)| own.clone()).collect(),
            optimizer: OptimizerDocument::of(&saved.optimizer),
        };
        Ok((name.clone(), serde_json::to_value(document)?))
    };
    let components = state.components.iter().map(component).collect::<Result<_, serde_json::Error>>();
    let document = Document {
        format: FORMAT,
        counters: state.counters.clone(),
        components: components.map_err(unwritable)?,
        state: plain,
        class_names: tensors
            .iter()
            .filter_map(|(name, tensor)| Some((name.clone(), tensor.class_names()?.names().to_vec())))
            .collect(),
        set_up: SetUpDocument {
            total: state.set_up.total,
            components: state.set_up.components.clone(),
            state: set_up_plain,
        },
        about: about.clone(),
    };
    let host = weights::read_all(&tensors)?;
    let mut session = serde_json::to_vec_pretty(&document).map_err(unwritable)?;
    session.push(b'\n');
    Ok(Box::new(move || {
        let tensors = weights::encode(host, &BTreeMap::new())?;
        Ok(Files::from([(SESSION.to_owned(), session), (TENSORS.to_owned(), tensors)]))
    }))
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::State { op: "checkpoint", reason: format!("{SESSION} cannot be written: {error}") }.caused_by(error)
}

/// What a checkpoint tells besides the state, without reading that.
pub fn read_about(files: &Files) -> Option<About> {
    serde_json::from_slice(files.get(SESSION)?).ok()
}

/// A state from the files of a checkpoint, its tensors on a device.
///
/// # Errors
/// A file is missing or of another form; a tensor that the state names is not there.
pub fn decode(files: &Files, path: &Path, device: &Device) -> Result<(State, About)> {
    let wrong = |name: &str, reason: String| Error::data("checkpoint", path.join(name), reason);
    let file = |name: &str| files.get(name).ok_or_else(|| wrong(name, "is missing".into()));
    let value: Value =
        serde_json::from_slice(file(SESSION)?).map_err(|error| wrong(SESSION, error.to_string()).caused_by(error))?;
    let format = match value.get("format").and_then(Value::as_u64) {
        Some(format @ (FORMAT | VELOCITIES)) => format,
        other => {
            let found = other.map_or("none that is known".to_owned(), |format| format.to_string());
            let reason = format!("its format is {found}, this version of moonburn reads {VELOCITIES} and {FORMAT}");
            return Err(wrong(SESSION, reason));
        }
    };
    let document: Document =
        serde_json::from_value(value).map_err(|error| wrong(SESSION, error.to_string()).caused_by(error))?;
    let mut tensors = weights::decode(file(TENSORS)?, &path.join(TENSORS), device)?;
    for (name, names) in document.class_names {
        if let Some(labels) = tensors.get_mut(&name) {
            *labels = labels.clone().with_class_names(Some(ClassNames::new(names)));
        }
    }
    let mut components = Vec::with_capacity(document.components.len());
    for (name, value) in document.components {
        let component: ComponentDocument =
            serde_json::from_value(value).map_err(|error| wrong(SESSION, format!("{name}: {error}")))?;
        let find = |own: String| -> Result<(String, Tensor)> {
            let full = if own.is_empty() { name.clone() } else { format!("{name}.{own}") };
            let tensor = tensors.get(&full).ok_or_else(|| wrong(TENSORS, format!("has no tensor '{full}'")))?;
            Ok((own, tensor.clone()))
        };
        let mut own = component.tensors.into_iter().map(find).collect::<Result<Vec<_>>>()?;
        let mut optimizer =
            component.optimizer.read(|own| Ok(find(own)?.1), |reason| wrong(SESSION, format!("{name}: {reason}")))?;
        if format == VELOCITIES && matches!(component.configuration, Configuration::Optimizer(_)) {
            optimizer = OptimizerState::of_velocities(std::mem::take(&mut own));
        }
        let saved = ComponentState {
            configuration: component.configuration,
            tensors: own,
            optimizer,
            cursor: component.cursor,
            added: component.added,
            living: None,
        };
        components.push((name, saved));
    }
    let set_up = SetUp {
        total: document.set_up.total,
        components: document.set_up.components,
        plain: Plain::from_json(&document.set_up.state, &tensors)?,
    };
    let state =
        State { counters: document.counters, components, plain: Plain::from_json(&document.state, &tensors)?, set_up };
    Ok((state, document.about))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Component, LastDraws, LossScale, Session};

    #[test]
    fn a_session_without_any_tensor_comes_back() {
        let state = Session::silent(Device::cpu(), 7).state();
        let files = encode(&state, &About::default()).unwrap()().unwrap();
        let (decoded, _) = decode(&files, Path::new("checkpoint"), &Device::cpu()).unwrap();
        assert_eq!((decoded.counters.seed, decoded.tensors().len()), (7, 0));
    }

    /// As it was written before counters were a value of their own.
    const OLD: &str = r#"{
      "format": 1, "step": 12, "updates": 11, "total": 40, "seed": 18446744073709551615, "lr_scale": 0.25,
      "loss_scale": { "scale": 2048.0, "good_steps": 17, "skipped": 5, "skipped_in_a_row": 2 },
      "rewinds": 3, "recoveries": 1,
      "components": { "queue": { "kind": "tensor", "tensors": [""] } },
      "state": { "sum": 0.1 },
      "draws": { "pick": [1, 4], "random tensor": [12, 3] },
      "set_up": { "total": 40, "components": { "queue": { "kind": "tensor" } }, "state": { "sum": 0 } },
      "version": 2, "options": { "lr": 0.1 }, "versions": { "lua": "5.4" }, "best": ["accuracy", 0.5], "logged": 12
    }"#;

    #[test]
    fn a_checkpoint_of_before_is_read_and_written_in_the_same_form() {
        let mut session = Session::silent(Device::cpu(), 0);
        session.set("queue", Component::Tensor(Tensor::ones(&[2], &Device::cpu()).unwrap())).unwrap();
        let mut files = encode(&session.state(), &About::default()).unwrap()().unwrap();
        files.insert(SESSION.to_owned(), OLD.into());
        let (state, about) = decode(&files, Path::new("checkpoint"), &Device::cpu()).unwrap();
        let counters = &state.counters;
        assert_eq!((counters.step, counters.updates, counters.total, counters.seed), (12, 11, 40, u64::MAX));
        assert_eq!((counters.lr_scale, counters.rewinds, counters.recoveries), (0.25, 3, 1));
        assert_eq!(counters.loss_scale.skipped, 5);
        assert_eq!(counters.draws.last("random tensor"), Some(LastDraws { step: 12, count: 3 }));
        let written = encode(&state, &about).unwrap()().unwrap();
        let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
        let mut want = value(OLD.as_bytes());
        want["format"] = FORMAT.into();
        assert_eq!(value(&written[SESSION]), want);
    }

    #[test]
    fn a_counter_that_no_older_checkpoint_lacks_must_be_there() {
        let mut files = encode(&Session::silent(Device::cpu(), 0).state(), &About::default()).unwrap()().unwrap();
        files.insert(SESSION.to_owned(), OLD.replace("\"rewinds\": 3,", "").into());
        let error = decode(&files, Path::new("checkpoint"), &Device::cpu()).err().unwrap().to_string();
        assert!(error.ends_with("missing field `rewinds`"), "{error}");
    }

    #[test]
    fn labels_come_back_with_the_names_of_their_classes() {
        let device = Device::cpu();
        let names = ClassNames::new(vec!["b".into(), "a".into()]);
        let labels = Tensor::from_ints(vec![1, 2], &[2], &device).unwrap().with_class_names(Some(names.clone()));
        let mut session = Session::silent(device.clone(), 0);
        session.set("labels", Component::Tensor(labels.clone())).unwrap();
        session.set("count", Component::Tensor(labels.add_scalar(1.0).unwrap())).unwrap();
        session.set_plain(Plain::Table(vec![(Plain::Text(b"own".to_vec()), Plain::Tensor(Box::new(labels)))]));
        let files = encode(&session.state(), &About::default()).unwrap()().unwrap();
        let (decoded, _) = decode(&files, Path::new("checkpoint"), &device).unwrap();
        let found: Vec<_> = decoded.tensors().into_iter().map(|(_, tensor)| tensor.class_names().cloned()).collect();
        assert_eq!(found, [Some(names.clone()), None]);
        let Plain::Table(entries) = decoded.plain else { panic!("session.state is a table") };
        let Plain::Tensor(own) = &entries[0].1 else { panic!("it holds a tensor") };
        assert_eq!(own.class_names(), Some(&names));
    }

    #[test]
    fn a_loss_scale_comes_back_and_is_the_first_one_in_a_checkpoint_that_has_none() {
        let scale = LossScale { scale: 2048.0, good_steps: 17, skipped: 5, skipped_in_a_row: 2 };
        let mut session = Session::silent(Device::cpu(), 0);
        session.set("count", Component::Tensor(Tensor::ones(&[2], &Device::cpu()).unwrap())).unwrap();
        let mut state = session.state();
        state.counters.loss_scale = scale;
        let mut files = encode(&state, &About::default()).unwrap()().unwrap();
        let decoded =
            |files: &Files| decode(files, Path::new("checkpoint"), &Device::cpu()).unwrap().0.counters.loss_scale;
        assert_eq!(decoded(&files), scale);
        let mut session: Value = serde_json::from_slice(&files[SESSION]).unwrap();
        session.as_object_mut().unwrap().remove("loss_scale").unwrap();
        files.insert(SESSION.to_owned(), serde_json::to_vec(&session).unwrap());
        assert_eq!(decoded(&files), LossScale::default());
    }
}
