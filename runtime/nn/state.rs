//! A module's state as named tensors, and taking one back by name and shape.

use std::collections::{BTreeMap, BTreeSet};

use super::{Buffer, Module, Parameter};
use crate::{Device, Error, Result, Tensor, tensor::DType};

/// What became of a state that was loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Entries that were taken.
    pub kept: Vec<String>,
    /// Entries that the state lacks: what they belong to stays as it was.
    pub missing: Vec<String>,
    /// Entries that nothing here is called after.
    pub unexpected: Vec<String>,
    /// Entries of another shape or kind, left out.
    pub misfits: Vec<String>,
}

enum Slot {
    Parameter(Parameter),
    Buffer(Buffer),
}

impl Slot {
    fn value(&self) -> Result<Tensor> {
        match self {
            Self::Parameter(parameter) => parameter.value(),
            Self::Buffer(buffer) => buffer.value(),
        }
    }

    fn shape(&self) -> &[usize] {
        match self {
            Self::Parameter(parameter) => parameter.shape(),
            Self::Buffer(buffer) => buffer.shape(),
        }
    }

    fn dtype(&self) -> DType {
        match self {
            Self::Parameter(_) => DType::Float32,
            Self::Buffer(buffer) => buffer.dtype(),
        }
    }

    /// Whether a value may take its place.
    fn fits(&self, value: &Tensor) -> bool {
        value.shape() == self.shape() && value.kind() == self.dtype().kind()
    }

    /// A value of its own as it was once: what began filled with a number may have been of any float format since.
    fn restored(&self, value: &Tensor, device: &Device) -> Result<Tensor> {
        match self {
            Self::Parameter(_) => self.converted(value, device),
            Self::Buffer(_) => value.to_device(device),
        }
    }

    /// A value as one of its own, on its device.
    fn converted(&self, value: &Tensor, device: &Device) -> Result<Tensor> {
        value.to_dtype(self.dtype())?.to_device(device)
    }

    /// Takes its first value from a state.
    fn inherit(&self, value: Tensor) -> Result<()> {
        match self {
            Self::Parameter(parameter) => parameter.inherit(value),
            Self::Buffer(buffer) => buffer.inherit(value),
        }
    }

    fn is_inherited(&self) -> bool {
        match self {
            Self::Parameter(parameter) => parameter.is_inherited(),
            Self::Buffer(buffer) => buffer.is_inherited(),
        }
    }

    fn set(&self, value: Tensor) -> Result<()> {
        match self {
            Self::Parameter(parameter) => parameter.set(value),
            Self::Buffer(buffer) => buffer.set(value),
        }
    }
}

impl Module {
    fn slots(&self) -> Vec<(String, Slot)> {
        let parameters = self.parameters().into_iter().map(|(name, parameter)| (name, Slot::Parameter(parameter)));
        parameters.chain(self.buffers().into_iter().map(|(name, buffer)| (name, Slot::Buffer(buffer)))).collect()
    }

    /// Every parameter, then every buffer, under its dotted name. Empty before the module is realised.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        self.slots().into_iter().filter_map(|(name, slot)| Some((name, slot.value().ok()?))).collect()
    }

    /// The shape of every parameter and buffer, also before they have values.
    pub fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        self.slots().into_iter().map(|(name, slot)| (name, slot.shape().to_vec())).collect()
    }

    /// Takes the entries that fit by name and shape before the module has values: what does not fit is drawn when it is
    /// realised. Entries that it has values for already, such as a copy's, are replaced.
    ///
    /// # Errors
    /// A device failed.
    pub fn inherit(&self, state: &BTreeMap<String, Tensor>, device: &Device) -> Result<LoadReport> {
        let mut report = LoadReport::default();
        let mut known = BTreeSet::new();
        for (name, slot) in self.slots() {
            known.insert(name.clone());
            match state.get(&name) {
                None => report.missing.push(name),
                Some(value) if slot.fits(value) => {
                    slot.inherit(slot.restored(value, device)?)?;
                    report.kept.push(name);
                }
                Some(_) => report.misfits.push(name),
            }
        }
        report.unexpected = state.keys().filter(|name| !known.contains(*name)).cloned().collect();
        Ok(report)
    }

    /// Takes the entries of an earlier state of its own that fit by name and shape, and reports all others.
    ///
    /// # Errors
    /// The module is not realised; a device failed. Nothing has changed then.
    pub fn load(&self, state: &BTreeMap<String, Tensor>) -> Result<LoadReport> {
        self.located(self.load_fitting(state))
    }

    /// As [`Module::load`], but an entry of another shape or kind is an error that names it, and nothing changes. What came
    /// from a state may keep the value that it has, and counts as taken.
    pub fn load_strict(&self, state: &BTreeMap<String, Tensor>, inherited_stays: bool) -> Result<LoadReport> {
        self.located(self.load_whole(state, inherited_stays))
    }

    fn load_fitting(&self, state: &BTreeMap<String, Tensor>) -> Result<LoadReport> {
        let (report, fitting) = self.fit(state, Slot::restored)?;
        fitting.into_iter().try_for_each(|(slot, value)| slot.set(value))?;
        Ok(report)
    }

    fn load_whole(&self, state: &BTreeMap<String, Tensor>, inherited_stays: bool) -> Result<LoadReport> {
        let (report, fitting) = self.fit(state, Slot::converted)?;
        if let Some(name) = report.misfits.first() {
            let slots = self.slots();
            let mine = slots.iter().find(|(own, _)| own == name).map(|(_, slot)| slot.value()).transpose()?;
            let show = |tensor: &Tensor| format!("{} {:?}", tensor.kind(), tensor.shape());
            return Err(Error::argument(
                "load",
                name,
                mine.as_ref().map_or_else(String::new, show),
                show(&state[name]),
            ));
        }
        let mut taken = fitting.into_iter().filter(|(slot, _)| !(inherited_stays && slot.is_inherited()));
        taken.try_for_each(|(slot, value)| slot.set(value))?;
        Ok(report)
    }

    fn fit(
        &self,
        state: &BTreeMap<String, Tensor>,
        own_of: impl Fn(&Slot, &Tensor, &Device) -> Result<Tensor>,
    ) -> Result<(LoadReport, Vec<(Slot, Tensor)>)> {
        let mut report = LoadReport::default();
        let (mut fitting, mut known) = (Vec::new(), BTreeSet::new());
        for (name, slot) in self.slots() {
            let own = slot.value()?;
            known.insert(name.clone());
            match state.get(&name) {
                None => report.missing.push(name),
                Some(value) if slot.fits(value) => {
                    let taken = own_of(&slot, value, own.device())?;
                    fitting.push((slot, taken));
                    report.kept.push(name);
                }
                Some(_) => report.misfits.push(name),
            }
        }
        // PyTorch counts batches beside the running statistics; nothing here needs the count.
        let counts = |name: &str| name.ends_with("num_batches_tracked");
        report.unexpected = state.keys().filter(|name| !known.contains(*name) && !counts(name)).cloned().collect();
        Ok((report, fitting))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::{BatchNormOptions, batch_norm, linear, sequential};

    fn model(outputs: usize, seed: u64) -> Module {
        let model = sequential(vec![linear(3, outputs, true), batch_norm(outputs, BatchNormOptions::default())]);
        model.realise("model", seed, &Device::cpu()).unwrap();
        model
    }

    fn values(model: &Module) -> Vec<Vec<f32>> {
        model.state().into_iter().map(|(_, tensor)| tensor.floats().unwrap()).collect()
    }

    #[test]
    fn a_state_comes_back_whole() {
        let (from, to) = (model(4, 1), model(4, 2));
        let report = to.load(&from.state().into_iter().collect()).unwrap();
        assert_eq!(values(&to), values(&from));
        assert_eq!((report.kept.len(), report.missing, report.unexpected, report.misfits), (6, vec![], vec![], vec![]));
    }

    #[test]
    fn what_does_not_fit_is_reported_or_strictly_refused() {
        let device = Device::cpu();
        let to = model(4, 2);
        let before = values(&to);
        let mut state: BTreeMap<String, Tensor> = model(4, 1).state().into_iter().collect();
        state.insert("0.weight".into(), Tensor::ones(&[5, 3], &device).unwrap());
        state.insert("fc.weight".into(), Tensor::ones(&[2], &device).unwrap());
        state.remove("1.running_var");
        let error = to.load_strict(&state, false).unwrap_err();
        assert_eq!(error.to_string(), "model: load: 0.weight must be float32 [4, 3], got float32 [5, 3]");
        assert_eq!(values(&to), before);
        let report = to.load(&state).unwrap();
        assert_eq!(report.misfits, ["0.weight"]);
        assert_eq!(
            (report.unexpected, report.missing),
            (vec!["fc.weight".to_owned()], vec!["1.running_var".to_owned()])
        );
        assert_eq!(values(&to)[0], before[0]);
    }
}
