/// Solves the symmetric positive definite system `a` x = `b` by Cholesky's method; `a` has a row for each unknown, of which the
/// lower triangle is read. `None` if it is not positive definite, as when there is too little to see.
#[must_use]
pub fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Option<Vec<f64>> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| a[i][k] * a[j][k]).sum();
            let rest = a[i][j] - dot;
            a[i][j] = if i == j {
                if rest <= a[i][i].abs() * 1e-13 || !rest.is_finite() {
                    return None;
                }
                rest.sqrt()
            } else {
                rest / a[j][j]
            };
        }
    }
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| a[i][k] * b[k]).sum();
        b[i] = (b[i] - dot) / a[i][i];
    }
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| a[k][i] * b[k]).sum();
        b[i] = (b[i] - dot) / a[i][i];
    }
    Some(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_system() {
        let a = vec![vec![4.0, 0.0, 0.0], vec![2.0, 5.0, 0.0], vec![0.0, 1.0, 3.0]];
        let x = solve(a, vec![8.0, 15.0, 11.0]).unwrap();
        for (x, expected) in x.iter().zip([1.0, 2.0, 3.0]) {
            assert!((x - expected).abs() < 1e-12, "{x}");
        }
        assert_eq!(solve(vec![vec![1.0, 0.0], vec![1.0, 1.0]], vec![1.0, 1.0]), None);
    }
}
