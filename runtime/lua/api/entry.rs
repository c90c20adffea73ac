//! One declared function or method, and what its documentation needs.

use std::rc::Rc;

use mlua::{Function, Lua, MultiValue};

use super::{
    Call, Docs, Given,
    given::Written,
    handler::{Erased, Signature},
    invocation::{Body, Invocation},
};
use crate::{
    Error,
    lua::{context::Context, raised::raise},
};

/// A parameter as documented.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDoc {
    pub name: String,
    /// A LuaLS type.
    pub kind: String,
    pub optional: bool,
}

/// One declared function or method.
#[derive(Clone)]
pub struct Entry {
    pub name: String,
    pub doc: String,
    pub parameters: Vec<ParameterDoc>,
    pub returns: String,
    /// A chunk of Lua that shows its use.
    pub example: Option<String>,
    names: Rc<[String]>,
    signature: &'static Signature,
    body: Rc<Body>,
}

impl Entry {
    pub(super) fn new(name: &str, parameters: &str, doc: &str, handler: Erased, method: bool, docs: &mut Docs) -> Self {
        assert!(doc.ends_with('.'), "the documentation of {name} ends with a full stop");
        let names: Vec<String> = parameters.split(',').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect();
        let Erased { signature, body } = handler;
        let taken: Vec<_> = signature.written().skip(usize::from(method)).collect();
        assert_eq!(names.len(), taken.len(), "every parameter of {name} has one name");
        let parameters = names
            .iter()
            .zip(taken)
            .map(|(name, taken)| ParameterDoc {
                name: name.clone(),
                kind: (taken.kind)(docs),
                optional: taken.is_optional,
            })
            .collect();
        let mut all = if method { vec!["self".to_owned()] } else { Vec::new() };
        all.extend(names);
        let (doc, returns) = (doc.into(), (signature.returns)());
        Self { name: name.into(), doc, parameters, returns, example: None, names: all.into(), signature, body }
    }

    /// Shows how it is used: a chunk of Lua that a test runs, with `mb`, and `session` where that is named. What it
    /// prints is written behind `-->`.
    pub fn example(&mut self, lua: impl Into<String>) -> &mut Self {
        self.example = Some(lua.into());
        self
    }

    /// The function of Lua that lets `check` look at the values, takes the arguments and calls the handler.
    ///
    /// # Errors
    /// Lua has no memory.
    pub(super) fn function(
        &self,
        lua: &Lua,
        check: impl Fn(&Lua, &Given) -> Result<(), Error> + 'static,
    ) -> mlua::Result<Function> {
        let interrupt = lua.app_data_ref::<Context>().map(|context| context.interrupt.clone());
        let op = self.name.rsplit('.').next().unwrap_or_default();
        let call = Call::new(op, self.names.clone(), interrupt.unwrap_or_default());
        let body = self.body.clone();
        let run = move |lua: &Lua, mut values: Given| {
            check(lua, &values).map_err(|error| raise(lua, error))?;
            Invocation::run(lua, &call, &mut values, &*body)
        };
        match (self.signature.takes_rest, self.signature.is_single) {
            (false, true) => lua.create_function(move |lua, few: Written| Ok(run(lua, Given::few(few))?.one())),
            (false, false) => lua.create_function(move |lua, few: Written| Ok(run(lua, Given::few(few))?.all())),
            (true, _) => lua.create_function(move |lua, all: MultiValue| Ok(run(lua, Given::all(all))?.all())),
        }
    }
}
