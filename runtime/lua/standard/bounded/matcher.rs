//! Lua's patterns, step by step: the matcher of Lua 5.4's lstrlib.c, which asks now and then whether it should go on.
//! Knows no VM; what it answers is what Lua's own answers, messages included.

use super::{
    class::{self, ESCAPE},
    stop::Stop,
};

/// Steps between two questions: about a millisecond.
const PERIOD: u64 = 1 << 17;

/// The most captures, as in Lua.
const MOST_CAPTURES: usize = 32;

/// How deep the parts of a pattern may nest, as in Lua.
const MOST_NESTED: usize = 200;

/// What was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// From a byte up to, but without, another.
    Text(usize, usize),
    /// A position, which counts from 0.
    Position(usize),
    /// A part that the pattern does not close: wrong as soon as somebody wants it.
    Unfinished,
}

/// A match: its bytes, and what was captured within.
#[derive(Debug, PartialEq, Eq)]
pub struct Match {
    pub start: usize,
    pub end: usize,
    pub captures: Vec<Capture>,
}

#[derive(Clone, Copy, PartialEq)]
enum Length {
    Unfinished,
    Position,
    Bytes(usize),
}

/// A pattern on its way through a text.
pub struct Matcher<'a> {
    text: &'a [u8],
    pattern: &'a [u8],
    captures: Vec<(usize, Length)>,
    nested: usize,
    steps: u64,
    /// Whether to stop, after so many steps more.
    asks: &'a mut dyn FnMut(u64) -> bool,
}

impl<'a> Matcher<'a> {
    /// A matcher. `asks` is told how many steps there were since it was last asked, and says whether to stop.
    pub fn new(text: &'a [u8], pattern: &'a [u8], asks: &'a mut dyn FnMut(u64) -> bool) -> Self {
        Self { text, pattern, captures: Vec::new(), nested: 0, steps: 0, asks }
    }

    /// The first match that begins at `from` or later, or at `from` alone where it is `anchored`, and does not end at
    /// `last`.
    pub fn first(&mut self, from: usize, anchored: bool, last: Option<usize>) -> Result<Option<Match>, Stop> {
        for start in from..=self.text.len() {
            self.captures.clear();
            self.nested = 0;
            if let Some(end) = self.matches(start, 0)?.filter(|end| Some(*end) != last) {
                return Ok(Some(Match { start, end, captures: self.captured() }));
            }
            if anchored {
                break;
            }
        }
        Ok(None)
    }

    /// The first place at `from` or later where the pattern itself stands, without any meaning.
    pub fn first_plain(&mut self, from: usize) -> Result<Option<usize>, Stop> {
        let Some(first) = self.pattern.first() else { return Ok((from <= self.text.len()).then_some(from)) };
        let Some(last) = self.text.len().checked_sub(self.pattern.len()) else { return Ok(None) };
        for start in from..=last {
            self.count(1)?;
            if self.text[start] == *first && self.stands_at(start)? {
                return Ok(Some(start));
            }
        }
        Ok(None)
    }

    /// Whether the pattern stands at a place that has room for it. In parts, so that it can be broken off.
    fn stands_at(&mut self, start: usize) -> Result<bool, Stop> {
        const PART: usize = 1 << 16;
        let (text, pattern) = (&self.text[start..], self.pattern);
        for (own, part) in text.chunks(PART).zip(pattern.chunks(PART)) {
            self.count(part.len() as u64 / 16)?;
            if !own.starts_with(part) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn captured(&self) -> Vec<Capture> {
        let capture = |(start, length): &(usize, Length)| match length {
            Length::Unfinished => Capture::Unfinished,
            Length::Position => Capture::Position(*start),
            Length::Bytes(length) => Capture::Text(*start, start + length),
        };
        self.captures.iter().map(capture).collect()
    }

    fn count(&mut self, steps: u64) -> Result<(), Stop> {
        self.steps += steps;
        if self.steps < PERIOD {
            return Ok(());
        }
        let steps = std::mem::take(&mut self.steps);
        if (self.asks)(steps) { Err(Stop::Broken) } else { Ok(()) }
    }

    fn byte(&self, p: usize) -> Option<u8> {
        self.pattern.get(p).copied()
    }

    /// Where the rest of the pattern from `p` on ends that begins at `s`.
    fn matches(&mut self, s: usize, p: usize) -> Result<Option<usize>, Stop> {
        if self.nested == MOST_NESTED {
            return Err(Stop::Wrong("pattern too complex".into()));
        }
        self.nested += 1;
        let found = self.matches_rest(s, p);
        self.nested -= 1;
        found
    }

    fn matches_rest(&mut self, mut s: usize, mut p: usize) -> Result<Option<usize>, Stop> {
        loop {
            self.count(1)?;
            let Some(byte) = self.byte(p) else { return Ok(Some(s)) };
            let next = self.byte(p + 1);
            match (byte, next) {
                (b'(', Some(b')')) => return self.opened(s, p + 2, Length::Position),
                (b'(', _) => return self.opened(s, p + 1, Length::Unfinished),
                (b')', _) => return self.closed(s, p + 1),
                (b'$', None) => return Ok((s == self.text.len()).then_some(s)),
                (ESCAPE, Some(b'b')) => match self.balanced(s, p + 2)? {
                    Some(end) => (s, p) = (end, p + 4),
                    None => return Ok(None),
                },
                (ESCAPE, Some(b'f')) => match self.is_frontier(s, p + 2)? {
                    Some(end) => p = end,
                    None => return Ok(None),
                },
                (ESCAPE, Some(digit)) if digit.is_ascii_digit() => match self.repeated(s, digit)? {
                    Some(end) => (s, p) = (end, p + 2),
                    None => return Ok(None),
                },
                _ => {
                    let end = class::end(self.pattern, p)?;
                    let is_taken = self.takes(s, p, end)?;
                    match (self.byte(end), is_taken) {
                        (Some(b'+'), true) => return self.most(s + 1, p, end),
                        (Some(b'*'), true) => return self.most(s, p, end),
                        (Some(b'-'), true) => return self.fewest(s, p, end),
                        (Some(b'?'), true) => {
                            if let Some(found) = self.matches(s + 1, end + 1)? {
                                return Ok(Some(found));
                            }
                            p = end + 1;
                        }
                        (Some(b'*' | b'?' | b'-'), false) => p = end + 1,
                        (_, false) => return Ok(None),
                        (_, true) => (s, p) = (s + 1, end),
                    }
                }
            }
        }
    }

    fn takes(&mut self, s: usize, p: usize, end: usize) -> Result<bool, Stop> {
        self.count((end - p) as u64)?;
        Ok(self.text.get(s).is_some_and(|byte| class::takes(self.pattern, p, end, *byte)))
    }

    /// As often as it goes, then less often.
    fn most(&mut self, s: usize, p: usize, end: usize) -> Result<Option<usize>, Stop> {
        let mut last = s;
        while self.takes(last, p, end)? {
            last += 1;
        }
        for place in (s..=last).rev() {
            if let Some(found) = self.matches(place, end + 1)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// As seldom as it goes.
    fn fewest(&mut self, mut s: usize, p: usize, end: usize) -> Result<Option<usize>, Stop> {
        loop {
            if let Some(found) = self.matches(s, end + 1)? {
                return Ok(Some(found));
            }
            if !self.takes(s, p, end)? {
                return Ok(None);
            }
            s += 1;
        }
    }

    fn opened(&mut self, s: usize, p: usize, length: Length) -> Result<Option<usize>, Stop> {
        if self.captures.len() >= MOST_CAPTURES {
            return Err(Stop::Wrong("too many captures".into()));
        }
        let level = self.captures.len();
        self.captures.push((s, length));
        let found = self.matches(s, p)?;
        if found.is_none() {
            self.captures.truncate(level);
        }
        Ok(found)
    }

    fn closed(&mut self, s: usize, p: usize) -> Result<Option<usize>, Stop> {
        let open = self.captures.iter().rposition(|(_, length)| *length == Length::Unfinished);
        let open = open.ok_or_else(|| Stop::Wrong("invalid pattern capture".into()))?;
        self.captures[open].1 = Length::Bytes(s - self.captures[open].0);
        let found = self.matches(s, p)?;
        if found.is_none() {
            self.captures[open].1 = Length::Unfinished;
        }
        Ok(found)
    }

    fn balanced(&mut self, s: usize, p: usize) -> Result<Option<usize>, Stop> {
        let (Some(open), Some(close)) = (self.byte(p), self.byte(p + 1)) else {
            return Err(Stop::Wrong("malformed pattern (missing arguments to '%b')".into()));
        };
        if self.text.get(s) != Some(&open) {
            return Ok(None);
        }
        let mut depth = 1u64;
        for place in s + 1..self.text.len() {
            self.count(1)?;
            match self.text[place] {
                byte if byte == close => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(Some(place + 1));
                    }
                }
                byte if byte == open => depth += 1,
                _ => {}
            }
        }
        Ok(None)
    }

    /// The end of the set at `p`, if `s` stands between a byte that is not in it and one that is.
    fn is_frontier(&mut self, s: usize, p: usize) -> Result<Option<usize>, Stop> {
        if self.byte(p) != Some(b'[') {
            return Err(Stop::Wrong("missing '[' after '%f' in pattern".into()));
        }
        let end = class::end(self.pattern, p)?;
        let before = s.checked_sub(1).map_or(0, |before| self.text[before]);
        let after = self.text.get(s).copied().unwrap_or(0);
        let is_in = |byte| class::is_in_set(byte, self.pattern, p, end - 1);
        Ok((!is_in(before) && is_in(after)).then_some(end))
    }

    /// The end of what was captured before, if it stands at `s` again.
    fn repeated(&mut self, s: usize, digit: u8) -> Result<Option<usize>, Stop> {
        let number = usize::from(digit).wrapping_sub(usize::from(b'1'));
        let known = self.captures.get(number).filter(|(_, length)| *length != Length::Unfinished);
        let Some((start, length)) = known.copied() else {
            let number = i64::from(digit) - i64::from(b'0');
            return Err(Stop::Wrong(format!("invalid capture index %{number}")));
        };
        // A position is no text that could stand anywhere.
        let Length::Bytes(length) = length else { return Ok(None) };
        self.count(length as u64 / 16)?;
        let text = &self.text[start..start + length];
        Ok(self.text[s..].starts_with(text).then_some(s + length))
    }
}
