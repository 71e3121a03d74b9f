//! What a connection is given when it comes: a seat, if its peer has one left, and an end to waiting for a peer that
//! takes nothing of its answer.

use std::any::Any;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Shutdown};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, rt};
use rosterd_domain::rules::client_ip::{IpRanges, counted_as};
use socket2::SockRef;

/// Most connections of one worker, actix-web's own default.
const MOST_PER_WORKER: u64 = 25_000;

/// Open files that connections leave alone: the database's, the log's, the threads'.
const RESERVED_FILES: u64 = 256;

/// What a connection too many is told.
const SURPLUS_ANSWER: &str = "HTTP/1.1 429 Too Many Requests\r\n\
    content-type: application/json\r\ncontent-length: 86\r\nretry-after: 1\r\nconnection: close\r\n\
    cache-control: no-store\r\nx-content-type-options: nosniff\r\n\r\n\
    {\"detail\":\"There are too many connections from your IP.\",\"code\":\"RATE_LIMIT_EXCEEDED\"}";

/// The connections of all peers, counted.
pub(crate) struct Connections {
    /// Most of one peer at a time; 0: any number.
    per_peer: u32,
    /// Peers that may have any number.
    unlimited: IpRanges,
    /// How long a peer may take nothing of its answer.
    send_timeout: Duration,
    seats: Arc<Seats>,
}

/// Seats that are taken, by peer; a peer without any is not in it.
#[derive(Default)]
struct Seats(Mutex<HashMap<IpAddr, u32>>);

impl Seats {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's seat, free again when this is dropped.
struct Seat {
    peer: IpAddr,
    seats: Arc<Seats>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Entry::Occupied(mut entry) = self.seats.lock().entry(self.peer) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

/// Marks a connection that got no seat.
struct Surplus;

impl Connections {
    pub(crate) fn new(per_peer: u32, unlimited: IpRanges, send_timeout: Duration) -> Self {
        Self { per_peer, unlimited, send_timeout, seats: Arc::default() }
    }

    /// For [`on_connect`](actix_web::HttpServer::on_connect): the seat, if one is needed, lies with the connection and
    /// goes with it. Where there is none left, the connection is told so and closed without being listened to.
    pub(crate) fn admit(&self, connection: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<rt::net::TcpStream>() else { return };
        let socket = SockRef::from(stream);
        #[cfg(target_os = "linux")]
        if let Err(error) = socket.set_tcp_user_timeout(Some(self.send_timeout)) {
            tracing::debug!(%error, "no time limit for receiving an answer could be set on a connection");
        }
        let Ok(peer) = stream.peer_addr() else { return };
        match self.seat(peer.ip()) {
            Ok(None) => {}
            Ok(Some(seat)) => drop(extensions.insert(seat)),
            Err(Full) => {
                extensions.insert(Surplus);
                // The peer may be gone or not listening: then it is not told.
                let _ = socket.send(SURPLUS_ANSWER.as_bytes());
                let _ = socket.shutdown(Shutdown::Both);
            }
        }
    }

    /// A seat for a connection of this peer; `None` where it needs none.
    fn seat(&self, peer: IpAddr) -> Result<Option<Seat>, Full> {
        if self.per_peer == 0 || self.unlimited.contains(peer) {
            return Ok(None);
        }
        let peer = counted_as(peer);
        let mut taken = self.seats.lock();
        let count = taken.entry(peer).or_default();
        if *count >= self.per_peer {
            return Err(Full);
        }
        *count += 1;
        Ok(Some(Seat { peer, seats: Arc::clone(&self.seats) }))
    }
}

/// The peer has no seat left.
struct Full;

/// The middleware that keeps a connection without a seat from doing anything: a request may have arrived with it, and
/// must not be carried out after its sender was turned away.
pub(crate) async fn refuse_surplus(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if request.conn_data::<Surplus>().is_some() {
        let answer = HttpResponse::TooManyRequests().force_close().finish();
        return Ok(request.into_response(answer).map_body(|_head, body| EitherBody::right(body)));
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// How many connections a worker may have, so that all of them together leave files for everything else.
pub(crate) fn per_worker(open_files: Option<u64>, workers: usize) -> usize {
    let share = open_files.map_or(MOST_PER_WORKER, |files| {
        files.saturating_sub(RESERVED_FILES) / u64::try_from(workers.max(1)).unwrap_or(1)
    });
    usize::try_from(share.clamp(16, MOST_PER_WORKER)).unwrap_or(16)
}

/// How many files this process may open; `None` where the system does not say.
pub(crate) fn open_files() -> Option<u64> {
    #[cfg(unix)]
    return rlimit::Resource::NOFILE.get_soft().ok();
    #[cfg(not(unix))]
    return None;
}

/// Raises the number of files that this process may open to the most it is granted: each connection is one, and the
/// usual limit of 1,024 is meant for programs that have none.
pub(crate) fn raise_open_files() {
    #[cfg(unix)]
    match rlimit::Resource::NOFILE.get() {
        Ok((soft, hard)) if soft < hard => match rlimit::increase_nofile_limit(hard) {
            Ok(now) => tracing::info!(before = soft, now, "raised the limit of open files"),
            Err(error) => tracing::warn!(%error, soft, hard, "the limit of open files could not be raised"),
        },
        Ok((soft, _hard)) => tracing::debug!(now = soft, "the limit of open files is already at its maximum"),
        Err(error) => tracing::debug!(%error, "the limit of open files is not known"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(per_peer: u32, unlimited: &[&str]) -> Connections {
        let ranges =
            unlimited.iter().map(|range| rosterd_domain::rules::client_ip::parse_range(range).unwrap());
        Connections::new(per_peer, IpRanges::new(ranges.collect()), Duration::from_secs(1))
    }

    fn seat(connections: &Connections, peer: &str) -> Option<Option<Seat>> {
        connections.seat(peer.parse().unwrap()).ok()
    }

    #[test]
    fn a_peer_has_so_many_seats_and_gets_them_back() {
        let connections = connections(2, &["127.0.0.0/8"]);
        let first = seat(&connections, "192.0.2.1").unwrap();
        let _second = seat(&connections, "::ffff:192.0.2.1").unwrap();
        assert!(seat(&connections, "192.0.2.1").is_none());
        assert!(seat(&connections, "192.0.2.2").is_some(), "another peer has its own");
        drop(first);
        assert!(seat(&connections, "192.0.2.1").is_some());
    }

    #[test]
    fn an_ipv6_network_is_one_peer() {
        let connections = connections(1, &[]);
        let _seat = seat(&connections, "2001:db8:1:2::1").unwrap();
        assert!(seat(&connections, "2001:db8:1:2:ffff::1").is_none());
        assert!(seat(&connections, "2001:db8:1:3::1").is_some());
    }

    #[test]
    fn peers_without_a_limit_take_no_seat_and_nothing_is_kept_of_those_that_left() {
        let connections = connections(1, &["127.0.0.0/8", "10.0.0.0/8"]);
        let many: Vec<_> = (0..100).map(|_| seat(&connections, "127.0.0.1").unwrap()).collect();
        assert!(many.iter().all(Option::is_none));
        assert!(seat(&connections, "::ffff:10.1.2.3").unwrap().is_none());
        for n in 0..100 {
            drop(seat(&connections, &format!("192.0.2.{n}")).unwrap().unwrap());
        }
        assert!(connections.seats.lock().is_empty());
        let unlimited = self::connections(0, &[]);
        assert!(seat(&unlimited, "192.0.2.1").unwrap().is_none());
    }

    #[test]
    fn the_answer_to_a_connection_too_many_has_the_length_it_declares() {
        let (head, body) = SURPLUS_ANSWER.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
        assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap()["code"], "RATE_LIMIT_EXCEEDED");
        assert!(head.contains("cache-control: no-store\r\nx-content-type-options: nosniff"));
    }

    #[test]
    fn connections_leave_files_for_the_rest() {
        assert_eq!(per_worker(None, 4), 25_000);
        assert_eq!(per_worker(Some(1_048_576), 4), 25_000);
        assert_eq!(per_worker(Some(1024), 4), 192);
        assert_eq!(per_worker(Some(100), 2), 16);
    }
}
