//! Requests to receivers of the tests' own.

use std::io::Write as _;
use std::sync::Arc;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{Ssl, SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_openssl::SslStream;

use super::*;

const BRIEF: Duration = Duration::from_millis(500);
const LONG: Duration = Duration::from_secs(20);

fn anywhere(_ip: IpAddr) -> bool {
    true
}

fn nowhere(_ip: IpAddr) -> bool {
    false
}

fn message() -> Message {
    Message { headers: vec![("webhook-id", "e-1".to_owned())], body: Bytes::from_static(b"{\"a\":1}") }
}

/// Reads a request to its end: the head, and a body of seven bytes.
async fn read_request(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"{\"a\":1}") {
        let mut chunk = [0; 1024];
        let count = stream.read(&mut chunk).await.unwrap();
        assert!(count > 0, "the request ends early: {read:?}");
        read.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8(read).unwrap()
}

/// A receiver that answers one request with these bytes and then keeps the connection; gives its URL and the request.
async fn receiver(answer: &'static [u8]) -> (Url, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?key=secret", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        stream.write_all(answer).await.unwrap();
        // Until the sender has read enough.
        let _closed = stream.read(&mut [0; 1]).await;
        request
    });
    (Url::parse(&url).unwrap(), asked)
}

async fn answer_to(answer: &'static [u8], time: Duration) -> Result<Answer, Failure> {
    let (url, _asked) = receiver(answer).await;
    Outbound::new(time, anywhere, None).post(&url, message()).await
}

fn answer(status: u16) -> Answer {
    Answer { status, retry_after: None }
}

#[tokio::test]
async fn a_request_has_what_it_was_given_and_what_the_protocol_needs() {
    let (url, asked) = receiver(b"HTTP/1.1 204 No Content\r\n\r\n").await;
    let sent = Outbound::new(LONG, anywhere, None).post(&url, message()).await;
    assert_eq!(sent, Ok(answer(204)));
    let request = asked.await.unwrap();
    assert!(request.starts_with("POST /hook?key=secret HTTP/1.1\r\n"), "{request}");
    let host = format!("host: 127.0.0.1:{}\r\n", url.port().unwrap());
    for header in [host.as_str(), "connection: close\r\n", "webhook-id: e-1\r\n", "content-length: 7\r\n"] {
        assert!(request.contains(header), "{header:?} in {request}");
    }
}

#[tokio::test]
async fn a_redirect_and_a_wish_to_wait_are_told_and_not_followed() {
    let redirect = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(answer_to(redirect, LONG).await, Ok(answer(302)));
    let busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(answer_to(busy, LONG).await, Ok(Answer { status: 503, retry_after: Some("120".to_owned()) }));
}

#[tokio::test]
async fn an_ip_that_is_refused_gets_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in ["127.0.0.1", "localhost"] {
        let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
        let sent = Outbound::new(LONG, nowhere, None).post(&url, message()).await;
        assert_eq!(sent, Err(Failure::Forbidden), "{host}");
    }
    let connected = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(connected.is_err(), "somebody connected");
}

#[tokio::test]
async fn what_takes_too_long_is_given_up_and_a_status_stands() {
    assert_eq!(answer_to(b"", BRIEF).await, Err(Failure::TooSlow(BRIEF)));
    assert_eq!(answer_to(b"HTTP/1.1 200 OK\r\n", BRIEF).await, Err(Failure::TooSlow(BRIEF)));
    // The body never comes.
    assert_eq!(answer_to(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", BRIEF).await, Ok(answer(200)));
}

#[tokio::test]
async fn a_large_head_is_refused_and_a_large_body_is_not_read() {
    let head: Vec<u8> = [b"HTTP/1.1 200 OK\r\nx-long: ".as_slice(), &vec![b'x'; MAX_HEAD + 1]].concat();
    let sent = answer_to(head.leak(), LONG).await;
    assert!(matches!(sent, Err(Failure::Protocol(_))), "{sent:?}");
    let body = [b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n".as_slice(), &vec![b'x'; 200_000]];
    assert_eq!(answer_to(body.concat().leak(), LONG).await, Ok(answer(200)), "long before its end");
}

#[tokio::test]
async fn what_is_no_http_and_who_is_not_there_is_told_without_the_url() {
    let sent = answer_to(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", LONG).await.unwrap_err();
    assert!(matches!(sent, Failure::Protocol(_)), "{sent:?}");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/?key=secret", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let sent = Outbound::new(LONG, anywhere, None).post(&url, message()).await.unwrap_err();
    assert_eq!(sent, Failure::Unreachable(std::io::ErrorKind::ConnectionRefused));
    assert!(!sent.to_string().contains("secret"), "{sent}");
}

/// A certificate for this name, signed by `issuer` or by itself.
fn certificate(name: &str, issuer: Option<&(X509, PKey<Private>)>) -> (X509, PKey<Private>) {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    let number = BigNum::from_u32(if issuer.is_some() { 2 } else { 1 }).unwrap().to_asn1_integer().unwrap();
    builder.set_serial_number(&number).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(&*subject, |(ca, _)| ca.subject_name())).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    if issuer.is_none() {
        builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    }
    let names = SubjectAlternativeName::new().dns(name).build(&builder.x509v3_context(None, None)).unwrap();
    builder.append_extension(names).unwrap();
    builder.sign(issuer.map_or(&key, |(_, key)| key), MessageDigest::sha256()).unwrap();
    (builder.build(), key)
}

/// A receiver with this certificate that takes every request well; gives its port.
async fn tls_receiver((certificate, key): (X509, PKey<Private>)) -> u16 {
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_private_key(&key).unwrap();
    acceptor.set_certificate(&certificate).unwrap();
    let acceptor = Arc::new(acceptor.build());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let ssl = Ssl::new(acceptor.context()).unwrap();
            tokio::spawn(async move {
                let mut stream: SslStream<TcpStream> = SslStream::new(ssl, tcp).unwrap();
                if std::pin::Pin::new(&mut stream).accept().await.is_ok() {
                    read_request(&mut stream).await;
                    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
                    let _closed = stream.shutdown().await;
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn a_certificate_counts_if_it_is_trusted_and_for_this_host() {
    let authority = certificate("an authority", None);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&authority.0.to_pem().unwrap()).unwrap();
    let good = tls_receiver(certificate("localhost", Some(&authority))).await;
    let other = tls_receiver(certificate("elsewhere.example", Some(&authority))).await;
    let own = tls_receiver(certificate("localhost", None)).await;
    let trusting = Outbound::new(LONG, anywhere, Some(file.path().to_owned()));
    let at = |port: u16| Url::parse(&format!("https://localhost:{port}/")).unwrap();
    assert_eq!(trusting.post(&at(good), message()).await, Ok(answer(204)));
    for (port, who) in [(other, "of another host"), (own, "signed by itself")] {
        let sent = trusting.post(&at(port), message()).await;
        assert!(matches!(&sent, Err(Failure::Tls(why)) if why.contains("not trusted")), "{who}: {sent:?}");
    }
    // The system knows nothing of this authority.
    let sent = Outbound::new(LONG, anywhere, None).post(&at(good), message()).await;
    assert!(matches!(&sent, Err(Failure::Tls(why)) if why.contains("not trusted")), "{sent:?}");
    // The IP is no name of the certificate.
    let by_ip = Url::parse(&format!("https://127.0.0.1:{good}/")).unwrap();
    assert!(matches!(trusting.post(&by_ip, message()).await, Err(Failure::Tls(_))));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_and_a_receiver_without_tls_are_told() {
    let (url, _asked) = receiver(b"").await;
    let mut url = Url::parse(&url.as_str().replace("http://", "https://")).unwrap();
    let sent = Outbound::new(LONG, anywhere, Some("/nothing/here.pem".into())).post(&url, message()).await;
    assert!(matches!(&sent, Err(Failure::Tls(why)) if why.contains("/nothing/here.pem")), "{sent:?}");
    // One that answers a greeting with plain text.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let _closed = stream.read(&mut [0; 1]).await;
    });
    let sent = Outbound::new(LONG, anywhere, None).post(&url, message()).await;
    assert!(matches!(&sent, Err(Failure::Tls(_))), "{sent:?}");
}
