//! Who waits for a hashing thread, and whose turn is next.
//!
//! Whoever asks for many hashes at once must not keep the others waiting. So the waiting room has three parts: for signing
//! in, for signing up and for callers who are signed in. A part that is full does not fill the others. One client IP may
//! have a quarter of a part, and the clients of a part take turns: each waits for one hash of every other client, however
//! many of those that client asks for.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rosterd_lanes::{LaneCounts, LaneError, LaneMetrics, Refused};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::request::ClientIp;

/// Who asks for a hash, and from where.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asker {
    /// Somebody who signs in.
    SigningIn(ClientIp),
    /// Somebody who opens an account.
    SigningUp(ClientIp),
    /// A caller who is known, or the operator.
    Known(ClientIp),
}

impl Asker {
    const fn part(self) -> usize {
        match self {
            Self::SigningIn(_) => 0,
            Self::SigningUp(_) => 1,
            Self::Known(_) => 2,
        }
    }

    /// The IP that the client is counted by; `None` where nobody asks over a network.
    fn client(self) -> Option<IpAddr> {
        let (Self::SigningIn(ip) | Self::SigningUp(ip) | Self::Known(ip)) = self;
        ip.counted()
    }
}

/// The waiting room.
#[derive(Debug)]
pub(super) struct Room {
    state: Mutex<State>,
    wait: Duration,
    counts: LaneCounts,
}

#[derive(Debug)]
struct State {
    /// Threads that are not at work.
    idle: usize,
    parts: [Part; 3],
    /// The part whose turn is next.
    next: usize,
}

/// A part of the room.
#[derive(Debug)]
struct Part {
    /// Places, for those whose hash is under way too.
    places: usize,
    /// Places that one client may have.
    per_client: usize,
    taken: usize,
    by_client: HashMap<IpAddr, usize>,
    /// The clients that wait, in the order of their turns; each with its own in the order in which they came.
    waiting: VecDeque<(Option<IpAddr>, VecDeque<oneshot::Sender<Thread>>)>,
}

/// The right to keep one thread busy, and a place in the room. Both are given back when this is dropped: it goes with the
/// work, and not with whoever waits for it.
#[derive(Debug)]
pub(super) struct Turn {
    // Dropped first: the place belongs to the work.
    _thread: Thread,
    _place: Place,
}

/// A thread; the next in line gets it when this is dropped.
#[derive(Debug)]
struct Thread(Option<Arc<Room>>);

/// A place in a part of the room.
#[derive(Debug)]
struct Place {
    room: Arc<Room>,
    asker: Asker,
}

impl Room {
    /// A room before so many threads, with `places` places in all; each may wait so long.
    pub(super) fn new(threads: usize, places: usize, wait: Duration) -> Arc<Self> {
        let quarter = places / 4;
        let parts = [places - 2 * quarter, quarter, quarter].map(Part::new);
        let state = State { idle: threads.max(1), parts, next: 0 };
        Arc::new(Self { state: Mutex::new(state), wait, counts: LaneCounts::default() })
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`LaneError::Full`] where the part of the room, or the client's share of it, is taken; [`LaneError::Late`].
    pub(super) async fn turn(self: &Arc<Self>, asker: Asker) -> Result<Turn, LaneError> {
        let came = Instant::now();
        let turn = self.take_turn(asker).await;
        match &turn {
            Ok(_) => self.counts.waited(came.elapsed()),
            Err(why) => self.counts.refused(*why),
        }
        turn
    }

    /// How the room stands, and the threads behind it.
    pub(super) fn metrics(&self, threads: LaneMetrics) -> LaneMetrics {
        let (waiting, places) = {
            let state = self.lock();
            let waiting =
                state.parts.iter().flat_map(|part| &part.waiting).map(|(_, calls)| calls.len()).sum();
            (waiting, state.parts.iter().map(|part| part.places).sum())
        };
        let room = self.counts.counted(&threads.name, threads.threads, threads.hanging, waiting, places);
        let refused = Refused {
            full: room.refused.full + threads.refused.full,
            late: room.refused.late + threads.refused.late,
            ..threads.refused
        };
        LaneMetrics { waiting, room: places, waits: room.waits, refused, ..threads }
    }

    async fn take_turn(self: &Arc<Self>, asker: Asker) -> Result<Turn, LaneError> {
        let place = self.enter(asker)?;
        let called = self.wait_in_line(asker);
        let thread = match called {
            Ok(thread) => thread,
            Err(called) => match timeout(self.wait, called).await {
                Ok(Ok(thread)) => thread,
                Ok(Err(_nobody_calls)) => return Err(LaneError::Shut),
                Err(_elapsed) => return Err(LaneError::Late),
            },
        };
        Ok(Turn { _thread: thread, _place: place })
    }

    fn enter(self: &Arc<Self>, asker: Asker) -> Result<Place, LaneError> {
        let mut state = self.lock();
        let part = &mut state.parts[asker.part()];
        if part.taken >= part.places {
            return Err(LaneError::Full);
        }
        if let Some(client) = asker.client() {
            let taken = part.by_client.entry(client).or_default();
            if *taken >= part.per_client {
                return Err(LaneError::Full);
            }
            *taken += 1;
        }
        part.taken += 1;
        Ok(Place { room: Arc::clone(self), asker })
    }

    /// A thread that is idle, or else the call for when one is.
    fn wait_in_line(self: &Arc<Self>, asker: Asker) -> Result<Thread, oneshot::Receiver<Thread>> {
        let mut state = self.lock();
        if state.idle > 0 {
            state.idle -= 1;
            return Ok(Thread(Some(Arc::clone(self))));
        }
        let (call, called) = oneshot::channel();
        state.parts[asker.part()].line_up(asker.client(), call);
        Err(called)
    }

    /// Gives a thread to the next in line who still waits.
    fn pass_on(self: &Arc<Self>) {
        loop {
            let next = {
                let mut state = self.lock();
                let next = state.next_in_line();
                if next.is_none() {
                    state.idle += 1;
                }
                next
            };
            let Some(next) = next else { return };
            match next.send(Thread(Some(Arc::clone(self)))) {
                Ok(()) => return,
                // Gone away: the thread is still to be given to somebody.
                Err(mut thread) => thread.0 = None,
            }
        }
    }

    /// Counts like these cannot be left half written, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_in_line(&mut self) -> Option<oneshot::Sender<Thread>> {
        let parts = self.parts.len();
        for step in 0..parts {
            let part = (self.next + step) % parts;
            if let Some(call) = self.parts[part].next_in_line() {
                self.next = (part + 1) % parts;
                return Some(call);
            }
        }
        None
    }
}

impl Part {
    fn new(places: usize) -> Self {
        let places = places.max(1);
        Self {
            places,
            per_client: (places / 4).max(1),
            taken: 0,
            by_client: HashMap::new(),
            waiting: VecDeque::new(),
        }
    }

    fn line_up(&mut self, client: Option<IpAddr>, call: oneshot::Sender<Thread>) {
        // Who went away left a call behind; without this, many of them could pile up between two turns.
        for (_, calls) in &mut self.waiting {
            calls.retain(|call| !call.is_closed());
        }
        self.waiting.retain(|(_, calls)| !calls.is_empty());
        match self.waiting.iter_mut().find(|(other, _)| *other == client) {
            Some((_, calls)) => calls.push_back(call),
            None => self.waiting.push_back((client, VecDeque::from([call]))),
        }
    }

    fn next_in_line(&mut self) -> Option<oneshot::Sender<Thread>> {
        let (client, mut calls) = self.waiting.pop_front()?;
        let call = calls.pop_front();
        if !calls.is_empty() {
            self.waiting.push_back((client, calls));
        }
        call
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        if let Some(room) = self.0.take() {
            room.pass_on();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.room.lock();
        let part = &mut state.parts[self.asker.part()];
        part.taken -= 1;
        if let Some(client) = self.asker.client()
            && let Some(taken) = part.by_client.get_mut(&client)
        {
            *taken -= 1;
            if *taken == 0 {
                part.by_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const WAIT: Duration = Duration::from_mins(1);

    fn ip(last: u8) -> ClientIp {
        ClientIp::new(Some(IpAddr::from([192, 0, 2, last])))
    }

    fn in_from(last: u8) -> Asker {
        Asker::SigningIn(ip(last))
    }

    type Waiting = std::pin::Pin<Box<dyn Future<Output = Result<Turn, LaneError>>>>;

    /// Asks, and gives what has not come at once.
    fn ask(room: &Arc<Room>, asker: Asker) -> Waiting {
        let room = Arc::clone(room);
        let mut waiting: Waiting = Box::pin(async move { room.turn(asker).await });
        assert!(now(&mut waiting).is_none(), "a turn at once");
        waiting
    }

    /// What is there without waiting.
    fn now(waiting: &mut Waiting) -> Option<Result<Turn, LaneError>> {
        match waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    #[tokio::test]
    async fn clients_take_turns_however_much_one_asks_for() {
        let room = Room::new(1, 64, WAIT);
        let under_way = room.turn(in_from(1)).await.unwrap();
        let mut many: Vec<_> = (0..5).map(|_| ask(&room, in_from(1))).collect();
        let mut honest = ask(&room, in_from(2));
        drop(under_way);
        let first = now(&mut many[0]).unwrap().unwrap();
        assert!(now(&mut honest).is_none());
        drop(first);
        let turn = now(&mut honest).expect("after one hash of the other client").unwrap();
        assert!(now(&mut many[1]).is_none());
        drop(turn);
        assert!(now(&mut many[1]).is_some());
    }

    #[tokio::test]
    async fn a_client_has_a_quarter_of_a_part_and_a_full_part_leaves_the_others_open() {
        // Eight for signing in, four each for signing up and for known callers.
        let room = Room::new(1, 16, WAIT);
        let mut all = vec![ask_first(&room).await];
        let mut waiting = Vec::new();
        waiting.push(ask(&room, in_from(1)));
        assert_eq!(room.turn(in_from(1)).await.unwrap_err(), LaneError::Full);
        for client in 2..5 {
            waiting.extend([ask(&room, in_from(client)), ask(&room, in_from(client))]);
        }
        assert_eq!(room.turn(in_from(5)).await.unwrap_err(), LaneError::Full, "all eight are taken");
        waiting.push(ask(&room, Asker::SigningUp(ip(1))));
        assert_eq!(room.turn(Asker::SigningUp(ip(1))).await.unwrap_err(), LaneError::Full);
        // Nobody over a network: only the part itself is a limit.
        let operator = Asker::Known(ClientIp::default());
        waiting.extend((0..4).map(|_| ask(&room, operator)));
        assert_eq!(room.turn(operator).await.unwrap_err(), LaneError::Full);
        waiting.clear();
        all.clear();
        let state = room.lock();
        assert_eq!(state.idle, 1);
        assert!(state.parts.iter().all(|part| part.taken == 0 && part.by_client.is_empty()));
    }

    async fn ask_first(room: &Arc<Room>) -> Turn {
        room.turn(in_from(1)).await.unwrap()
    }

    #[tokio::test]
    async fn who_goes_away_is_passed_over() {
        let room = Room::new(1, 64, WAIT);
        let under_way = ask_first(&room).await;
        let gone = ask(&room, in_from(2));
        let mut patient = ask(&room, in_from(3));
        drop(gone);
        drop(under_way);
        let turn = now(&mut patient).unwrap().unwrap();
        // Called and then gone, before noticing.
        let called = ask(&room, in_from(4));
        drop(turn);
        drop(called);
        assert!(
            pin!(room.turn(in_from(5))).as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
        );
    }

    #[tokio::test]
    async fn signing_up_does_not_wait_behind_all_who_sign_in() {
        let room = Room::new(1, 64, WAIT);
        let under_way = ask_first(&room).await;
        let mut in_line: Vec<_> = (2..8).map(|client| ask(&room, in_from(client))).collect();
        let mut up = ask(&room, Asker::SigningUp(ip(1)));
        drop(under_way);
        drop(now(&mut in_line[0]).unwrap());
        assert!(now(&mut up).is_some(), "the parts take turns too");
    }

    #[tokio::test]
    async fn what_waits_and_what_is_refused_is_counted() {
        let room = Room::new(1, 16, WAIT);
        let _under_way = ask_first(&room).await;
        let _waits = ask(&room, in_from(1));
        assert_eq!(room.turn(in_from(1)).await.unwrap_err(), LaneError::Full);
        let metrics = room.metrics(LaneCounts::default().counted("hash", 1, 0, 0, 1));
        assert_eq!((metrics.waiting, metrics.room, metrics.refused.full), (1, 16, 1));
        assert_eq!((metrics.name.as_str(), metrics.waits.count()), ("hash", 1));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let room = Room::new(1, 64, WAIT);
        let _under_way = ask_first(&room).await;
        assert_eq!(room.turn(in_from(2)).await.unwrap_err(), LaneError::Late);
    }

    #[tokio::test]
    async fn even_a_small_room_has_a_place_for_each_part() {
        let room = Room::new(1, 1, WAIT);
        let _under_way = ask_first(&room).await;
        assert_eq!(room.turn(in_from(2)).await.unwrap_err(), LaneError::Full);
        let _waits = ask(&room, Asker::SigningUp(ip(2)));
        assert_eq!(room.turn(Asker::SigningUp(ip(3))).await.unwrap_err(), LaneError::Full);
    }
}
