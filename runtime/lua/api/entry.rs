//! One declared function or method, and what its documentation needs.

use std::rc::Rc;

use mlua::{Lua, MultiValue};

use super::{
    Call, Docs,
    handler::Erased,
    invocation::{Body, Invocation},
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
        Self { name: name.into(), doc, parameters, returns, example: None, names: all.into(), body }
    }

    /// Shows how it is used: a chunk of Lua that a test runs, with `mb`, and `session` where that is named. What it
    /// prints is written behind `-->`.
    pub fn example(&mut self, lua: impl Into<String>) -> &mut Self {
        self.example = Some(lua.into());
        self
    }

    /// What checks the arguments and calls the handler.
    pub(super) fn callback(&self) -> impl Fn(&Lua, MultiValue) -> mlua::Result<MultiValue> + 'static {
        let call = Call::new(self.name.rsplit('.').next().unwrap_or_default(), self.names.clone());
        let body = self.body.clone();
        move |lua, values| Invocation::run(lua, &call, values, &*body)
    }
}
