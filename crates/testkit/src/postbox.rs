//! A mail server of a test: takes mails, and says to each recipient what a test wants.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::loopback::{Loopback, Over};

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Its sender, as the dialogue named it.
    pub from: String,
    /// Its recipient.
    pub to: String,
    /// Its headers, a line each.
    pub head: String,
    body: String,
}

impl Posted {
    /// A header; empty where it was not sent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let wanted =
            |line: &&str| line.split_once(':').is_some_and(|(header, _)| header.eq_ignore_ascii_case(name));
        self.head
            .lines()
            .find(wanted)
            .and_then(|line| line.split_once(':'))
            .map_or("", |(_, value)| value.trim())
    }

    /// Its text, decoded.
    ///
    /// # Panics
    /// When it is no text.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = match self.header("Content-Transfer-Encoding") {
            "quoted-printable" => from_quoted_printable(&self.body),
            "base64" => BASE64_STANDARD.decode(self.body.replace("\r\n", "")).expect("it is base64"),
            _ => self.body.clone().into_bytes(),
        };
        String::from_utf8(bytes).expect("it is UTF-8").replace("\r\n", "\n")
    }
}

/// What a mail server says to a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Welcome {
    /// It takes the mail.
    Take,
    /// It says this, such as `550 no such user`.
    Say(&'static str),
    /// It says nothing until the sender has gone.
    Hang,
}

/// A running mail server, without TLS. It ends when dropped.
#[derive(Debug)]
pub struct Postbox {
    listener: Loopback,
    posted: Arc<Mail>,
}

/// The mails that were taken.
#[derive(Debug, Default)]
struct Mail(Mutex<Vec<Posted>>);

impl Mail {
    fn lock(&self) -> MutexGuard<'_, Vec<Posted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Postbox {
    /// One that welcomes each recipient as this says.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start(welcome: impl Fn(&str) -> Welcome + Send + Sync + 'static) -> Self {
        let posted = Arc::<Mail>::default();
        let taken = Arc::clone(&posted);
        // Who has gone hears no answer.
        let listener = Loopback::start(move |stream, over| drop(serve(&stream, (&taken, over), &welcome)));
        Self { listener, posted }
    }

    /// One that takes every mail.
    #[must_use]
    pub fn willing() -> Self {
        Self::start(|_recipient| Welcome::Take)
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.listener.addr())
    }

    /// The mails that it has taken, in their order.
    #[must_use]
    pub fn posted(&self) -> Vec<Posted> {
        self.posted.lock().clone()
    }

    /// The mails that it has taken since it was last asked so.
    #[must_use]
    pub fn take_posted(&self) -> Vec<Posted> {
        std::mem::take(&mut *self.posted.lock())
    }
}

/// One connection, to its end.
fn serve(
    stream: &TcpStream,
    (posted, over): (&Mail, &Over),
    welcome: &dyn Fn(&str) -> Welcome,
) -> std::io::Result<()> {
    let mut answers = stream;
    let mut say = |line: &str| answers.write_all(format!("{line}\r\n").as_bytes());
    let mut lines = BufReader::new(stream);
    let (mut from, mut to, mut line) = (String::new(), String::new(), String::new());
    say("220 postbox.test ESMTP")?;
    while lines.read_line(&mut line)? > 0 {
        let (verb, path) = (line.get(..4).unwrap_or_default().to_ascii_uppercase(), path_of(&line));
        match verb.as_str() {
            "EHLO" => say("250-postbox.test\r\n250 SMTPUTF8")?,
            "MAIL" => {
                from = path;
                say("250 fine")?;
            }
            "RCPT" => match welcome(&path) {
                Welcome::Take => {
                    to = path;
                    say("250 fine")?;
                }
                Welcome::Say(words) => say(words)?,
                Welcome::Hang => return over.hang(stream),
            },
            "DATA" => {
                say("354 go on")?;
                let (head, body) = read_mail(&mut lines)?;
                posted.lock().push(Posted { from: from.clone(), to: to.clone(), head, body });
                say("250 taken")?;
            }
            "QUIT" => return say("221 bye"),
            _ => say("250 fine")?,
        }
        line.clear();
    }
    Ok(())
}

/// What stands between `<` and `>`.
fn path_of(line: &str) -> String {
    let path = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    path.map_or_else(String::new, |(path, _)| path.to_owned())
}

/// Head and body of a mail, up to the line that has a full stop alone.
fn read_mail(lines: &mut BufReader<&TcpStream>) -> std::io::Result<(String, String)> {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 || line == ".\r\n" {
            break;
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
    let (head, body) = mail.split_once("\r\n\r\n").unwrap_or((&mail, ""));
    // Headers that go on in the next line.
    Ok((head.replace("\r\n ", " "), body.to_owned()))
}

fn from_quoted_printable(text: &str) -> Vec<u8> {
    let text = text.replace("=\r\n", "");
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'=').and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    bytes
}
