//! A declared class with its Rust type erased, and its registration in a VM. Compiled once, but for the few lines
//! that mlua wants the type for.

use std::{collections::BTreeSet, rc::Rc};

use mlua::{AnyUserData, Function, Lua, UserDataFields, Value};

use super::{
    Docs, Entry, Given, Returned,
    field::{Field, Getter, given},
    handler::Erased,
    index::Names,
    lookup::{ByKey, ByName, ByPosition, Lookup},
    mismatch,
};
use crate::{
    Error, Result,
    error::with_article,
    guard::guard,
    lua::{order::objects, raised::raise},
};

/// What any name, or any position, stands for where nothing else does.
pub struct Fallback<Get: ?Sized> {
    /// Its LuaLS type.
    pub kind: String,
    pub doc: &'static str,
    pub(super) get: Rc<Get>,
}

impl Fallback<ByName> {
    /// What names of objects of the Rust type `T` stand for.
    pub(super) fn by_name<T: 'static, O: Returned>(
        doc: &'static str,
        get: impl Fn(&T, &str, &[String]) -> Result<Option<O>> + 'static,
    ) -> Self {
        let get = Rc::new(move |lua: &Lua, object: &AnyUserData, name: &str, declared: &[String]| {
            let object = objects::borrow::<T>(object)?;
            match guard(name, || get(&object, name, declared)) {
                Ok(None) => Ok(None),
                Ok(Some(found)) => given(lua, Ok(found)).map(Some),
                Err(error) => Err(raise(lua, error)),
            }
        });
        Self { kind: O::kind(), doc, get }
    }
}

/// A declared class.
pub struct Described {
    pub name: &'static str,
    pub doc: &'static str,
    /// Its methods.
    pub entries: Vec<Entry>,
    /// By metamethod.
    pub operators: Vec<(&'static str, Entry)>,
    pub fields: Vec<Field>,
    /// A chunk of Lua that shows its use.
    pub example: Option<String>,
    pub(super) named: Option<Fallback<ByName>>,
    pub(super) index: Option<Fallback<ByPosition>>,
    pub(super) keyed: Option<Fallback<ByKey>>,
    /// Whether assigning to a name of a method or a field is refused, and to others is not.
    pub(super) keeps_names: bool,
    register: fn(&Self, &Lua) -> mlua::Result<()>,
}

impl Described {
    /// A class of values of the Rust type `T`, of which nothing else is declared yet.
    pub(super) fn of<T: 'static>(name: &'static str, doc: &'static str) -> Self {
        let (entries, operators, fields) = (Vec::new(), Vec::new(), Vec::new());
        let (named, index, keyed, example) = (None, None, None, None);
        let register = register::<T>;
        Self { name, doc, entries, operators, fields, example, named, index, keyed, keeps_names: false, register }
    }

    pub(super) fn method(
        &mut self,
        docs: &mut Docs,
        name: &str,
        parameters: &str,
        doc: &str,
        handler: Erased,
    ) -> &mut Entry {
        let entry = self.entries.push_mut(Entry::new(name, parameters, doc, handler, true, docs));
        entry.owner = if self.name == "Tensor" { "t:".into() } else { format!("{}:", self.name.to_lowercase()) };
        entry
    }

    pub(super) fn operator(
        &mut self,
        docs: &mut Docs,
        metamethod: &'static str,
        doc: &str,
        handler: Erased,
    ) -> &mut Entry {
        let parameters = match handler.signature.written().count() {
            0 => "",
            1 => "self",
            2 if metamethod == "__call" => "self, input",
            2 => "left, right",
            _ => "self, name, value",
        };
        let op = metamethod.trim_start_matches('_');
        &mut self.operators.push_mut((metamethod, Entry::new(op, parameters, doc, handler, false, docs))).1
    }

    /// Its fields as they are documented, those that stand for any name or position among them: name, LuaLS type,
    /// what it is.
    pub fn documented_fields(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let own = self.fields.iter().map(|field| (field.name, field.kind.as_str(), field.doc));
        let named = self.named.iter().map(|named| ("[string]", named.kind.as_str(), named.doc));
        let index = self.index.iter().map(|index| ("[integer]", index.kind.as_str(), index.doc));
        let keyed = self.keyed.iter().map(|keyed| ("[table]", keyed.kind.as_str(), keyed.doc));
        own.chain(named).chain(index).chain(keyed)
    }

    /// What it is about, with its example if there is one: the class, its methods, its operators.
    pub fn examples(&self) -> impl Iterator<Item = (String, &Option<String>)> {
        let methods = self.entries.iter().map(|entry| (entry.name.as_str(), entry));
        let entries = methods.chain(self.operators.iter().map(|(metamethod, entry)| (*metamethod, entry)));
        let of_entries = entries.map(|(name, entry)| (format!("{}:{name}", self.name), &entry.example));
        std::iter::once((self.name.to_owned(), &self.example)).chain(of_entries)
    }

    /// The names of its methods and fields, in order.
    pub fn names(&self) -> Vec<String> {
        let fields = self.fields.iter().map(|field| field.name);
        let names: BTreeSet<&str> = self.entries.iter().map(|entry| entry.name.as_str()).chain(fields).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// What it has beside its methods and fields.
    fn lookup(&self) -> Lookup {
        let (named, index) = (self.named.as_ref(), self.index.as_ref());
        let (named, index) = (named.map(|named| named.get.clone()), index.map(|index| index.get.clone()));
        let keyed = self.keyed.as_ref().map(|keyed| keyed.get.clone());
        Lookup { class: self.name, known: self.names(), named, index, keyed }
    }

    /// The names that a metamethod of this name keeps from a script.
    fn kept(&self, metamethod: &str) -> Kept {
        let keeps = self.keeps_names && metamethod == "__newindex";
        Kept { class: self.name, names: if keeps { self.names() } else { Vec::new() } }
    }

    /// The functions of its metatable, for objects that `is_own` knows.
    fn metamethods(&self, lua: &Lua, is_own: IsOwn) -> mlua::Result<Vec<(&'static str, Function)>> {
        let sizes = self.fields.iter().find(|field| matches!(field.get, Getter::Sizes(_)));
        let names = Names::new(lua, sizes.map(|field| field.name))?;
        for entry in &self.entries {
            let (class, name) = (self.name, entry.name.clone());
            names.methods.raw_set(entry.name.as_str(), entry.function(lua, own(class, name, is_own))?)?;
        }
        for field in &self.fields {
            let table = if matches!(field.get, Getter::Sizes(_)) { &names.sizes } else { &names.fields };
            table.raw_set(field.name, field.get.function(lua)?)?;
        }
        let lookup = self.lookup();
        let other = lua.create_function(move |lua, (object, key): (AnyUserData, Value)| lookup.get(lua, &object, &key));
        let mut metamethods = vec![("__index", names.index(lua, other?)?)];
        for (metamethod, entry) in &self.operators {
            let kept = self.kept(metamethod);
            metamethods.push((metamethod, entry.function(lua, move |_, operands| kept.check(operands))?));
        }
        Ok(metamethods)
    }

    /// Registers the class in a VM.
    pub(super) fn install(&self, lua: &Lua) -> mlua::Result<()> {
        (self.register)(self, lua)
    }
}

fn register<T: 'static>(class: &Described, lua: &Lua) -> mlua::Result<()> {
    objects::know::<T>();
    let metamethods = class.metamethods(lua, objects::is::<T>)?;
    lua.register_userdata_type::<objects::Object<T>>(|registry| {
        registry.add_meta_field("__name", class.name);
        for (name, function) in metamethods {
            registry.add_meta_field(name, function);
        }
    })
}

/// Names that no script can assign to.
struct Kept {
    class: &'static str,
    names: Vec<String>,
}

impl Kept {
    /// Refuses an assignment, whose operands are the object, the name and the value, to one of them.
    fn check(&self, operands: &Given) -> Result<()> {
        let Some(Value::String(name)) = operands.get(1) else { return Ok(()) };
        if !self.names.iter().any(|kept| name.as_bytes() == kept.as_bytes()) {
            return Ok(());
        }
        let owner = self.class.to_lowercase();
        let reason = format!("{owner}.{} belongs to the runtime; choose another name", name.to_string_lossy());
        Err(Error::State { op: "assignment", reason })
    }
}

/// Whether an object is one of a class.
type IsOwn = fn(&AnyUserData) -> bool;

/// Refuses a method that is called without its object.
fn own(class: &'static str, method: String, is_own: IsOwn) -> impl Fn(&Lua, &Given) -> Result<()> + 'static {
    move |_, values| match values.get(0) {
        Some(Value::UserData(object)) if is_own(object) => Ok(()),
        first => Err(without_colon(class, &method, first)),
    }
}

#[cold]
fn without_colon(class: &str, method: &str, first: Option<&Value>) -> Error {
    let want = format!("{} (write {}:{method}(…), with a colon)", with_article(class), class.to_lowercase());
    mismatch(method, "self", &want, first.unwrap_or(&Value::Nil))
}
