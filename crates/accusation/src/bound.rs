//! Bounds on the tail of a sum of independent two-valued terms: Chernoff's inequality, and what more the central limit theorem with
//! its error term allows.

/// One term of an innocent's score: `one` with probability `p`, else `zero`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    pub p: f64,
    pub one: f64,
    pub zero: f64,
}

/// The sum's cumulants at one tilt `lambda`.
struct Cumulants {
    /// The natural logarithm of the moment generating function.
    log: f64,
    /// Its first two derivatives: mean and variance of the sum under the tilted distribution.
    mean: f64,
    variance: f64,
    /// The terms' absolute third central moments there, added up.
    third: f64,
}

fn cumulants(terms: &[Term], lambda: f64) -> Cumulants {
    let (mut log, mut mean, mut variance, mut third) = (0.0, 0.0, 0.0, 0.0);
    for &Term { p, one, zero } in terms {
        let (up, down) = (lambda * one, lambda * zero);
        let top = up.max(down);
        let (up, down) = (p * (up - top).exp(), (1.0 - p) * (down - top).exp());
        let total = up + down;
        let share = up / total;
        let (apart, spread) = ((one - zero).abs(), share * (1.0 - share));
        log += top + total.ln();
        mean += share * one + (1.0 - share) * zero;
        variance += spread * apart * apart;
        third += spread * (share * share + (1.0 - share) * (1.0 - share)) * apart * apart * apart;
    }
    Cumulants {
        log,
        mean,
        variance,
        third,
    }
}

impl Cumulants {
    /// The natural logarithm of how much smaller the tail is than Chernoff's bound at this tilt; never above 0.
    ///
    /// The tail is exp(log - lambda score) times the tilted mean of exp(-lambda (S - score)) over S >= score. That mean is the integral
    /// of lambda exp(-lambda u) P(score <= S <= score + u) du. Were S normal it would be what Mills' ratio says; by Berry and Esseen each
    /// of the two distribution functions in P is at most their constant, times `third`, over the deviation's cube, from a normal one.
    fn refinement(&self, lambda: f64, score: f64) -> f64 {
        let deviation = self.variance.sqrt();
        let off = (score - self.mean) / deviation;
        let at = off + lambda * deviation;
        // Also false where nothing varies.
        if !(at > 0.0 && off.is_finite()) {
            return 0.0;
        }
        // Sampford's upper bound of Mills' ratio ("Some inequalities on Mill's ratio and related functions", 1953).
        let mills = 4.0 / (3.0 * at + (at * at + 8.0).sqrt());
        let normal = (-off * off / 2.0).exp() * mills / std::f64::consts::TAU.sqrt();
        (normal + 2.0 * BERRY_ESSEEN * self.third / deviation.powi(3))
            .ln()
            .min(0.0)
    }
}

/// The constant for terms that are not all alike (Shevtsova, "An improvement of convergence rate estimates in the Lyapunov theorem",
/// 2010).
const BERRY_ESSEEN: f64 = 0.56;

/// An upper bound on the logarithm to base 10 of the probability that the sum reaches `score`. Every `lambda` gives a bound
/// (Chernoff 1952, and refined), so that the search for the best one may stop anywhere.
pub(crate) fn tail(terms: &[Term], score: f64) -> f64 {
    let mut best = 0.0_f64;
    let (mut low, mut high, mut lambda) = (0.0_f64, f64::INFINITY, 0.0_f64);
    for _ in 0..STEPS {
        let tilted = cumulants(terms, lambda);
        let Cumulants {
            log, mean, variance, ..
        } = tilted;
        let exponent = log - lambda * score;
        if !exponent.is_finite() {
            break;
        }
        best = best.min(exponent + tilted.refinement(lambda, score));
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
    let Cumulants { mean, variance, .. } = cumulants(terms, 0.0);
    if variance <= 0.0 || score <= mean {
        return 0.0;
    }
    let lambda = (score - mean) / variance;
    let log = cumulants(terms, lambda).log;
    ((log - lambda * score) / std::f64::consts::LN_10).min(0.0)
}

/// Newton steps or halvings: far more than are needed.
const STEPS: usize = 60;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A score whose [`tail`] is `log10` to within a hundredth. `None` if no score is that unlikely.
    pub(crate) fn quantile(terms: &[Term], log10: f64) -> Option<f64> {
        let mut low = cumulants(terms, 0.0).mean;
        let mut high: f64 = terms.iter().map(|term| term.one.max(term.zero)).sum();
        if tail(terms, high) > log10 {
            return None;
        }
        for _ in 0..STEPS {
            let middle = f64::midpoint(low, high);
            let found = tail(terms, middle);
            if (found - log10).abs() < 0.01 {
                return Some(middle);
            }
            if found > log10 {
                low = middle;
            } else {
                high = middle;
            }
        }
        None
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
        fn the_bound_holds_for_many_terms(
            terms in prop::collection::vec((0.02..0.98_f64, -3..4_i8, -3..4_i8), 30..90),
            part in 0.2..1.0_f64,
        ) {
            let of = |&(p, one, zero): &(f64, i8, i8)| Term { p, one: one.into(), zero: zero.into() };
            let terms: Vec<Term> = terms.iter().map(of).collect();
            // The distribution itself: values are whole numbers.
            let (offset, mut chances) = (3 * terms.len(), vec![0.0; 6 * terms.len() + 1]);
            chances[offset] = 1.0;
            for term in &terms {
                let mut next = vec![0.0; chances.len()];
                for (at, chance) in chances.iter().enumerate().filter(|(_, chance)| **chance > 0.0) {
                    for (value, share) in [(term.one, term.p), (term.zero, 1.0 - term.p)] {
                        next[at.wrapping_add_signed(value as isize)] += chance * share;
                    }
                }
                chances = next;
            }
            let mean = cumulants(&terms, 0.0).mean;
            let most: f64 = terms.iter().map(|term| term.one.max(term.zero)).sum();
            let score = (mean + part * (most - mean)).round();
            let exact: f64 = chances[(score + offset as f64) as usize..].iter().sum();
            prop_assert!(exact <= 10_f64.powf(tail(&terms, score)) * (1.0 + 1e-9));
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
        // Five standard deviations: 2.9e-7, and the error term is about a tenth of what Chernoff's bound of 3.7e-6 gives away.
        let bound = tail(&terms, 500.0);
        assert!(bound > 2.87e-7_f64.log10() && bound < 4e-7_f64.log10(), "{bound}");
        assert!((quantile(&terms, bound).unwrap() - 500.0).abs() < 2.0);
    }
}
