//! x
use rosterd_testkit::*;
#[test] fn process() {
    for kind in [DbKind::OwnSqlite, DbKind::WebUiPostgres] {
    let db = TestDb::fresh(kind);
    let t = std::time::Instant::now();
    let mut p = ProcessBuilder::new("/tmp/ws/target/debug/rosterd").database(&db).start();
    println!("{p:?} {:?}", t.elapsed());
    run::block_on(async { println!("{}", p.anonymous().get("/health/db").await);
      if kind.is_attached() { p.recorded("ada").get("/api/v1/users/").await.assert_status(200); } });
    println!("{:?} {}", p.terminate(), p.log());
    }
    let r = std::panic::catch_unwind(|| ProcessBuilder::new("/tmp/ws/target/debug/rosterd").env("WEBUI_SECRET_KEY", "short").start());
    println!("{}", r.err().unwrap().downcast_ref::<String>().unwrap());
}
