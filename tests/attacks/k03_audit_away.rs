//! K3: without its log the deployment answers nothing that must be accounted for, goes on serving pictures, and says later how
//! many events it lost.

use crate::a04_naming_another_client::operate;
use crate::target::Target;
use anyhow::{Result, ensure};
use rusqlite::Connection;
use std::time::{Duration, Instant};

pub fn attack(target: &Target) -> Result<()> {
    let database = Connection::open(target.deckle.data.path().join("sqlite.db"))?;
    database.busy_timeout(Duration::from_secs(10))?;
    operate(target, "GET", "/admin/clients", None)?;
    let count = || -> Result<i64> {
        let all = "SELECT COUNT(*) FROM audit WHERE writer = 'edge' AND status = 200";
        Ok(database.query_row(all, [], |row| row.get(0))?)
    };
    let before = count()?;
    database.execute("ALTER TABLE audit RENAME TO away", [])?;
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    let refused = operate(target, "GET", "/admin/clients", None);
    let served: Result<()> = (0..5).try_for_each(|_| target.serves(&good).map(drop));
    database.execute("ALTER TABLE away RENAME TO audit", [])?;
    let (status, problem) = refused?;
    ensure!(
        (status, &problem["error"]) == (503, &"unavailable".into()),
        "{status} {problem}"
    );
    served?;
    ensure!(
        operate(target, "GET", "/admin/clients", None)?.0 == 200,
        "it does not recover"
    );
    // What the instances still hold goes out with their next request.
    let began = Instant::now();
    while count()? <= before && began.elapsed() < Duration::from_secs(20) {
        target.serves(&good)?;
        std::thread::sleep(Duration::from_millis(200));
    }
    ensure!(count()? > before, "nothing is written any more");
    let verified = operate(target, "GET", "/admin/audit/verify?chain=requests", None)?.1;
    ensure!(verified["valid"] == true, "{verified}");
    Ok(())
}
