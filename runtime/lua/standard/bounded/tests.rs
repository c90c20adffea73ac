//! The functions beside Lua's own: on thousands of random patterns and texts they answer the same.

use std::sync::Arc;

use mlua::{Function, Lua};

use super::*;
use crate::{
    Device,
    interrupt::Interrupt,
    run::{Progress, ProgressKind},
    session::Session,
};

/// What patterns are made of, things that are wrong among them.
const PARTS: [&str; 36] = [
    "a", "b", "c", "x", " ", ".", "%a", "%s", "%d", "%w", "%W", "%x", "%p", "%c", "[ab]", "[^a]", "[a-c]", "[%s,]",
    "[]]", "[^]a]", "(", ")", "()", "(a)", "(.)", "%1", "%2", "%b()", "%b", "%f[%a]", "%f", "%", "[", "^", "$", "%%",
];

const QUANTIFIERS: [&str; 8] = ["", "", "", "", "*", "+", "-", "?"];

const TEXTS: [&str; 9] = ["a", "b", "c", " ", "(", ")", ",", "1", "\0"];

struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % count
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn pattern(&mut self) -> String {
        let mut quantified = 0;
        let parts = (0..1 + self.below(6)).map(|_| {
            let part = self.one(&PARTS);
            let quantifier = if quantified < 2 { self.one(&QUANTIFIERS) } else { "" };
            quantified += usize::from(!quantifier.is_empty());
            format!("{part}{quantifier}")
        });
        parts.collect()
    }

    fn text(&mut self, length: usize) -> String {
        let few = 1 + self.below(TEXTS.len());
        (0..length).map(|_| self.one(&TEXTS[..few])).collect()
    }
}

/// A VM with both, and a function that calls one by name, `raw` or not, and gives all that comes of it as text.
fn both() -> (Lua, Function) {
    let lua = Lua::new();
    let raw = "raw = { string = {}, table = {} }
        for _, name in ipairs { 'find', 'match', 'gmatch', 'gsub' } do raw.string[name] = string[name] end
        for _, name in ipairs { 'move', 'insert', 'remove', 'concat' } do raw.table[name] = table[name] end";
    lua.load(raw).exec().unwrap();
    let progress = Arc::new(Progress::new(ProgressKind::Silent, 0));
    let session = Session::new(Device::cpu(), 0, Interrupt::default(), progress);
    install(&lua, &Context::new(session, Interrupt::default())).unwrap();
    let call = "local is_raw, name, text, pattern, more, most = ...
        local f = (is_raw and raw.string or string)[name]
        local function all(...)
          local shown = {}
          for i = 1, select('#', ...) do shown[i] = tostring((select(i, ...))) end
          return table.concat(shown, '|')
        end
        local function each() local shown = {} for a, b, c in f(text, pattern) do shown[#shown + 1] = all(a, b, c) end return table.concat(shown, ';') end
        local result
        if name == 'gmatch' then result = all(pcall(each)) else result = all(pcall(f, text, pattern, more, most)) end
        return (result:gsub('bounded library:%d+: ', ''):gsub('%[string \"[^\"]*\"%]:%d+: ', ''))";
    let call = lua.load(call).set_name("=call").into_function().unwrap();
    (lua, call)
}

#[test]
fn patterns_of_any_kind_match_as_in_lua() {
    let (_lua, call) = both();
    let mut chance = Chance(1);
    let mut matched = 0;
    for number in 0..4000 {
        let (pattern, length) = (chance.pattern(), 100 + chance.below(300));
        let text = chance.text(length);
        for name in ["find", "match", "gmatch", "gsub"] {
            let more = if name == "gsub" { chance.one(&["<%0>", "%1", "", "%2", "%%", "%"]).into() } else { None };
            let most = (chance.below(4) == 0 && name == "gsub").then_some(3);
            let of = |is_raw: bool| {
                call.call::<LuaString>((is_raw, name, &*text, &*pattern, more, most)).unwrap().as_bytes().to_vec()
            };
            let (own, theirs) = (of(false), of(true));
            let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(shown(&own), shown(&theirs), "{number}: {name}({text:?}, {pattern:?}, {more:?}, {most:?})");
            matched += usize::from(own.starts_with(b"true|1|"));
        }
    }
    assert!(matched > 100, "{matched} matched from the first byte on");
}

#[test]
fn the_matcher_alone_answers_as_lua_on_short_texts() {
    let (_lua, call) = both();
    let mut chance = Chance(2);
    for _ in 0..20_000 {
        let (pattern, length) = (chance.pattern(), chance.below(12));
        // Lua searches for these as they stand.
        if !pattern.contains(['^', '$', '*', '+', '?', '.', '(', '[', '%', '-']) {
            continue;
        }
        let text = chance.text(length);
        let (own, anchored) = match pattern.strip_prefix('^') {
            Some(rest) => (rest, true),
            None => (&*pattern, false),
        };
        let found = Matcher::new(text.as_bytes(), own.as_bytes(), &mut |_| false).first(0, anchored, None);
        let own = match found {
            Err(Stop::Wrong(message)) => format!("false|{message}"),
            Err(Stop::Broken) => "broken".into(),
            Ok(None) => "true|nil".into(),
            Ok(Some(found)) => {
                let captures = found.captures.iter().map(|capture| match *capture {
                    Capture::Text(from, to) => format!("|{}", &text[from..to]),
                    Capture::Position(position) => format!("|{}", position + 1),
                    Capture::Unfinished => "|unfinished".into(),
                });
                let captures = captures.collect::<String>();
                match captures.contains("|unfinished") {
                    true => "false|unfinished capture".into(),
                    false => format!("true|{}|{}{captures}", found.start + 1, found.end),
                }
            }
        };
        let theirs: LuaString = call.call((true, "find", &*text, &*pattern)).unwrap();
        assert_eq!(own, theirs.to_string_lossy(), "find({text:?}, {pattern:?})");
    }
}

#[test]
fn a_plain_search_finds_what_lua_finds() {
    let mut chance = Chance(3);
    for _ in 0..5000 {
        let (length, size) = (chance.below(40), chance.below(4));
        let (text, pattern) = (chance.text(length), chance.text(size));
        let found = Matcher::new(text.as_bytes(), pattern.as_bytes(), &mut |_| false).first_plain(0).unwrap();
        assert_eq!(found, text.find(&pattern), "{pattern:?} in {text:?}");
    }
}

#[test]
fn what_takes_for_ever_is_broken_off() {
    let text = "a".repeat(1000);
    let mut asked = 0;
    let mut asks = |_| {
        asked += 1;
        asked == 3
    };
    let found = Matcher::new(text.as_bytes(), b"a-a-a-a-a-b", &mut asks).first(0, false, None);
    assert_eq!((found, asked), (Err(Stop::Broken), 3));
    let text = "a".repeat(100_000);
    let pattern = format!("{}b", "a".repeat(50_000));
    let found = Matcher::new(text.as_bytes(), pattern.as_bytes(), &mut |_| true).first_plain(0);
    assert_eq!(found, Err(Stop::Broken));
}

#[test]
fn long_moves_leave_what_lua_leaves() {
    let (lua, _) = both();
    let compare = "
        local function list(count) local t = {} for i = 1, count do t[i] = i end return t end
        local function same(a, b) if #a ~= #b then return false end for i = 1, #a do if a[i] ~= b[i] then return false end end return true end
        local count, checked = 250000, 0
        local function check(name, ...)
          local own, theirs = list(count), list(count)
          local a, b = table[name](own, ...), raw.table[name](theirs, ...)
          assert(same(own, theirs), name)
          assert(a == b or a == own and b == theirs, name)
          checked = checked + 1
        end
        check('move', 1, count, 2) check('move', 1, count, 120000) check('move', 3, count, 1) check('move', 1, count, count + 1)
        check('insert', 1, 'x') check('insert', 100, 'x') check('insert', count, 'x') check('insert', 'y')
        check('remove', 1) check('remove', 7.0) check('remove') check('concat') check('concat', ',') check('concat', ',', 2, count - 1)
        local own, theirs = {}, {}
        table.move(list(count), 1, count, 5, own) raw.table.move(list(count), 1, count, 5, theirs)
        assert(own[5] == 1 and own[count + 4] == count and own[4] == nil and theirs[count + 4] == count)
        return checked";
    assert_eq!(lua.load(compare).eval::<usize>().unwrap(), 14);
    let error = |call: &str| lua.load(call).exec().unwrap_err().to_string();
    assert!(error("table.move({}, -1, math.maxinteger, 2)").contains("too many elements to move"));
    assert!(error("table.move({}, 1, 200000, math.maxinteger)").contains("destination wrap around"));
    assert!(error("table.insert({}, 5, 1)").contains("position out of bounds"));
}
