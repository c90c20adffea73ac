//! The commands, as they are typed. It does not know what a run makes of them.

use std::{fmt, str::FromStr};

use crate::{Error, Result};

/// What a live run can be asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Stop after the step that is running, and wait.
    Pause,
    /// Go on after a pause.
    Continue,
    /// So many steps, at least one, and another pause.
    Step(u64),
    /// Write a checkpoint.
    Save,
    /// Evaluate now.
    Evaluate,
    /// Load the script again.
    Reload,
    /// Show an episode.
    Episode,
    /// Give an option another value. Its type is the script's business.
    Set { option: String, value: String },
    /// Say how far the run is.
    Status,
    /// Save and end.
    Quit,
}

const NAMES: [&str; 10] =
    ["pause", "continue", "step", "save", "evaluate", "reload", "episode", "set", "status", "quit"];

/// A few lines on what can be typed at a live run.
pub fn help() -> &'static str {
    "p pause       c continue    n step [N]   one step, or N of them, and pause
s save        e evaluate    r reload     q quit
status        episode       set KEY=VALUE
h help"
}

impl FromStr for Command {
    type Err = Error;

    /// A word, or its first letter (`n` for the next step), and what belongs to it.
    fn from_str(line: &str) -> Result<Self> {
        let line = line.trim();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let command = match word {
            "n" | "step" => return step(rest),
            "set" => return set(rest),
            "p" | "pause" => Self::Pause,
            "c" | "continue" => Self::Continue,
            "s" | "save" => Self::Save,
            "e" | "evaluate" => Self::Evaluate,
            "r" | "reload" => Self::Reload,
            "episode" => Self::Episode,
            "status" => Self::Status,
            "q" | "quit" => Self::Quit,
            _ => return Err(Error::unknown("control", "command", word, NAMES)),
        };
        if rest.is_empty() {
            Ok(command)
        } else {
            Err(Error::argument("control", word, "alone on its line", quoted(rest)))
        }
    }
}

fn step(count: &str) -> Result<Command> {
    match count.parse() {
        _ if count.is_empty() => Ok(Command::Step(1)),
        Ok(count) if count > 0 => Ok(Command::Step(count)),
        _ => Err(Error::argument("control", "step", "followed by a number of steps above 0", quoted(count))),
    }
}

fn set(assignment: &str) -> Result<Command> {
    match assignment.split_once('=').map(|(option, value)| (option.trim(), value.trim())) {
        Some((option, value)) if !option.is_empty() => Ok(Command::Set { option: option.into(), value: value.into() }),
        _ => Err(Error::argument("control", "set", "followed by KEY=VALUE", quoted(assignment))),
    }
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}

/// As it is typed in full, so that it parses back.
impl fmt::Display for Command {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let word = match self {
            Self::Pause => "pause",
            Self::Continue => "continue",
            Self::Step(count) => return write!(formatter, "step {count}"),
            Self::Save => "save",
            Self::Evaluate => "evaluate",
            Self::Reload => "reload",
            Self::Episode => "episode",
            Self::Set { option, value } => return write!(formatter, "set {option}={value}"),
            Self::Status => "status",
            Self::Quit => "quit",
        };
        formatter.write_str(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Command {
        line.parse().unwrap()
    }

    fn refusal(line: &str) -> String {
        line.parse::<Command>().unwrap_err().to_string()
    }

    #[test]
    fn words_and_their_letters_are_commands() {
        for (letter, word, command) in [
            ("p", "pause", Command::Pause),
            ("c", "continue", Command::Continue),
            ("n", "step", Command::Step(1)),
            ("n 20", "step  20", Command::Step(20)),
            ("s", "save", Command::Save),
            ("e", "evaluate", Command::Evaluate),
            ("r", "reload", Command::Reload),
            ("q", " quit\n", Command::Quit),
        ] {
            assert_eq!((parse(letter), parse(word)), (command.clone(), command));
        }
    }

    #[test]
    fn every_command_is_written_as_it_is_read() {
        let lines = NAMES.map(|name| match name {
            "step" => "step 3".into(),
            "set" => "set lr=0.1".into(),
            _ => name.to_string(),
        });
        assert_eq!(lines.each_ref().map(|line| parse(line).to_string()), lines);
    }

    #[test]
    fn a_value_may_hold_anything_and_be_set_off_by_spaces() {
        let set = |option: &str, value: &str| Command::Set { option: option.into(), value: value.into() };
        assert_eq!(parse("set lr = 0.1 "), set("lr", "0.1"));
        assert_eq!(parse("set note=a b=c"), set("note", "a b=c"));
        assert_eq!(parse("set note="), set("note", ""));
    }

    #[test]
    fn what_is_no_command_is_refused_with_a_remedy() {
        assert_eq!(refusal("paus"), "control: unknown command 'paus'; did you mean 'pause'?");
        assert!(
            refusal("x")
                .ends_with("; there are: pause, continue, step, save, evaluate, reload, episode, set, status, quit")
        );
        assert!(refusal("").starts_with("control: unknown command ''; there are: pause, "));
        assert_eq!(refusal("quit now"), "control: quit must be alone on its line, got 'now'");
        for count in ["0", "-1", "two", "1 2"] {
            let want = format!("control: step must be followed by a number of steps above 0, got '{count}'");
            assert_eq!(refusal(&format!("step {count}")), want);
        }
        for assignment in ["", "lr", "= 3"] {
            let want = format!("control: set must be followed by KEY=VALUE, got '{assignment}'");
            assert_eq!(refusal(&format!("set {assignment}")), want);
        }
    }

    #[test]
    fn the_help_mentions_every_command() {
        for name in NAMES {
            assert!(help().contains(name), "{name}");
        }
    }
}
