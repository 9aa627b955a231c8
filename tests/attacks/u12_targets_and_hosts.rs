//! U12: hosts in the target, other hosts in the header, two of them, none, and a user.

use crate::target::{Target, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::raw;

pub fn attack(target: &Target) -> Result<()> {
    let server = target.url("");
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    let line = format!("GET {good} HTTP/1.1");
    let expected = target.serves(&good)?;
    // RFC 9112 section 3.2.2 has a server accept an absolute target. Its host picks nothing: the bytes are the same.
    let absolute = format!("GET http://evil.example{good} HTTP/1.1");
    for lines in [
        vec![absolute.as_str(), "Host: evil.example"],
        vec![absolute.as_str(), "Host: other.example"],
        vec![line.as_str(), "Host: evil.example"],
        vec![line.as_str(), "Host: 169.254.169.254:80"],
    ] {
        let reply = raw(&server, &lines)?;
        ensure!(
            reply.status == 200 && reply.body == expected.body,
            "{lines:?}: {}",
            reply.status
        );
    }
    let with_user = format!("GET http://user@evil.example{good} HTTP/1.1");
    let internal = format!("GET http://edge.spin.internal{good} HTTP/1.1");
    for lines in [
        vec![line.as_str(), "Host: a", "Host: b"],
        vec![line.as_str(), "Host: a", "Host: a"],
        vec![line.as_str()],
        vec![line.as_str(), "Host: "],
        vec![line.as_str(), "Host: user@a"],
        vec![line.as_str(), "Host: a b"],
        vec![line.as_str(), "Host: a/../b"],
        vec![line.as_str(), "Host: edge.spin.internal"],
        vec![with_user.as_str(), "Host: evil.example"],
        vec![internal.as_str(), "Host: a"],
        vec!["GET * HTTP/1.1", "Host: a"],
        vec!["CONNECT evil.example:443 HTTP/1.1", "Host: evil.example:443"],
    ] {
        let reply = raw(&server, &lines)?;
        refused(&reply, 400, "Bad request").with_context(|| format!("{lines:?}"))?;
    }
    Ok(())
}
