//! One declared function or method, and what its documentation needs.

use std::{collections::BTreeMap, rc::Rc};

use mlua::{Lua, MultiValue};

use super::{Call, Handler};

/// A parameter as documented.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDoc {
    pub name: String,
    /// A LuaLS type.
    pub kind: String,
    pub optional: bool,
}

/// An options table as documented.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionsDoc {
    pub name: &'static str,
    /// The Rust type, so that two types of one name are noticed.
    pub declared_as: &'static str,
    pub doc: String,
    /// Name, LuaLS type, default as text (none: required), documentation.
    pub fields: Vec<(String, String, Option<String>, String)>,
}

/// Options tables that declared parameters use, by name.
#[derive(Default)]
pub struct Docs {
    pub options: BTreeMap<&'static str, OptionsDoc>,
}

type Callback = Rc<dyn Fn(&Lua, &Call, MultiValue) -> mlua::Result<MultiValue>>;

/// One declared function or method.
#[derive(Clone)]
pub struct Entry {
    pub name: String,
    pub doc: String,
    pub parameters: Vec<ParameterDoc>,
    pub returns: String,
    names: Rc<[String]>,
    callback: Callback,
}

impl Entry {
    pub(super) fn new<A>(
        name: &str,
        parameters: &str,
        doc: &str,
        handler: impl Handler<A> + 'static,
        method: bool,
        docs: &mut Docs,
    ) -> Self {
        assert!(doc.ends_with('.'), "the documentation of {name} ends with a full stop");
        let names: Vec<String> = parameters.split(',').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect();
        let (kinds, returns) = handler.describe(docs);
        let kinds: Vec<_> = kinds.into_iter().skip(usize::from(method)).collect();
        assert_eq!(names.len(), kinds.len(), "every parameter of {name} has one name");
        let parameters = names
            .iter()
            .zip(kinds)
            .map(|(name, (kind, optional))| ParameterDoc { name: name.clone(), kind, optional })
            .collect();
        let mut all = if method { vec!["self".to_owned()] } else { Vec::new() };
        all.extend(names);
        let callback: Callback = Rc::new(move |lua, call, values| handler.call(lua, call, values));
        Self { name: name.into(), doc: doc.into(), parameters, returns, names: all.into(), callback }
    }

    /// What checks the arguments and calls the handler.
    pub(super) fn callback(&self) -> impl Fn(&Lua, MultiValue) -> mlua::Result<MultiValue> + 'static {
        let call = Call::new(self.name.rsplit('.').next().unwrap_or_default(), self.names.clone());
        let callback = self.callback.clone();
        move |lua, values| callback(lua, &call, values)
    }
}
