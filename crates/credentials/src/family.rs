/// A family of refresh tokens as it is stored: one token can be used, and every other was.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Family {
    /// The selector of the token that can be used.
    pub current: String,
    /// The client's epoch when the family began. Once the client's is another, the family is dead.
    pub epoch: u64,
    /// Whether it was revoked by itself: a log-out.
    pub revoked: bool,
}

/// A refresh token that was presented, and proved to be one of the family's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What its row was found by.
    pub selector: &'a str,
    /// When it expires, in Unix seconds.
    pub expires_at: u64,
}

/// What follows from a token that was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It can be used: whoever makes its successor the family's current token, and finds this one there in the same step, has
    /// used it.
    Current,
    /// It was used before. The client's epoch is raised, if it still is the family's: every token of every family of the
    /// client dies, the successor that a thief or the owner holds included.
    Reused,
    /// It is too old to say anything.
    Expired,
    /// The family is dead.
    Dead,
}

/// Judges a token at `now` (Unix seconds) by its family and the epoch of its client.
///
/// Two requests can both find a token current. The step that follows decides between them: it is one conditional statement,
/// and who loses it judges again. A successor carries the family's epoch, not the client's, so that one which is made while
/// the epoch is raised is dead from the start.
pub fn judge(token: Token<'_>, family: &Family, client_epoch: u64, now: u64) -> Verdict {
    if now >= token.expires_at {
        Verdict::Expired
    } else if family.current != token.selector {
        Verdict::Reused
    } else if family.revoked || family.epoch != client_epoch {
        Verdict::Dead
    } else {
        Verdict::Current
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        let family = Family {
            current: "b".into(),
            epoch: 2,
            revoked: false,
        };
        let revoked = Family {
            revoked: true,
            ..family.clone()
        };
        let token = |selector| Token {
            selector,
            expires_at: 100,
        };
        assert_eq!(judge(token("b"), &family, 2, 99), Verdict::Current);
        assert_eq!(judge(token("b"), &family, 2, 100), Verdict::Expired);
        assert_eq!(judge(token("b"), &family, 3, 99), Verdict::Dead);
        assert_eq!(judge(token("b"), &revoked, 2, 99), Verdict::Dead);
        for (family, epoch) in [(&family, 2), (&family, 3), (&revoked, 2)] {
            assert_eq!(judge(token("a"), family, epoch, 99), Verdict::Reused);
            assert_eq!(judge(token("a"), family, epoch, 100), Verdict::Expired);
        }
    }
}
