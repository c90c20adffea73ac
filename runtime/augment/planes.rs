//! Where the planes of an image lie while it is changed: in its place in a batch where they fit there, so that a view is
//! not copied once it is made, or in a buffer.

/// Planes, in one of two places.
#[derive(Debug, Default)]
pub(super) struct Planes<'a> {
    own: Vec<f32>,
    place: Option<&'a mut [f32]>,
    is_placed: bool,
}

impl<'a> Planes<'a> {
    /// Starts over without planes. Those that are made may lie in the place, if there is one.
    pub fn open(&mut self, place: Option<&'a mut [f32]>) {
        (self.place, self.is_placed) = (place, false);
    }

    /// Room for so many values, which are to be written over.
    pub fn room(&mut self, len: usize) -> &mut [f32] {
        self.is_placed = self.place.as_ref().is_some_and(|place| place.len() == len);
        if !self.is_placed {
            self.own.resize(len, 0.0);
        }
        self.values_mut()
    }

    /// Whether they lie in their place.
    pub fn is_in_place(&self) -> bool {
        self.is_placed
    }

    /// The values.
    pub fn values(&self) -> &[f32] {
        match &self.place {
            Some(place) if self.is_placed => place,
            _ => &self.own,
        }
    }

    /// The values, to be changed.
    pub fn values_mut(&mut self) -> &mut [f32] {
        match &mut self.place {
            Some(place) if self.is_placed => place,
            _ => &mut self.own,
        }
    }

    /// Moves the values into a buffer, to be read there while new ones are made.
    pub fn move_to(&mut self, buffer: &mut Vec<f32>) {
        match &self.place {
            Some(place) if self.is_placed => {
                buffer.clear();
                buffer.extend_from_slice(place);
            }
            _ => std::mem::swap(&mut self.own, buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_lie_in_their_place_whenever_they_fit() {
        let (mut place, mut buffer) = ([0.0; 3], vec![]);
        let mut planes = Planes::default();
        planes.open(Some(&mut place));
        planes.room(2).copy_from_slice(&[1.0, 2.0]);
        planes.move_to(&mut buffer);
        assert_eq!(buffer, [1.0, 2.0]);
        planes.room(3).copy_from_slice(&[3.0, 4.0, 5.0]);
        assert_eq!(planes.values(), [3.0, 4.0, 5.0]);
        planes.move_to(&mut buffer);
        assert_eq!(buffer, [3.0, 4.0, 5.0]);
        planes.room(3).fill(6.0);
        planes.open(None);
        planes.room(1)[0] = 7.0;
        assert_eq!(planes.values(), [7.0]);
        assert_eq!(place, [6.0; 3]);
    }
}
