//! Views of a second size: the options that ask an episode for them, and which of its rows are of which size.

use mlua::{Lua, MultiValue, Value};

use super::{
    api::{Argument, Docs, Returned, alone},
    augment::Augmentation,
};
use crate::{Result, episode::SameSize, options::options, position::number};

options! {
    /// The crops of `mb.episode.views`: further query views of each image.
    pub struct EpisodeCrops {
        /// What makes a crop of an image.
        pub augment: Augmentation;
        /// Crops per image.
        pub views: usize = 6, in 1..;
    }
}

/// Options within others: an error names both.
pub struct Within<O>(pub O);

impl<O: Argument> Argument for Within<O> {
    const OPTIONAL: bool = O::OPTIONAL;

    fn kind(docs: &mut Docs) -> String {
        O::kind(docs)
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::Table(_) => O::from_value(value, lua, &format!("{op}: {name}"), name).map(Self),
            other => O::from_value(other, lua, op, name).map(Self),
        }
    }
}

/// Which rows are of which size.
pub struct Sizes(pub Vec<SameSize>);

impl Returned for Sizes {
    fn kind() -> String {
        "{ first: integer, last: integer, views: integer, height: integer, width: integer }[]".into()
    }

    fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue> {
        alone(self.into_value(lua))
    }

    fn into_value(self, lua: &Lua) -> mlua::Result<Value> {
        let list = lua.create_table()?;
        for SameSize { rows, views, height, width } in self.0 {
            let entry = lua.create_table()?;
            entry.raw_set("first", number(rows.start))?;
            // The first row behind them, counted from 0, is the last of them, counted from 1.
            entry.raw_set("last", rows.end)?;
            entry.raw_set("views", views)?;
            entry.raw_set("height", height)?;
            entry.raw_set("width", width)?;
            list.raw_push(entry)?;
        }
        Ok(Value::Table(list))
    }
}
