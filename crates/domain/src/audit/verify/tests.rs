//! Logs that somebody has touched.

use super::*;

/// A sealed log of these actions, and its chains.
fn log(actions: &[&str]) -> (Vec<EventRow>, [ChainState; 2]) {
    let mut chains = [ChainState::default(), ChainState::default()];
    let mut rows = Vec::new();
    for (n, action) in (1..).zip(actions) {
        let mut row = EventRow {
            id: format!("e-{n}"),
            at: n,
            action: (*action).to_owned(),
            actor_kind: "account".to_owned(),
            actor_id: Some("u-1".to_owned()),
            subject_label: Some("Ada".to_owned()),
            details: Some("{}".to_owned()),
            salt: format!("salt {n}"),
            position: Some(n),
            ..EventRow::default()
        };
        let chain = &mut chains[index(Chain::of(action))];
        chain.seal = seal_of(&chain.seal, &row);
        chain.position = n;
        row.seal = Some(chain.seal.clone());
        rows.push(row);
    }
    (rows, chains)
}

const ACTIONS: [&str; 7] = [
    "user.created",
    "user.settings_changed",
    "user.updated",
    "user.settings_changed",
    "user.info_changed",
    "group.created",
    "user.deleted",
];

fn verify(rows: &[EventRow], chains: &[ChainState; 2], head: Option<Head>) -> Report {
    let mut verifier = Verifier::new(chains.clone(), head);
    for row in rows {
        verifier.look_at(row);
    }
    verifier.end()
}

fn faults(report: &Report) -> Vec<(i64, Fault)> {
    report.findings.iter().map(|finding| (finding.position, finding.fault.clone())).collect()
}

#[test]
fn a_log_that_nobody_touched_is_whole_and_so_is_an_erased_one() {
    let (mut rows, chains) = log(&ACTIONS);
    let report = verify(&rows, &chains, None);
    assert!(report.is_whole() && report.sealed == 7, "{report:?}");
    assert_eq!(report.head.position, 7);
    assert!(verify(&rows, &chains, Some(report.head)).is_whole());
    rows[2] = rows[2].clone().erased();
    let report = verify(&rows, &chains, None);
    assert!(report.is_whole() && report.erased == 1, "{report:?}");
    assert!(verify(&[], &Default::default(), None).is_whole());
}

#[test]
fn what_was_altered_is_named() {
    let (rows, chains) = log(&ACTIONS);
    for at in 0..rows.len() {
        let changes: [fn(&mut EventRow); 8] = [
            |row| row.at += 1,
            |row| row.action.push('x'),
            |row| row.actor_id = None,
            |row| row.subject_label = Some("Eve".to_owned()),
            |row| row.salt.push('x'),
            |row| row.erased = true,
            |row| row.seal = Some(FIRST.to_owned()),
            |row| row.count = Some(2),
        ];
        for (n, change) in changes.into_iter().enumerate() {
            let mut altered = rows.clone();
            change(&mut altered[at]);
            let report = verify(&altered, &chains, None);
            let position = i64::try_from(at).unwrap() + 1;
            let named = report.findings.iter().any(|finding| finding.position == position);
            assert!(named, "{at}, change {n}: {report:?}");
        }
    }
    let mut altered = rows.clone();
    altered[2].seal = Some(FIRST.to_owned());
    assert_eq!(faults(&verify(&altered, &chains, None)), [(3, Fault::Altered)], "its seal alone");
}

#[test]
fn what_was_removed_or_put_in_is_named() {
    let (rows, chains) = log(&ACTIONS);
    for at in 0..rows.len() {
        let mut fewer = rows.clone();
        fewer.remove(at);
        let position = i64::try_from(at).unwrap() + 1;
        let report = verify(&fewer, &chains, None);
        let named = report.findings.iter().any(|finding| match finding.fault {
            Fault::Removed(to) => (finding.position..=to).contains(&position),
            Fault::CutOff => true,
            _ => false,
        });
        assert!(named, "{at}: {report:?}");
    }
    let (mut more, mut later) = (rows.clone(), rows[2].clone());
    more.truncate(3);
    later.id = "put in".to_owned();
    let mut chains = chains;
    chains[0] = ChainState { position: 3, seal: rows[2].seal.clone().unwrap(), ..ChainState::default() };
    chains[1] = ChainState { position: 2, seal: rows[1].seal.clone().unwrap(), ..ChainState::default() };
    assert!(verify(&more, &chains, None).is_whole());
    more.insert(2, later);
    assert_eq!(faults(&verify(&more, &chains, None)), [(3, Fault::Inserted)]);
}

#[test]
fn what_was_removed_after_its_time_leaves_the_rest_whole() {
    let (rows, mut chains) = log(&ACTIONS);
    chains[1].removed_position = 4;
    chains[1].removed_seal = rows[3].seal.clone().unwrap();
    let kept: Vec<EventRow> =
        rows.iter().filter(|row| ![Some(2), Some(4)].contains(&row.position)).cloned().collect();
    assert!(verify(&kept, &chains, None).is_whole());
    assert_eq!(faults(&verify(&rows, &chains, None)), [(2, Fault::BackAgain), (4, Fault::BackAgain)]);
    // Where gaps are allowed, the chain shows that a row is missing.
    let fewer: Vec<EventRow> = kept.iter().filter(|row| row.position != Some(3)).cloned().collect();
    assert_eq!(faults(&verify(&fewer, &chains, None)), [(6, Fault::Altered)]);
}

#[test]
fn what_is_kept_of_removed_rows_cannot_be_altered_unseen() {
    let (rows, mut chains) = log(&ACTIONS);
    chains[1].removed_position = 4;
    chains[1].removed_seal = rows[3].seal.clone().unwrap();
    let kept: Vec<EventRow> =
        rows.iter().filter(|row| ![Some(2), Some(4)].contains(&row.position)).cloned().collect();
    assert!(verify(&kept, &chains, None).is_whole());
    for (chain, wrong) in [(0, [-1, 1, 2, 7, 8, i64::MIN]), (1, [-1, 0, 2, 3, 5, i64::MAX])] {
        for removed_position in wrong {
            let mut altered = chains.clone();
            altered[chain].removed_position = removed_position;
            assert!(!verify(&kept, &altered, None).is_whole(), "{chain}: {removed_position}");
        }
        let mut altered = chains.clone();
        altered[chain].removed_seal = rows[4].seal.clone().unwrap();
        assert!(!verify(&kept, &altered, None).is_whole(), "{chain}");
    }
    // All of them were removed: nothing follows that the seal could be compared with.
    let (rows, mut chains) = log(&ACTIONS[..2]);
    chains[1] = ChainState { removed_position: 2, removed_seal: chains[1].seal.clone(), ..chains[1].clone() };
    assert!(verify(&rows[..1], &chains, None).is_whole());
    chains[1].removed_seal.push('x');
    assert_eq!(faults(&verify(&rows[..1], &chains, None)), [(2, Fault::CutOff)]);
}

#[test]
fn a_log_that_was_sealed_anew_does_not_fit_a_head_that_was_kept() {
    let (rows, chains) = log(&ACTIONS);
    let head = verify(&rows[..5], &log(&ACTIONS[..5]).1, None).head;
    assert!(verify(&rows, &chains, Some(head.clone())).is_whole(), "it has grown since");
    let mut other = ACTIONS;
    other[0] = "user.deleted";
    let (forged, of_forged) = log(&other);
    assert!(verify(&forged, &of_forged, None).is_whole(), "by itself");
    assert_eq!(faults(&verify(&forged, &of_forged, Some(head.clone()))), [(5, Fault::AnotherHead)]);
    let (fewer, of_fewer) = log(&ACTIONS[..2]);
    let report = verify(&fewer, &of_fewer, Some(head.clone()));
    assert!(faults(&report).contains(&(5, Fault::BehindHead)), "{report:?}");
    let mut gone = chains;
    gone[1].removed_position = 6;
    let report = verify(&rows, &gone, Some(Head { position: 4, ..head }));
    assert!(report.head_is_too_old, "{report:?}");
}
