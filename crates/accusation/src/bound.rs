//! Chernoff's inequality for a sum of independent two-valued terms.

/// One term of an innocent's score: `one` with probability `p`, else `zero`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    pub p: f64,
    pub one: f64,
    pub zero: f64,
}

/// The natural logarithm of the sum's moment generating function at `lambda`, and its first two derivatives: mean and variance of
/// the sum under the tilted distribution.
fn cumulants(terms: &[Term], lambda: f64) -> (f64, f64, f64) {
    let (mut log, mut mean, mut variance) = (0.0, 0.0, 0.0);
    for &Term { p, one, zero } in terms {
        let (up, down) = (lambda * one, lambda * zero);
        let top = up.max(down);
        let (up, down) = (p * (up - top).exp(), (1.0 - p) * (down - top).exp());
        let total = up + down;
        let share = up / total;
        log += top + total.ln();
        mean += share * one + (1.0 - share) * zero;
        variance += share * (1.0 - share) * (one - zero) * (one - zero);
    }
    (log, mean, variance)
}

/// An upper bound on the logarithm to base 10 of the probability that the sum reaches `score`. Every `lambda` gives a bound
/// (Chernoff 1952), so that the search for the best one may stop anywhere.
pub(crate) fn tail(terms: &[Term], score: f64) -> f64 {
    let mut best = 0.0_f64;
    let (mut low, mut high, mut lambda) = (0.0_f64, f64::INFINITY, 0.0_f64);
    for _ in 0..STEPS {
        let (log, mean, variance) = cumulants(terms, lambda);
        let exponent = log - lambda * score;
        if !exponent.is_finite() {
            break;
        }
        best = best.min(exponent);
        if mean < score {
            low = lambda;
        } else {
            high = lambda;
        }
        let newton = lambda + (score - mean) / variance;
        let next = if newton > low && newton < high {
            newton.min(low * 4.0 + 1.0)
        } else if high.is_finite() {
            f64::midpoint(low, high)
        } else {
            break;
        };
        if lambda > 0.0 && (next - lambda).abs() < 1e-6 * lambda {
            break;
        }
        lambda = next;
    }
    best / std::f64::consts::LN_10
}

/// About what [`tail`] will be: the bound where it would be best if the sum were normal.
pub(crate) fn promise(terms: &[Term], score: f64) -> f64 {
    let (_, mean, variance) = cumulants(terms, 0.0);
    if variance <= 0.0 || score <= mean {
        return 0.0;
    }
    let lambda = (score - mean) / variance;
    let (log, ..) = cumulants(terms, lambda);
    ((log - lambda * score) / std::f64::consts::LN_10).min(0.0)
}

/// Newton steps or halvings: far more than are needed.
const STEPS: usize = 60;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A score whose [`tail`] is `log10` to within a hundredth, on the side of the greater tail. `None` if no score is that unlikely.
    pub(crate) fn quantile(terms: &[Term], log10: f64) -> Option<f64> {
        let wanted = log10 * std::f64::consts::LN_10;
        let at = |lambda: f64| {
            let (log, mean, _) = cumulants(terms, lambda);
            (log - lambda * mean, mean)
        };
        let (_, _, variance) = cumulants(terms, 0.0);
        if variance <= 0.0 {
            return None;
        }
        // The exponent falls as lambda grows; for a normal sum this is where it gets there.
        let mut high = (-2.0 * wanted / variance).sqrt();
        let mut low = 0.0;
        let mut doublings = 0;
        while at(high).0 > wanted {
            low = high;
            high *= 2.0;
            doublings += 1;
            if doublings == 24 {
                return None;
            }
        }
        for _ in 0..STEPS {
            let middle = f64::midpoint(low, high);
            let (exponent, _) = at(middle);
            if exponent > wanted {
                low = middle;
                if exponent - wanted < 0.01 {
                    break;
                }
            } else {
                high = middle;
            }
        }
        Some(at(low).1)
    }

    /// P(sum >= score) by counting all outcomes.
    fn exact(terms: &[Term], score: f64) -> f64 {
        (0..1_u32 << terms.len())
            .map(|outcome| {
                let (mut sum, mut probability) = (0.0, 1.0);
                for (place, term) in terms.iter().enumerate() {
                    let one = outcome >> place & 1 == 1;
                    sum += if one { term.one } else { term.zero };
                    probability *= if one { term.p } else { 1.0 - term.p };
                }
                if sum >= score - 1e-9 { probability } else { 0.0 }
            })
            .sum()
    }

    fn any_terms() -> impl Strategy<Value = Vec<Term>> {
        let term = (0.02..0.98_f64, -3.0..3.0_f64, -3.0..3.0_f64).prop_map(|(p, one, zero)| Term { p, one, zero });
        prop::collection::vec(term, 1..10)
    }

    proptest! {
        #[test]
        fn the_bound_holds(terms in any_terms(), score in -20.0..20.0_f64) {
            prop_assert!(exact(&terms, score) <= 10_f64.powf(tail(&terms, score)) * (1.0 + 1e-9));
        }

        #[test]
        fn a_quantile_lies_where_the_tail_says(terms in any_terms(), log10 in -4.0..-0.1_f64) {
            if let Some(score) = quantile(&terms, log10) {
                prop_assert!(tail(&terms, score) >= log10 - 1e-6, "{} {}", tail(&terms, score), log10);
                prop_assert!(tail(&terms, score) <= log10 + 0.02 || terms.len() < 3);
            }
        }
    }

    #[test]
    fn a_normal_sum_has_a_normal_tail() {
        let terms = vec![
            Term {
                p: 0.5,
                one: 1.0,
                zero: -1.0
            };
            10_000
        ];
        // Five standard deviations: exp(-12.5), and the sum of signs is a little lighter than normal.
        let bound = tail(&terms, 500.0);
        assert!((bound + 12.5 / std::f64::consts::LN_10).abs() < 0.01, "{bound}");
        assert!((quantile(&terms, bound).unwrap() - 500.0).abs() < 1.0);
    }
}
