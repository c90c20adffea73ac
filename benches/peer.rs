//! PyTorch's side of a benchmark: a Python program that answers a line of numbers for each line it is asked. Knows not what
//! is timed.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A Python program that waits for questions.
pub struct Peer {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts a program of the folder `benches`. None where there is no Python.
    pub fn start(file: &str, arguments: &[String]) -> Option<Self> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(file);
        let mut command = Command::new("python3");
        command.arg(file).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().ok()?;
        let (questions, answers) = (process.stdin.take()?, BufReader::new(process.stdout.take()?));
        Some(Self { process, questions, answers })
    }

    /// The numbers of the answer. None where there is no torch.
    pub fn ask<const N: usize>(&mut self, question: &str) -> Option<[f64; N]> {
        writeln!(self.questions, "{question}").ok()?;
        let mut line = String::new();
        self.answers.read_line(&mut line).ok()?;
        let numbers = line.split_whitespace().map(str::parse).collect::<Result<Vec<f64>, _>>().ok()?;
        numbers.try_into().ok()
    }

    /// Lets it end.
    pub fn end(mut self) {
        drop(self.questions);
        let _ = self.process.wait();
    }
}
