//! A command that somebody waits to have answered, and the way back to them.

use std::fmt;

use super::Command;

/// A command and whoever asked for it. If it is dropped unanswered, they are told that the run has ended.
#[derive(Debug)]
pub struct Request {
    /// What is asked for.
    pub command: Command,
    reply: Reply,
}

/// What a request is answered with: what to say, or why it was refused.
pub type Answer = Result<String, String>;

impl Request {
    /// `reply` is called exactly once, on whatever thread the request ends up on.
    pub(super) fn new(command: Command, reply: impl FnOnce(Answer) + Send + 'static) -> Self {
        Self { command, reply: Reply(Some(Box::new(reply))) }
    }

    /// Says what came of it, or why it was refused. It does not wait for anybody to hear that.
    pub fn answer(mut self, reply: Result<String, String>) {
        self.reply.give(reply);
    }
}

struct Reply(Option<Box<dyn FnOnce(Answer) + Send>>);

impl Reply {
    fn give(&mut self, answer: Answer) {
        if let Some(reply) = self.0.take() {
            reply(answer);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.give(Err("the run has ended".into()));
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("Reply")
    }
}
