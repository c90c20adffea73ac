//! The walls between the rooms of `runtime/`: a room imports from those below it alone, no file from one that imports
//! it, and one room alone names mlua. The methods of a type may stand in several files, which call one another without
//! any import: these count as one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use syn::visit::{self, Visit};

/// The rooms from the lowest to the highest, as ARCHITECTURE.md lists them: a room a line, or several.
fn rooms() -> Vec<String> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let (_, list) = text.split_once("\nruntime/ ").unwrap();
    let (list, _) = list.split_once("\nscripts/ ").unwrap();
    let name = |word: &str| word.strip_suffix('/').or_else(|| word.strip_suffix(".rs")).map(str::to_owned);
    let is_room = |line: &&str| line.starts_with("  ") && !line.starts_with("    ");
    list.lines().filter(is_room).flat_map(|line| line.split_whitespace().map_while(name)).collect()
}

/// A module by its path from the root: `["lua", "api", "class"]`.
type Module = Vec<String>;

/// The library's modules, each with the paths that its file imports or names, tests left out.
struct House {
    files: BTreeMap<Module, Names>,
}

/// What a file names of others.
#[derive(Default)]
struct Names {
    /// Paths that it imports or writes out.
    used: Vec<Vec<String>>,
    /// What it hands on of others: the name, and the path that it stands for. It is an import where its own code names
    /// it.
    handed_on: BTreeMap<String, Vec<String>>,
    /// Words that paths of its own code begin with.
    words: BTreeSet<String>,
}

impl House {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime");
        let mut house = Self { files: BTreeMap::new() };
        house.read_folder(&root, &mut Vec::new());
        house
    }

    fn read_folder(&mut self, folder: &Path, module: &mut Module) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                module.push(name);
                self.read_folder(&path, module);
                module.pop();
            } else if path.extension().is_some_and(|end| end == "rs") && !["main", "tests"].contains(&name.as_str()) {
                let mut own = module.clone();
                own.extend((name != "mod" && name != "lib").then_some(name));
                let mut names = Names::default();
                names.visit_file(&syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap());
                self.files.insert(own, names);
            }
        }
    }

    /// The module that a path leads to from another one: the one that defines its name, where an index hands that on.
    fn target(&self, from: &Module, path: &[String]) -> Option<Module> {
        let (mut module, mut rest) = match path.first()?.as_str() {
            "crate" => (Module::new(), &path[1..]),
            "self" => (from.clone(), &path[1..]),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                (from[..from.len() - ups].to_vec(), &path[ups..])
            }
            first => (self.child(from, first)?, &path[1..]),
        };
        while let Some(child) = rest.first().and_then(|part| self.child(&module, part)) {
            (module, rest) = (child, &rest[1..]);
        }
        let handed_on = rest.first().and_then(|name| self.files.get(&module)?.handed_on.get(name));
        match handed_on {
            Some(path) => self.target(&module, path).or(Some(module)),
            None => self.files.contains_key(&module).then_some(module),
        }
    }

    fn child(&self, module: &Module, name: &str) -> Option<Module> {
        let child = [module.as_slice(), &[name.to_owned()]].concat();
        self.files.contains_key(&child).then_some(child)
    }

    /// Which module imports which.
    fn imports(&self) -> BTreeSet<(&Module, Module)> {
        let of = |(from, names): (&'_ Module, &Names)| -> Vec<Module> {
            let own = names.handed_on.iter().filter(|(name, _)| names.words.contains(*name)).map(|(_, path)| path);
            names.used.iter().chain(own).filter_map(|path| self.target(from, path)).filter(|to| to != from).collect()
        };
        self.files.iter().flat_map(|file| of(file).into_iter().map(move |to| (file.0, to))).collect()
    }

    /// Which room knows of which, with what one hands on of another.
    fn arrows(&self) -> BTreeSet<(&Module, Module)> {
        let handed_on = |(from, names): (&Module, &Names)| -> Vec<Module> {
            names.handed_on.values().filter_map(|path| self.target(from, path)).collect()
        };
        let others = self.files.iter().flat_map(|file| handed_on(file).into_iter().map(move |to| (file.0, to)));
        self.imports().into_iter().chain(others).collect()
    }
}

impl Names {
    fn take(&mut self, tree: &syn::UseTree, start: &[String], is_handed_on: bool) {
        let with = |name: &syn::Ident| [start, &[name.to_string()]].concat();
        let (path, name) = match tree {
            syn::UseTree::Path(path) => return self.take(&path.tree, &with(&path.ident), is_handed_on),
            syn::UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.take(tree, start, is_handed_on));
            }
            syn::UseTree::Name(name) if name.ident == "self" => (start.to_vec(), start.last().cloned().unwrap()),
            syn::UseTree::Name(name) => (with(&name.ident), name.ident.to_string()),
            syn::UseTree::Rename(rename) => (with(&rename.ident), rename.rename.to_string()),
            syn::UseTree::Glob(_) => (start.to_vec(), "*".to_owned()),
        };
        if is_handed_on {
            self.handed_on.insert(name, path);
        } else {
            self.used.push(path);
        }
    }

    fn name(&mut self, path: Vec<String>) {
        self.words.insert(path[0].clone());
        if path.len() > 1 {
            self.used.push(path);
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.take(&item.tree, &[], !matches!(item.vis, syn::Visibility::Inherited));
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        // Tests may look at whatever they like.
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.name(path.segments.iter().map(|part| part.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        // Its text is no syntax tree, but paths in it are written as elsewhere.
        let text = call.tokens.to_string().replace(" :: ", "::").replace(":: ", "::").replace(" ::", "::");
        let words = text.split(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter)));
        let paths = words.map(|word| word.trim_matches(':')).filter(|word| !word.is_empty());
        paths.for_each(|path| self.name(path.split("::").map(str::to_owned).collect()));
        visit::visit_macro(self, call);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // Who may see something is no import.
    }
}

#[test]
fn a_room_imports_from_those_below_it_alone() {
    let (house, rooms) = (House::read(), rooms());
    let floor = |module: &Module| {
        let room = module.first().map_or("lib", String::as_str);
        let floor = rooms.iter().position(|known| known == room);
        floor.unwrap_or_else(|| panic!("'{room}' has no place among the rooms"))
    };
    let up: Vec<String> = house
        .arrows()
        .into_iter()
        // The front door shows what the rooms above have to offer.
        .filter(|(from, _)| !from.is_empty())
        .filter(|(from, to)| floor(to) > floor(from))
        .map(|(from, to)| format!("{} imports {}", from.join("::"), to.join("::")))
        .collect();
    assert!(up.is_empty(), "arrows that run up:\n{}", up.join("\n"));
}

#[test]
fn no_file_is_imported_by_one_that_it_imports() {
    let house = House::read();
    let mut left = house.imports();
    loop {
        // Who imports nobody that is left, or is imported by nobody, is in no circle.
        let importing: BTreeSet<Module> = left.iter().map(|(from, _)| Module::clone(from)).collect();
        let imported: BTreeSet<Module> = left.iter().map(|(_, to)| to.clone()).collect();
        let before = left.len();
        left.retain(|(from, to)| importing.contains(to) && imported.contains(*from));
        if left.len() == before {
            break;
        }
    }
    // Each that is left imports another that is left, so a walk comes by a file again.
    let next = |file: &Module| left.iter().find(|(from, _)| *from == file).map(|(_, to)| to.clone());
    let mut walk: Vec<Module> = left.iter().next().map(|(from, _)| Module::clone(from)).into_iter().collect();
    while let Some(to) = walk.last().and_then(next) {
        if let Some(place) = walk.iter().position(|file| *file == to) {
            let circle: Vec<String> = walk[place..].iter().chain([&to]).map(|file| file.join("::")).collect();
            panic!("a circle of imports: {}", circle.join(" imports "));
        }
        walk.push(to);
    }
}

#[test]
fn one_room_alone_names_mlua() {
    let house = House::read();
    let names_it = |names: &Names| {
        let begins = |path: &Vec<String>| path[0] == "mlua";
        names.used.iter().chain(names.handed_on.values()).any(begins) || names.words.contains("mlua")
    };
    let files: Vec<String> =
        house.files.iter().filter(|(_, names)| names_it(names)).map(|(file, _)| file.join("::")).collect();
    assert!(files.iter().any(|file| file.starts_with("lua::")));
    let others: Vec<_> = files.iter().filter(|file| !file.starts_with("lua")).collect();
    assert!(others.is_empty(), "{others:?}");
}
