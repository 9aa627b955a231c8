use super::*;
use crate::fake::Fake;
use futures::executor::block_on;
use identity::{ClientRecord, ClientStatus};

fn made(fake: &Fake) -> String {
    block_on(create(fake, "Shop", Tier::Free, 1)).unwrap().0
}

fn record(fake: &Fake, id: &str) -> ClientRecord {
    let bytes = fake.world.records.borrow()[&ClientRecord::name_of(id)].clone();
    ClientRecord::from_bytes(id, &bytes).unwrap()
}

#[test]
fn what_the_edge_reads_follows_the_row() {
    let fake = Fake::new();
    let id = made(&fake);
    let fresh = record(&fake, &id);
    assert_eq!(
        (fresh.status, fresh.epoch, fresh.tier.as_str()),
        (ClientStatus::Active, 1, "free")
    );
    assert_eq!((fresh.limits.per_minute, fresh.limits.per_day), (Some(30), Some(500)));
    block_on(rotate(&fake, &id, 2)).unwrap();
    assert_eq!(record(&fake, &id).epoch, 2);
    block_on(disable(&fake, &id, "abuse", 3)).unwrap();
    assert_eq!(
        (record(&fake, &id).status, record(&fake, &id).epoch),
        (ClientStatus::Disabled, 3)
    );
    block_on(enable(&fake, &id)).unwrap();
    assert_eq!(record(&fake, &id).status, ClientStatus::Active);
    block_on(revoke(&fake, &id, 4)).unwrap();
    block_on(revoke(&fake, &id, 5)).unwrap();
    assert_eq!(
        (record(&fake, &id).status, record(&fake, &id).epoch),
        (ClientStatus::Revoked, 4)
    );
}

#[test]
fn what_could_not_be_published_is_published_by_asking_again() {
    let fake = Fake::new();
    let id = made(&fake);
    fake.world.store_down.set(true);
    assert!(block_on(revoke(&fake, &id, 2)).is_err());
    fake.world.store_down.set(false);
    assert_eq!(record(&fake, &id).status, ClientStatus::Active);
    block_on(revoke(&fake, &id, 3)).unwrap();
    assert_eq!(record(&fake, &id).status, ClientStatus::Revoked);
}

#[test]
fn nobody_can_be_changed_who_does_not_exist() {
    let fake = Fake::new();
    assert_eq!(
        block_on(rotate(&fake, "client_x", 1)).unwrap_err().code,
        problem::Code::NotFound
    );
    assert_eq!(
        block_on(revoke(&fake, "client_x", 1)).unwrap_err().code,
        problem::Code::NotFound
    );
    assert_eq!(
        block_on(disable(&fake, "client_x", "", 1)).unwrap_err().code,
        problem::Code::NotFound
    );
    assert_eq!(
        block_on(enable(&fake, "client_x")).unwrap_err().code,
        problem::Code::NotFound
    );
    assert!(fake.sql("SELECT id FROM api_keys", &[]).is_empty());
}

#[test]
fn a_row_that_cannot_be_read_is_an_error_and_no_client_with_fewer_rules() {
    let fake = Fake::new();
    let id = made(&fake);
    for broken in [
        "allowlist = '[\"x\"]'",
        "scope = 'all'",
        "tier = 'gold'",
        "ip_prefix_v4 = 999",
        "only_presets = 2",
    ] {
        fake.sql(&format!("UPDATE clients SET {broken}"), &[]);
        assert!(block_on(find(&fake, &id)).is_err(), "{broken}");
        fake.sql("UPDATE clients SET allowlist = '[]', scope = '\"full\"', tier = 'free', ip_prefix_v4 = 32, only_presets = 0", &[]);
        assert!(block_on(find(&fake, &id)).is_ok());
    }
}
