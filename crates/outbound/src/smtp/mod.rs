//! Mails to one SMTP server, which whoever runs the program has named.
//!
//! Connections and TLS are those of the requests to webhooks; the dialogue and the form of the mails are lettre's. Each step has
//! a time of its own, so a server that hangs holds up nothing else.

mod failure;
mod letter;
mod opening;
mod server;
mod wire;

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use openssl::ssl::SslConnector;
use tokio::time::timeout;

use crate::failure::Failure;
use crate::tls;
pub use failure::SmtpFailure;
pub use letter::{Letter, Sender};
pub use server::{SmtpServer, SmtpTls};

/// How long one step may take: to connect, to encrypt, to sign in.
pub const STEP: Duration = Duration::from_secs(10);

/// The steps of a mail, its sender, its recipient and its text, together have so many times as long: a server that looks for spam
/// thinks before it takes one.
const STEPS_OF_A_MAIL: u32 = 3;

/// Sends mails by one server.
pub struct Mailer {
    server: SmtpServer,
    sender: Sender,
    ca_file: Option<PathBuf>,
    step: Duration,
    /// Made at the first need.
    tls: OnceLock<Result<SslConnector, Failure>>,
}

/// A connection to the server, over which several mails can be sent.
pub struct SmtpSession<'a> {
    mailer: &'a Mailer,
    connection: AsyncSmtpConnection,
}

impl Mailer {
    /// A sender. Certificates must be signed by one of the PEM file `ca_file`, if there is one, else by one that the system
    /// trusts. No step takes longer than `step`.
    #[must_use]
    pub fn new(server: SmtpServer, sender: Sender, ca_file: Option<PathBuf>, step: Duration) -> Self {
        Self { server, sender, ca_file, step, tls: OnceLock::new() }
    }

    /// Connects, encrypts and signs in, as far as the server is to be reached so.
    ///
    /// # Errors
    /// [`SmtpFailure::NotNow`], whatever went wrong: no mail was refused.
    pub async fn connect(&self) -> Result<SmtpSession<'_>, SmtpFailure> {
        let (wire, name) = opening::open(self).await?;
        let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &name);
        let mut connection = self
            .within("an answer to EHLO", greeted)
            .await?
            .map_err(|error| SmtpFailure::of_server(&error))?;
        if let Some((user, password)) = self.server.credentials() {
            let credentials = Credentials::new(user, password);
            let signed_in = connection.auth(DEFAULT_MECHANISMS, &credentials);
            self.within("an answer to AUTH", signed_in)
                .await?
                .map_err(|error| SmtpFailure::of_sign_in(&error))?;
        }
        Ok(SmtpSession { mailer: self, connection })
    }

    /// The result of a step, if it comes in time.
    async fn within<T>(&self, what: &str, step: impl Future<Output = T>) -> Result<T, SmtpFailure> {
        timeout(self.step, step).await.map_err(|_late| SmtpFailure::too_slow(what, self.step))
    }

    fn tls(&self) -> Result<&SslConnector, SmtpFailure> {
        let connector = self.tls.get_or_init(|| tls::connector(self.ca_file.as_deref()));
        connector.as_ref().map_err(|failure| SmtpFailure::NotNow(failure.to_string()))
    }
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("server", &self.server).finish_non_exhaustive()
    }
}

impl SmtpSession<'_> {
    /// Sends a mail. After a failure the connection is of no use any more.
    ///
    /// # Errors
    /// [`SmtpFailure::Refused`] where the server refused this mail for good, or no server can take it.
    pub async fn send(&mut self, letter: &Letter) -> Result<(), SmtpFailure> {
        let message = letter.message(&self.mailer.sender)?;
        let time = self.mailer.step.saturating_mul(STEPS_OF_A_MAIL);
        let text = message.formatted();
        let sent = self.connection.send(message.envelope(), &text);
        let answered = timeout(time, sent).await;
        let answered = answered.map_err(|_late| SmtpFailure::too_slow("an answer to the mail", time))?;
        answered.map(|_taken| ()).map_err(|error| SmtpFailure::of_mail(&error))
    }

    /// Says goodbye.
    pub async fn quit(mut self) {
        // What was sent is sent, whatever the server says now.
        let _late_or_not = timeout(self.mailer.step, self.connection.quit()).await;
    }
}

impl std::fmt::Debug for SmtpSession<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpSession").finish_non_exhaustive()
    }
}
