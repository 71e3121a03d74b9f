//! From a server's name to a connection that is as private as it is to be.
//!
//! STARTTLS (RFC 3207) is done here and not by lettre: what a server, or somebody between, sends along with its consent must not
//! count as said after the encryption began.

use std::net::IpAddr;

use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Mailer;
use super::failure::{SmtpFailure, one_line};
use super::server::SmtpTls;
use super::wire::Wire;
use crate::{reach, tls};

/// The longest reply, in bytes.
const MAX_REPLY: usize = 16 << 10;

/// Connects, and encrypts. Gives also the name that we say hello by: our own IP.
pub(super) async fn open(mailer: &Mailer) -> Result<(Wire, ClientId), SmtpFailure> {
    let server = &mailer.server;
    // Whoever runs the program named the server, so it may be anywhere.
    let reached = reach::connect_to(server.host(), server.port(), |_ip| true);
    let mut tcp = mailer.within("a connection to the mail server", reached).await??;
    let broken = |why: std::io::Error| SmtpFailure::NotNow(format!("no connection: {}", why.kind()));
    let (peer, own) = (tcp.peer_addr().map_err(broken)?, tcp.local_addr().map_err(broken)?);
    let name = match own.ip() {
        IpAddr::V4(ip) => ClientId::Ipv4(ip),
        IpAddr::V6(ip) => ClientId::Ipv6(ip),
    };
    let wire = match server.tls() {
        SmtpTls::None => Wire::fresh(Box::new(tcp), peer),
        SmtpTls::Implicit => Wire::fresh(Box::new(encrypted(mailer, tcp).await?), peer),
        SmtpTls::Required | SmtpTls::Opportunistic => {
            if is_ready_for_tls(mailer, &mut tcp, &name).await? {
                Wire::greeted(Box::new(encrypted(mailer, tcp).await?), peer)
            } else if server.tls() == SmtpTls::Opportunistic {
                Wire::greeted(Box::new(tcp), peer)
            } else {
                return Err(SmtpFailure::NotNow(
                    "the mail server offers no STARTTLS; if it has TLS from the beginning, its URL begins with smtps://".to_owned(),
                ));
            }
        }
    };
    Ok((wire, name))
}

async fn encrypted(
    mailer: &Mailer,
    tcp: TcpStream,
) -> Result<tokio_openssl::SslStream<TcpStream>, SmtpFailure> {
    let shaken = tls::shake_hands(mailer.tls()?, mailer.server.host(), tcp);
    Ok(mailer.within("a TLS connection", shaken).await??)
}

/// Hears the greeting, says hello, and asks for STARTTLS where it is offered; gives whether the server agreed.
async fn is_ready_for_tls(
    mailer: &Mailer,
    tcp: &mut TcpStream,
    name: &ClientId,
) -> Result<bool, SmtpFailure> {
    mailer.within("a greeting of the mail server", heard(tcp)).await??.ensure_positive()?;
    let hello = asked(tcp, format!("EHLO {name}\r\n"));
    let offered = mailer.within("an answer to EHLO", hello).await??.ensure_positive()?;
    if !offered.lines.iter().skip(1).any(|line| line.trim().eq_ignore_ascii_case("STARTTLS")) {
        return Ok(false);
    }
    let consent = asked(tcp, "STARTTLS\r\n".to_owned());
    mailer.within("an answer to STARTTLS", consent).await??.ensure_positive()?;
    Ok(true)
}

/// What a server answered.
struct Reply {
    /// The status, three digits.
    status: String,
    /// What stands after it in each line.
    lines: Vec<String>,
}

impl Reply {
    fn ensure_positive(self) -> Result<Self, SmtpFailure> {
        if self.status.starts_with('2') {
            return Ok(self);
        }
        let said = one_line(&self.lines.join(" "));
        Err(SmtpFailure::NotNow(format!("the mail server answered {}: {said}", self.status)))
    }
}

async fn asked(tcp: &mut TcpStream, command: String) -> Result<Reply, SmtpFailure> {
    tcp.write_all(command.as_bytes()).await.map_err(|why| broken(&why))?;
    heard(tcp).await
}

/// Reads one reply, and nothing after it.
async fn heard(tcp: &mut TcpStream) -> Result<Reply, SmtpFailure> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 1024];
        let count = tcp.read(&mut chunk).await.map_err(|why| broken(&why))?;
        bytes.extend(chunk.iter().take(count));
        if let Some(reply) = whole(&bytes)? {
            return Ok(reply);
        }
        if count == 0 || bytes.len() > MAX_REPLY {
            return Err(SmtpFailure::NotNow("the mail server ended in the middle of a reply".to_owned()));
        }
    }
}

/// The reply, if it is all there.
fn whole(bytes: &[u8]) -> Result<Option<Reply>, SmtpFailure> {
    let odd = || SmtpFailure::NotNow("what answers is no mail server".to_owned());
    let text = String::from_utf8_lossy(bytes);
    let mut reply = Reply { status: String::new(), lines: Vec::new() };
    let mut rest = text.as_ref();
    while let Some((line, after)) = rest.split_once('\n') {
        let (status, said) = line.split_at_checked(3).ok_or_else(odd)?;
        if !status.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(odd());
        }
        status.clone_into(&mut reply.status);
        let (is_last, said) = match said.strip_prefix('-') {
            Some(said) => (false, said),
            None => (true, said),
        };
        reply.lines.push(said.trim().to_owned());
        if is_last {
            // Nobody was asked for more: see the module.
            return if after.is_empty() {
                Ok(Some(reply))
            } else {
                Err(SmtpFailure::NotNow("the mail server spoke out of turn".to_owned()))
            };
        }
        rest = after;
    }
    Ok(None)
}

fn broken(why: &std::io::Error) -> SmtpFailure {
    SmtpFailure::NotNow(format!("the connection to the mail server broke: {}", why.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<(String, Vec<String>)>, SmtpFailure> {
        whole(text.as_bytes()).map(|reply| reply.map(|reply| (reply.status, reply.lines)))
    }

    #[test]
    fn a_reply_ends_with_the_first_line_without_a_hyphen() {
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("250-mail.example.com\r\n250-START"), Ok(None));
        let lines = vec!["mail.example.com".to_owned(), "STARTTLS".to_owned()];
        assert_eq!(read("250-mail.example.com\r\n250 STARTTLS\r\n"), Ok(Some(("250".to_owned(), lines))));
        assert_eq!(read("220\r\n"), Ok(Some(("220".to_owned(), vec![String::new()]))));
    }

    #[test]
    fn what_comes_after_a_reply_is_never_taken_for_one_that_was_encrypted() {
        assert!(read("220 ready\r\n250 AUTH PLAIN\r\n").is_err());
        assert!(read("220 ready\r\n2").is_err());
        for odd in ["HTTP/1.1 400 Bad Request\r\n", "é\n", "22\n"] {
            assert!(read(odd).is_err(), "{odd}");
        }
    }
}
