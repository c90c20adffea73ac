//! A run whose folder is moved, removed or replaced while it trains. Writing on under the old name would leave a folder
//! from which nothing can go on, or spoil another run's. So the run follows a folder that was moved, and begins a whole
//! new one if its folder is gone.

use std::path::{Path, PathBuf};

use super::{Supervision, saving::Occasion};
use crate::{
    Result,
    run::{RunFolder, Spare},
};

impl Supervision {
    /// Looks whether the run's folder is its own still, now and then.
    pub(super) fn glance_at_folder(&self) {
        if self.lookout.is_due() {
            self.look_at_folder();
        }
    }

    /// Looks whether the run's folder is its own still, and moves where it is not.
    pub fn look_at_folder(&self) {
        self.lookout.note_look();
        let live = self.live();
        let found = {
            let session = live.context.session.borrow();
            let Some(folder) = session.output().folder().filter(|folder| !folder.is_in_place()) else { return };
            (folder.path().to_owned(), folder.moved_to())
        };
        let outcome = match &found {
            (old, Some(new)) => self.follow(new).map(|()| format!("{} is {} now", old.display(), new.display())),
            (old, None) => self.begin_folder(old).map(|new| {
                let what = if old.exists() { "is another folder now" } else { "was removed" };
                format!(
                    "{} {what}: the run is in {} from here on, with all that it had, but for older checkpoints",
                    old.display(),
                    new.display()
                )
            }),
        };
        match outcome {
            Ok(text) => {
                self.lookout.note_place();
                self.say(&text);
            }
            Err(error) => {
                if self.lookout.note_lost() {
                    let old = found.0.display();
                    self.say(&format!(
                        "{old} is gone, and there is no other place for the run: {error}; it is tried again"
                    ));
                }
            }
        }
    }

    /// Goes on in the same folder under its new name.
    fn follow(&self, new: &Path) -> Result<()> {
        self.finish_writing();
        let live = self.live();
        let mut session = live.context.session.borrow_mut();
        session.output_mut().move_folder(new)?;
        if let (Some(store), Some(folder)) = (self.store.borrow_mut().as_mut(), session.output().folder()) {
            store.move_to(folder, true)?;
        }
        self.listen_in(new)
    }

    /// Begins a whole folder beside the lost one, and saves at once. Returns where.
    fn begin_folder(&self, old: &Path) -> Result<PathBuf> {
        // What is being written goes where nobody will look for it.
        self.finish_writing();
        let live = self.live();
        let record = live.context.session.borrow().output().folder().map(|folder| folder.record().clone());
        let (Some(record), Some(store)) = (record, &mut *self.store.borrow_mut()) else { return Ok(old.to_owned()) };
        let folder = RunFolder::beside(old, record.clone())?;
        let new = folder.path().to_owned();
        Spare::new(record, store.recorded.journal().entries()?, store.recorded.sources()).write(&new)?;
        store.move_to(&folder, false)?;
        live.context.session.borrow_mut().output_mut().take_folder(folder)?;
        self.listen_in(&new)?;
        self.lookout.set_has_new(true);
        Ok(new)
    }

    /// Saves into a folder that was begun since the last boundary: without a checkpoint nothing can go on from it.
    /// While an edit may still be taken back, the checkpoint waits until the edit has proved itself.
    pub fn save_into_new_folder(&self) -> Result<()> {
        if !self.succession.is_on_probation() && self.lookout.set_has_new(false) {
            self.save_or_tell(Occasion::Interval)
        } else {
            Ok(())
        }
    }

    /// Takes orders in another folder, and says there how the process ended if it must be.
    fn listen_in(&self, folder: &Path) -> Result<()> {
        if let Some(last_resort) = self.last_resort.get() {
            last_resort.move_to(folder.to_owned());
        }
        self.orders.listen_in(folder)
    }
}
