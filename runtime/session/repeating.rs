//! What a second call of a function in one step finds as the first one did: draws, and data sets where they stood in
//! their order.

use super::{Component, DrawCounts, Session};
use crate::{Result, data::Cursor};

/// How far draws and data sets have come.
pub(super) struct Place {
    draws: DrawCounts,
    cursors: Vec<(Component, Cursor)>,
}

impl Session {
    /// How far draws and data sets have come.
    pub(super) fn place(&self) -> Place {
        let cursor = |(_, component): (&str, &Component)| {
            let cursor = match component {
                Component::ImageSet(images) => images.cursor(),
                Component::Dataset(set) => set.cursor(),
                _ => return None,
            };
            Some((component.clone(), cursor))
        };
        Place { draws: self.drawn(), cursors: self.components.iter().filter_map(cursor).collect() }
    }

    /// Goes on from there. Returns how far they had come.
    ///
    /// # Errors
    /// None in practice: each set has stood there before.
    pub(super) fn go_to(&mut self, place: Place) -> Result<Place> {
        let before = self.place();
        self.draw_again(place.draws);
        for (component, cursor) in place.cursors {
            match component {
                Component::ImageSet(images) => images.seek(cursor)?,
                Component::Dataset(set) => set.seek(cursor)?,
                _ => {}
            }
        }
        Ok(before)
    }
}
