//! What a coalition does where its members' symbols differ, as far as the leak tells.

/// For each number of members with symbol 1, none to all of them, the probability that the leak shows 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Strategy(Vec<f64>);

/// Steps of the estimation: after so many the last decimals change.
const STEPS: usize = 40;
/// How often a symbol is damaged beyond what its soft value admits, and anybody's could stand there.
const DAMAGE: f64 = 0.02;
/// Thresholds of biases that there are, in 256ths.
const THRESHOLDS: usize = 256;

impl Strategy {
    /// Each symbol from one of `members` by lot. Of all attacks it is the worst for the tracer, and a decoder made for it suffers
    /// little from the others (Laarhoven and de Weger 2013; Oosterwijk, Škorić and Doumen 2015).
    pub fn interleaving(members: u8) -> Self {
        let members = members.max(1);
        let share = |ones: u8| f64::from(ones) / f64::from(members);
        Self((0..=members).map(share).collect())
    }

    /// The strategy of `members` under which the leak is most probable, given only how often each symbol was handed out: some
    /// prefer the rare symbol, and that shows (expectation maximisation, as Furon and Pérez-Freire, "EM decoding of Tardos traitor
    /// tracing codes", 2009). No codeword is looked at. `chips` has threshold and soft value of each chip.
    pub fn estimated(members: u8, chips: &[(u8, f64)]) -> Self {
        let lots = Self::interleaving(members);
        let mut strategy = lots.clone();
        let counts = counts(members.max(1));
        for _ in 0..STEPS {
            // As if lots had been drawn at one more chip, where the leak says nothing.
            let mut shown: Vec<(f64, f64)> = lots.0.iter().map(|&one| (one, 1.0)).collect();
            for &(threshold, value) in chips.iter().filter(|(_, value)| *value != 0.0) {
                let (ratio, among) = ((2.0 * value).exp(), &counts[usize::from(threshold)]);
                let chance: f64 = strategy.0.iter().zip(among).map(|(one, count)| one * count).sum();
                let total = chance * ratio + 1.0 - chance;
                for ((sums, one), count) in shown.iter_mut().zip(&strategy.0).zip(among) {
                    sums.0 += count * one * ratio / total;
                    sums.1 += count * (one * ratio + 1.0 - one) / total;
                }
            }
            strategy = Self(shown.iter().map(|(ones, all)| ones / all).collect());
            // Nobody makes a symbol that no member has (Boneh and Shaw's marking assumption), but for damage.
            if let [none, .., all] = strategy.0.as_mut_slice() {
                (*none, *all) = (none.min(DAMAGE), all.max(1.0 - DAMAGE));
            }
        }
        strategy
    }

    /// The probabilities of 1 at a chip of bias `p` if one member's symbol is 0, and if it is 1; of `known` other members, `ones` have 1.
    /// There must be so many.
    pub fn chances(&self, p: f64, known: usize, ones: usize) -> [f64; 2] {
        let others = self.0.len().saturating_sub(2 + known);
        let mut chances = [0.0; 2];
        for (more, probability) in binomial(others, p).into_iter().enumerate() {
            for (own, chance) in chances.iter_mut().enumerate() {
                *chance += probability * self.0.get(ones + more + own).copied().unwrap_or(p);
            }
        }
        chances.map(|chance| (1.0 - DAMAGE) * chance + DAMAGE * p)
    }
}

/// For each threshold how probable each number of ones among the members is.
fn counts(members: u8) -> Vec<Vec<f64>> {
    (0..THRESHOLDS)
        .map(|threshold| binomial(usize::from(members), threshold as f64 / THRESHOLDS as f64))
        .collect()
}

/// The probabilities of 0 to `draws` ones in as many draws.
fn binomial(draws: usize, p: f64) -> Vec<f64> {
    let mut probabilities = vec![0.0; draws + 1];
    probabilities[0] = 1.0;
    for _ in 0..draws {
        for ones in (0..=draws).rev() {
            let fewer = ones.checked_sub(1).map_or(0.0, |fewer| probabilities[fewer]);
            probabilities[ones] = probabilities[ones] * (1.0 - p) + fewer * p;
        }
    }
    probabilities
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_lot_each_member_has_a_share() {
        let close = |[zero, one]: [f64; 2], expected: [f64; 2]| {
            (zero - expected[0]).abs() < 1e-12 && (one - expected[1]).abs() < 1e-12
        };
        let own = (1.0 - DAMAGE) / 4.0;
        assert!(close(
            Strategy::interleaving(4).chances(0.3, 0, 0),
            [(1.0 - own) * 0.3, own + (1.0 - own) * 0.3]
        ));
        assert!(close(
            Strategy::interleaving(1).chances(0.3, 0, 0),
            [DAMAGE * 0.3, 1.0 - DAMAGE * 0.7]
        ));
    }

    #[test]
    fn what_is_known_of_others_counts() {
        let draw = Strategy::interleaving(3);
        let kept = 1.0 - DAMAGE;
        // Of three, two have 1 and the third has 0 or 1.
        let expected = [2.0 / 3.0, 1.0].map(|chance| kept * chance + DAMAGE * 0.3);
        let found = draw.chances(0.3, 2, 2);
        assert!(
            found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12),
            "{found:?}"
        );
        // What is known, weighed by how likely it is, is what is not known.
        let mixed = |own: usize| 0.7 * draw.chances(0.3, 1, 0)[own] + 0.3 * draw.chances(0.3, 1, 1)[own];
        let plain = draw.chances(0.3, 0, 0);
        assert!((mixed(0) - plain[0]).abs() < 1e-12 && (mixed(1) - plain[1]).abs() < 1e-12);
    }

    #[test]
    fn a_preference_for_the_rare_symbol_is_found() {
        // How often 1 is seen for each bias, if three members leave what the fewest of them have; certain values.
        let minority = Strategy(vec![0.0, 1.0, 0.0, 1.0]);
        let mut chips = Vec::new();
        for threshold in 5..=251_u8 {
            let p = f64::from(threshold) / 256.0;
            let [zero, one] = minority.chances(p, 0, 0);
            let seen = 100.0 * ((1.0 - p) * zero + p * one);
            chips.extend((0..100).map(|at| (threshold, if f64::from(at) < seen { 3.0 } else { -3.0 })));
        }
        let Strategy(found) = Strategy::estimated(3, &chips);
        assert!(found[1] > 0.85 && found[2] < 0.15, "{found:?}");
    }

    #[test]
    fn what_says_nothing_leaves_the_lot() {
        let Strategy(found) = Strategy::estimated(3, &[(100, 0.0); 50]);
        let lot = [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0];
        assert!(
            found.iter().zip(lot).all(|(found, lot)| (found - lot).abs() < 0.1),
            "{found:?}"
        );
        assert_eq!(Strategy::estimated(3, &[]).0.len(), 4);
    }
}
