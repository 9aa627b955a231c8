//! Taking out what time has made meaningless.

use crate::context::Context;
use crate::ports::Host;

/// Seconds that what has ended stays for those who look back.
const KEPT: u64 = 7 * 86_400;

/// Deletes what has ended, for one caller in 64. Its failure is nobody's: the next one does it.
pub async fn sweep<H: Host>(context: &Context<'_, H>) {
    let [chance] = context.host.random::<1>();
    if chance % 64 != 0 {
        return;
    }
    let ended = context.seconds().saturating_sub(KEPT).into();
    let now = context.seconds().into();
    for (statement, before) in [
        ("DELETE FROM refresh_tokens WHERE expires_at < $1", &ended),
        ("DELETE FROM revoked_tokens WHERE expires_at < $1", &now),
        ("DELETE FROM attempts WHERE last_at < $1", &ended),
        ("DELETE FROM idempotency WHERE created_at < $1", &ended),
        (
            "DELETE FROM refresh_families WHERE created_at < $1 AND NOT EXISTS \
             (SELECT 1 FROM refresh_tokens WHERE refresh_tokens.family_id = refresh_families.id)",
            &ended,
        ),
    ] {
        let swept = context.host.execute(statement, std::slice::from_ref(before)).await;
        if let Err(error) = swept {
            context.event.borrow_mut().detail = Some(format!("sweep: {error}"));
        }
    }
}
