//! Transforms one after the other, each with a name that no other of the chain has.

use std::collections::BTreeMap;

use super::{Link, Slots, UpdateTarget, state::Kept};
use crate::{Error, Result, Tensor};

/// A parameter on its way through a chain.
pub(super) struct Item<'a> {
    pub(super) target: UpdateTarget,
    /// Its update, and in the end its next value. None while a link has it, and after a failure.
    tensor: Option<Tensor>,
    /// What was kept for it.
    before: Option<&'a Kept>,
    /// What is kept for it from now on.
    after: Kept,
}

impl<'a> Item<'a> {
    pub(super) fn new(target: UpdateTarget, gradient: Tensor, before: Option<&'a Kept>) -> Self {
        Self { target, tensor: Some(gradient), before, after: Kept::new() }
    }

    /// The parameter's next value and what is kept for it, once it has arrived.
    pub(super) fn end(self) -> (Tensor, Kept) {
        (self.tensor.expect("it has arrived"), self.after)
    }

    fn take(&mut self) -> Tensor {
        self.tensor.take().expect("a link that did not fail has given an update back")
    }

    fn kept(&self, name: &str, link: &Link) -> Result<Slots> {
        Ok(taking_over(link.transform().init(self.target.parameter.shape())?, self.before, name))
    }

    fn keep(&mut self, name: &str, slots: Slots) {
        if !slots.is_empty() {
            self.after.insert(name.to_owned(), slots);
        }
    }

    fn pass(&mut self, (name, link): &(String, Link)) -> Result<()> {
        let (update, slots) = link.transform().update(self.take(), self.kept(name, link)?, &self.target)?;
        self.tensor = Some(update);
        self.keep(name, slots);
        Ok(())
    }

    fn arrive(&mut self) -> Result<()> {
        let update = self.take();
        let parameter = &self.target.parameter;
        let moved = parameter.sub(&update)?;
        if moved.shape() != parameter.shape() {
            let (left, right) = (parameter.shape().to_vec(), moved.shape().to_vec());
            return Err(Error::Shapes { op: "step", left, right });
        }
        self.tensor = Some(moved);
        Ok(())
    }
}

fn taking_over(start: Slots, before: Option<&Kept>, name: &str) -> Slots {
    match before.and_then(|kept| kept.get(name)) {
        Some(old) => start.taking_over(old),
        None => start,
    }
}

/// The links that a parameter's update goes through.
pub(super) struct Chain {
    links: Vec<(String, Link)>,
    /// So many of them are all chains' of an optimizer.
    common: usize,
}

impl Chain {
    /// The second of a name has the number 2, and so on.
    pub(super) fn new(common: &[Link], own: &[Link], after: &[Link]) -> Self {
        let mut links: Vec<(String, Link)> = Vec::with_capacity(common.len() + own.len() + after.len());
        for link in common.iter().chain(own).chain(after) {
            let mut names = (1..).map(|number| match number {
                1 => link.name().to_owned(),
                number => format!("{}_{number}", link.name()),
            });
            let name = names.find(|name| links.iter().all(|(known, _)| known != name));
            let name = name.expect("there are more numbers than links");
            links.push((name, link.clone()));
        }
        Self { links, common: common.len() }
    }

    /// What each link keeps for a parameter of a shape, as it is before the first step, where that is known.
    pub(super) fn known(&self, shape: &[usize]) -> BTreeMap<String, Option<Slots>> {
        self.links.iter().map(|(name, link)| (name.clone(), link.transform().known(shape))).collect()
    }

    /// Calls functions of the caller's for what each link keeps for a parameter of a shape: it is known from then on.
    ///
    /// # Errors
    /// Those of the first that fails.
    pub(super) fn ask(&self, shape: &[usize]) -> Result<()> {
        self.links.iter().try_for_each(|(_, link)| link.transform().init(shape).map(drop))
    }

    /// What each link keeps for all parameters together, as it is before the first step.
    pub(super) fn init_shared(&self) -> Kept {
        self.links.iter().map(|(name, link)| (name.clone(), link.transform().init_shared())).collect()
    }

    /// Takes items through the links that all chains have in common.
    pub(super) fn begin(&self, items: &mut [&mut Item<'_>], shared: &mut Kept) -> Result<()> {
        run(&self.links[..self.common], items, shared, false)
    }

    /// Takes items through the other links, and moves their parameters.
    pub(super) fn finish(&self, items: &mut [&mut Item<'_>], shared: &mut Kept) -> Result<()> {
        run(&self.links[self.common..], items, shared, true)
    }
}

/// Each item goes as far as it can by itself before the next one sets out, so that few updates are there at once. With
/// `arrives` its parameter is moved in the end.
fn run(mut links: &[(String, Link)], items: &mut [&mut Item<'_>], shared: &mut Kept, arrives: bool) -> Result<()> {
    loop {
        let alone = links.iter().take_while(|(_, link)| !link.transform().needs_all()).count();
        let (first, later) = links.split_at(alone);
        for item in items.iter_mut() {
            first.iter().try_for_each(|link| item.pass(link))?;
            if arrives && later.is_empty() {
                item.arrive()?;
            }
        }
        let Some(((name, link), rest)) = later.split_first() else { return Ok(()) };
        let passing = items.iter_mut().map(|item| Ok((item.take(), item.kept(name, link)?)));
        let passing = passing.collect::<Result<Vec<_>>>()?;
        let targets: Vec<&UpdateTarget> = items.iter().map(|item| &item.target).collect();
        let old = taking_over(link.transform().init_shared(), Some(shared), name);
        let (passed, slots) = link.transform().update_all(passing, old, &targets)?;
        for (item, (update, slots)) in items.iter_mut().zip(passed) {
            item.tensor = Some(update);
            item.keep(name, slots);
        }
        shared.insert(name.clone(), slots);
        links = rest;
    }
}
