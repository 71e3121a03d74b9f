//! Counting requests: a few numbers for each route and method, found when the route is mounted and not for each request.
//!
//! Each worker counts for itself, so that the processor's cores do not meet at one number. The numbers are added up when
//! somebody asks.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use rosterd_app::{CountedDurations, Durations};

/// The route of requests to paths that nothing answers, as in the log.
pub(crate) const NO_ROUTE: &str = "-";

/// Stands for a method that a route does not answer, and for a status that is not counted by itself.
const OTHER: &str = "other";

/// Statuses that are counted by themselves, the usual ones first.
const STATUSES: [u16; 22] = [
    200, 304, 401, 400, 404, 201, 204, 302, 303, 307, 308, 403, 405, 408, 409, 412, 413, 415, 422, 429, 500,
    503,
];

/// What was counted by all workers.
#[derive(Default)]
pub(super) struct Requests(Mutex<Vec<Routes>>);

/// What one worker counts, by the patterns of its routes.
pub(crate) type Routes = BTreeMap<&'static str, Arc<Route>>;

/// The requests to one route.
pub(crate) struct Route {
    /// Few: they are found by looking at each.
    methods: Vec<(Method, Counts)>,
    /// Those of methods that it does not answer.
    others: Counts,
}

/// The requests to one route by one method.
#[derive(Default)]
struct Counts {
    statuses: [AtomicU64; STATUSES.len() + 1],
    durations: Durations,
}

/// What was counted of a route and a method.
#[derive(Default)]
pub(super) struct Counted {
    /// By the places of [`STATUSES`], and one for the others.
    statuses: [u64; STATUSES.len() + 1],
    /// How long they took.
    pub(super) durations: CountedDurations,
}

impl Requests {
    /// A new worker's numbers: for these routes, each with the methods that it answers, and for requests to no route.
    pub(super) fn of_worker(&self, routes: impl IntoIterator<Item = (&'static str, Vec<Method>)>) -> Routes {
        let none = std::iter::once((NO_ROUTE, Vec::new()));
        let routes: Routes = routes
            .into_iter()
            .chain(none)
            .map(|(route, methods)| (route, Arc::new(Route::new(methods))))
            .collect();
        self.workers().push(routes.clone());
        routes
    }

    /// What was counted, by route and method. Without what never happened.
    pub(super) fn counted(&self) -> BTreeMap<(&'static str, String), Counted> {
        let mut all = BTreeMap::<_, Counted>::new();
        for (pattern, route) in self.workers().iter().flatten() {
            for (method, counts) in route.by_method() {
                let durations = counts.durations.counted();
                if durations.count() > 0 {
                    all.entry((*pattern, method.to_owned())).or_default().add(counts, &durations);
                }
            }
        }
        all
    }

    /// Locked when a worker starts and when somebody asks, never for a request.
    fn workers(&self) -> std::sync::MutexGuard<'_, Vec<Routes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Route {
    fn new(methods: Vec<Method>) -> Self {
        let methods = methods.into_iter().map(|method| (method, Counts::default())).collect();
        Self { methods, others: Counts::default() }
    }

    /// Counts a request.
    pub(crate) fn count(&self, method: &Method, status: StatusCode, took: Duration) {
        let of_method = self.methods.iter().find(|(known, _)| known == method);
        let counts = of_method.map_or(&self.others, |(_, counts)| counts);
        let status = status.as_u16();
        let place = STATUSES.iter().position(|known| *known == status).unwrap_or(STATUSES.len());
        counts.statuses[place].fetch_add(1, Ordering::Relaxed);
        counts.durations.note(took);
    }

    fn by_method(&self) -> impl Iterator<Item = (&str, &Counts)> {
        let known = self.methods.iter().map(|(method, counts)| (method.as_str(), counts));
        known.chain(std::iter::once((OTHER, &self.others)))
    }
}

impl Counted {
    fn add(&mut self, counts: &Counts, durations: &CountedDurations) {
        for (sum, count) in self.statuses.iter_mut().zip(&counts.statuses) {
            *sum += count.load(Ordering::Relaxed);
        }
        self.durations.add(durations);
    }

    /// The statuses that were answered, each with how often.
    pub(super) fn by_status(&self) -> impl Iterator<Item = (String, u64)> {
        let names = STATUSES.iter().map(u16::to_string).chain(std::iter::once(OTHER.to_owned()));
        names.zip(self.statuses).filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn what_workers_count_is_added_up_by_route_method_and_status() {
        let requests = Requests::default();
        let worker =
            || requests.of_worker([("/a/{id}", vec![Method::GET, Method::HEAD]), ("/b", vec![Method::POST])]);
        let (one, two) = (worker(), worker());
        for (routes, pattern, method, status) in [
            (&one, "/a/{id}", Method::GET, 200),
            (&two, "/a/{id}", Method::GET, 200),
            (&two, "/a/{id}", Method::GET, 418),
            (&two, "/a/{id}", Method::GET, 401),
            (&one, "/a/{id}", Method::DELETE, 405),
            (&one, "/a/{id}", Method::from_bytes(b"BREW").unwrap(), 405),
            (&one, NO_ROUTE, Method::GET, 404),
        ] {
            routes[pattern].count(&method, StatusCode::from_u16(status).unwrap(), MS);
        }
        let counted: Vec<_> = requests
            .counted()
            .into_iter()
            .map(|((route, method), counted)| {
                let by_status = counted.by_status().map(|(status, count)| format!("{status}:{count}"));
                (route, method, by_status.collect::<Vec<_>>().join(" "), counted.durations.count())
            })
            .collect();
        let wanted = [
            (NO_ROUTE, "other", "404:1", 1),
            ("/a/{id}", "GET", "200:2 401:1 other:1", 4),
            ("/a/{id}", "other", "405:2", 2),
        ]
        .map(|(route, method, statuses, count)| (route, method.to_owned(), statuses.to_owned(), count));
        assert_eq!(counted, wanted);
    }

    #[test]
    fn no_status_has_two_places() {
        for (place, status) in STATUSES.iter().enumerate() {
            assert_eq!(STATUSES.iter().position(|other| other == status), Some(place));
        }
    }
}
