//! A component's state, apart from how a session names it.

use super::{Component, Configuration, Takeover, takeover};
use crate::{Device, Result, Tensor, data::Cursor, dataset::Contents, optim::OptimizerState};

/// A component's state.
#[derive(Clone)]
pub struct ComponentState {
    /// How it was set up at that time.
    pub configuration: Configuration,
    /// Parameters and running statistics; the tensor itself under the empty name; what is in a data set that grows.
    pub tensors: Vec<(String, Tensor)>,
    /// What an optimizer keeps.
    pub optimizer: OptimizerState,
    /// Where a data set's walk stood.
    pub cursor: Option<Cursor>,
    /// How many items were added to a data set that grows.
    pub added: Option<u64>,
    /// The component itself, while its session lives.
    pub living: Option<Component>,
}

impl ComponentState {
    pub(super) fn of(component: &Component) -> Self {
        let mut state = Self {
            configuration: component.configuration(),
            tensors: Vec::new(),
            optimizer: OptimizerState::default(),
            cursor: None,
            added: None,
            living: Some(component.clone()),
        };
        match component {
            Component::Module(module) => state.tensors = module.state(),
            Component::Optimizer(optimizer) => state.optimizer = optimizer.borrow().state().clone(),
            Component::ImageSet(images) => state.cursor = Some(images.cursor()),
            Component::Dataset(set) => {
                state.cursor = Some(set.cursor());
                if let Some(contents) = set.contents() {
                    state.added = Some(contents.added);
                    state.tensors = contents.tensors.into_iter().collect();
                }
            }
            Component::Tensor(tensor) => state.tensors = vec![(String::new(), tensor.clone())],
        }
        state
    }

    /// Every tensor by its name within the component.
    pub(super) fn named(&self) -> impl Iterator<Item = (String, Tensor)> {
        self.tensors.iter().cloned().chain(self.optimizer.tensors())
    }

    /// Gives its state back to the component that the state was taken from.
    pub(super) fn give_back(&self) -> Result<Option<Component>> {
        let Some(component) = self.living.clone() else { return Ok(None) };
        match &component {
            Component::Module(module) => {
                module.load(&self.tensors.iter().cloned().collect())?;
            }
            Component::Optimizer(optimizer) => optimizer.borrow_mut().set_state(self.optimizer.clone()),
            Component::ImageSet(images) => images.seek(self.cursor.unwrap_or_default())?,
            Component::Dataset(set) => {
                set.seek(self.cursor.unwrap_or_default())?;
                if let Some(contents) = self.contents() {
                    set.restore(contents);
                }
            }
            Component::Tensor(_) => {}
        }
        component.configure(&self.configuration)?;
        Ok(Some(component))
    }

    /// What was in a data set that grows.
    fn contents(&self) -> Option<Contents> {
        self.added.map(|added| Contents { tensors: self.tensors.iter().cloned().collect(), added })
    }

    /// The tensor, if this is the state of a tensor.
    pub(super) fn tensor(&self) -> Option<&Tensor> {
        self.tensors.first().filter(|_| self.configuration == Configuration::Tensor).map(|(_, tensor)| tensor)
    }

    /// What to say where a data set now has other images or items than it did.
    pub(super) fn other_images(&self, component: &Component) -> Option<String> {
        match (&self.configuration, component.configuration()) {
            (Configuration::ImageSet { fingerprint: old, .. }, Configuration::ImageSet { fingerprint: new, .. }) => {
                (*old != new).then(|| "its images are others than they were".to_owned())
            }
            (Configuration::Dataset { description: old }, Configuration::Dataset { description: new }) => {
                (*old != new).then(|| format!("its items were {old}, and are {new}"))
            }
            _ => None,
        }
    }

    /// Gives what fits to a component that is not realised yet.
    pub(super) fn hand_over(&self, component: &Component, device: &Device) -> Result<Takeover> {
        let mut found = Takeover::default();
        let configuration = component.configuration();
        if std::mem::discriminant(&configuration) != std::mem::discriminant(&self.configuration) {
            found.notes.push("another kind of component now".into());
            return Ok(found);
        }
        match component {
            Component::Module(module) => {
                let report = module.inherit(&self.tensors.iter().cloned().collect(), device)?;
                let shapes = module.shapes();
                let now = |name: &String| shapes.get(name).map_or(&[][..], Vec::as_slice);
                let before = |name: &String| {
                    let tensor = self.tensors.iter().find(|(known, _)| known == name);
                    tensor.map_or(&[][..], |(_, tensor)| tensor.shape())
                };
                found.kept = report.kept.len();
                found.reshaped =
                    report.misfits.iter().map(|name| takeover::became(name, before(name), now(name))).collect();
                found.initialised = report.missing.iter().map(|name| takeover::titled(name, now(name))).collect();
                found.dropped = report.unexpected.iter().map(|name| takeover::titled(name, before(name))).collect();
            }
            Component::Optimizer(optimizer) => {
                let state = self.optimizer.map(|tensor| Ok(tensor.to_device(device)?.detach()))?;
                found.kept = state.tensors().len();
                optimizer.borrow_mut().set_state(state);
            }
            Component::ImageSet(images) => {
                if let Some(Component::ImageSet(old)) = &self.living {
                    images.share(old);
                }
                found.kept = 1;
            }
            Component::Dataset(set) => {
                let contents = self.contents().unwrap_or_default();
                if set.take_over(&contents, device)? || contents.added == 0 {
                    found.kept = 1;
                } else {
                    found.notes.push("what was added to it is dropped".into());
                }
            }
            Component::Tensor(new) => match self.tensors.first() {
                Some((_, old)) if old.dtype() == new.dtype() && old.shape() == new.shape() => found.kept = 1,
                Some((_, old)) if old.dtype() == new.dtype() => {
                    found.notes.push(takeover::became("its shape", old.shape(), new.shape()));
                }
                Some(_) => found.notes.push("another kind of tensor now".into()),
                None => found.initialised.push(String::new()),
            },
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Dataset, DatasetOptions, Named};

    #[test]
    fn what_was_added_to_a_data_set_that_has_other_items_now_is_told() {
        let of = |width: usize| {
            let tensors = Named::from([("x".to_owned(), Tensor::ones(&[2, width], &Device::cpu()).unwrap())]);
            let options = DatasetOptions { count: None, capacity: Some(4) };
            Component::Dataset(Dataset::of_tensors("from", tensors, options).unwrap())
        };
        let old = ComponentState::of(&of(2));
        let found = |width| old.hand_over(&of(width), &Device::cpu()).unwrap();
        assert_eq!((found(2).kept, found(2).notes.len()), (1, 0));
        assert_eq!((found(3).kept, found(3).notes.join(", ").as_str()), (0, "what was added to it is dropped"));
    }
}
