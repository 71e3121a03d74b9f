//! TLS by OpenSSL: who is trusted, and the handshake.

use std::path::Path;
use std::pin::Pin;

use openssl::error::ErrorStack;
use openssl::ssl::{SslConnector, SslMethod, SslVersion};
use openssl::x509::X509VerifyResult;
use openssl::x509::store::X509StoreBuilder;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;
use url::Host;

use crate::failure::Failure;

/// Where systems keep the certificates that they trust: Debian and Alpine, Fedora, openSUSE, then BSD and macOS. OpenSSL's own
/// place is on none of them, since it is built with the program.
const OF_THE_SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// What all connections have in common.
pub(crate) fn connector(ca_file: Option<&Path>) -> Result<SslConnector, Failure> {
    let mut builder = SslConnector::builder(SslMethod::tls_client()).map_err(|errors| of_openssl(&errors))?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2)).map_err(|errors| of_openssl(&errors))?;
    if let Some(file) = ca_file {
        // Those of the system count no more.
        let empty = X509StoreBuilder::new().map_err(|errors| of_openssl(&errors))?.build();
        builder.set_cert_store(empty);
        builder
            .set_ca_file(file)
            .map_err(|_why| Failure::Tls(format!("the certificates in {} cannot be read", file.display())))?;
    } else if let Some(file) = OF_THE_SYSTEM.iter().find(|file| Path::new(file).is_file()) {
        builder.set_ca_file(file).map_err(|errors| of_openssl(&errors))?;
    }
    Ok(builder.build())
}

/// Makes a connection a private one with this host, and with no other.
pub(crate) async fn shake_hands(
    connector: &SslConnector,
    host: Host<&str>,
    tcp: TcpStream,
) -> Result<SslStream<TcpStream>, Failure> {
    // An IPv6 is compared without its brackets.
    let name = match host {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
    };
    let ssl =
        connector.configure().and_then(|with| with.into_ssl(&name)).map_err(|errors| of_openssl(&errors))?;
    let mut stream = SslStream::new(ssl, tcp).map_err(|errors| of_openssl(&errors))?;
    if let Err(why) = Pin::new(&mut stream).connect().await {
        let verified = stream.ssl().verify_result();
        return Err(if verified == X509VerifyResult::OK {
            match why.io_error() {
                Some(broken) => Failure::Unreachable(broken.kind()),
                None => Failure::Tls(reason(why.ssl_error())),
            }
        } else {
            Failure::Tls(format!("the certificate is not trusted ({})", verified.error_string()))
        });
    }
    Ok(stream)
}

fn of_openssl(errors: &ErrorStack) -> Failure {
    Failure::Tls(reason(Some(errors)))
}

/// The first of OpenSSL's reasons, without its places in the source.
fn reason(errors: Option<&ErrorStack>) -> String {
    let first = errors.and_then(|stack| stack.errors().first());
    first.and_then(openssl::error::Error::reason).unwrap_or("the handshake failed").to_owned()
}
