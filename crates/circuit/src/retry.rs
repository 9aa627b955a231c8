/// Requests that pay for one retry: together with its retries an origin sees at most a tenth more than was asked for.
const PRICE: u32 = 10;

/// Retries that can be saved up. An origin that fails after a long good time must not meet a burst of them.
const MOST: u32 = 3;

/// What second attempts may cost (Google, Site Reliability Engineering, chapter 21, "retry budget"): each request pays a tenth
/// of one in. It starts empty, so that the bound holds from the first request on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RetryBudget {
    paid: u32,
}

impl RetryBudget {
    /// Counts a request.
    pub fn pay(&mut self) {
        self.paid = self.paid.saturating_add(1).min(PRICE * MOST);
    }

    /// Takes one retry out, if there is one.
    pub fn take(&mut self) -> bool {
        match self.paid.checked_sub(PRICE) {
            Some(rest) => {
                self.paid = rest;
                true
            }
            None => false,
        }
    }

    /// How long to wait before the retry, in milliseconds: 50 to 150, as `jitter` has it, so that requests which failed
    /// together do not come again together.
    pub fn pause(jitter: u16) -> u64 {
        50 + ((u64::from(jitter) * 101) >> 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_requests_pay_for_one_retry() {
        let mut budget = RetryBudget::default();
        assert!(!budget.take(), "before anything was paid");
        (0..PRICE - 1).for_each(|_| budget.pay());
        assert!(!budget.take());
        budget.pay();
        assert!(budget.take() && !budget.take());
    }

    #[test]
    fn a_long_good_time_saves_up_three() {
        let mut budget = RetryBudget::default();
        (0..10_000).for_each(|_| budget.pay());
        assert_eq!((0..10).filter(|_| budget.take()).count(), 3);
    }

    #[test]
    fn pauses_are_spread() {
        assert_eq!((RetryBudget::pause(0), RetryBudget::pause(u16::MAX)), (50, 150));
    }
}
