//! Who gives orders to a live run, and the pace that the last orders set.

use std::{cell::Cell, path::Path};

use crate::{Result, control::Control};

/// How a training goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// On and on.
    Running,
    /// So many steps, then it pauses.
    Stepping(u64),
    /// Not at all.
    Paused,
}

/// Who gives orders, and the pace that the last orders set.
pub struct Orders {
    pub(super) control: Option<Control>,
    pub(super) pace: Cell<Pace>,
}

impl Orders {
    /// Orders from there, if from anywhere.
    pub fn new(control: Option<Control>) -> Self {
        Self { control, pace: Cell::new(Pace::Running) }
    }

    /// Takes orders in another folder.
    ///
    /// # Errors
    /// It cannot be made or read.
    pub fn listen_in(&self, folder: &Path) -> Result<()> {
        self.control.as_ref().map_or(Ok(()), |control| control.listen_to_folder(folder))
    }

    /// Whether the training stands still.
    pub(super) fn is_paused(&self) -> bool {
        self.pace.get() == Pace::Paused
    }
}
