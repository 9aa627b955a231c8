//! The histogram of a window that slides over one channel, in a time that does not depend on the window's size (Perreault and
//! Hébert, "Median filtering in constant time", 2007).

/// What lies beyond a picture's edges.
#[derive(Debug, Clone, Copy)]
pub(super) enum Edge {
    /// The nearest sample.
    Copy,
    /// The mirror image.
    Mirror,
}

/// Counts of levels, and of groups of sixteen of them.
pub(super) struct Histogram {
    pub levels: [u32; 256],
    pub groups: [u32; 16],
}

/// A channel of a picture and the window that slides over it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window<'a> {
    pub samples: &'a [u8],
    pub width: usize,
    pub height: usize,
    /// The window's columns and rows; the pixel lies at half of each, rounded down.
    pub size: (usize, usize),
    pub edge: Edge,
}

impl Window<'_> {
    /// Calls `each` for every pixel, row by row, with the histogram of the window around it.
    pub fn slide(self, mut each: impl FnMut(u8, &Histogram) -> u8) -> Vec<u8> {
        let (columns, rows) = (self.across(), self.down());
        let mut counts = vec![([0u16; 256], [0u16; 16]); self.width];
        for row in rows.iter().take(self.size.1) {
            self.count(&mut counts, *row, 1);
        }
        let mut out = Vec::with_capacity(self.samples.len());
        for (y, line) in self.samples.chunks_exact(self.width.max(1)).enumerate() {
            let mut histogram = Histogram {
                levels: [0; 256],
                groups: [0; 16],
            };
            for column in columns.iter().take(self.size.0) {
                histogram.add(&counts[*column]);
            }
            for (x, sample) in line.iter().enumerate() {
                out.push(each(*sample, &histogram));
                if let (Some(left), Some(right)) = (columns.get(x), columns.get(x + self.size.0)) {
                    histogram.subtract(&counts[*left]);
                    histogram.add(&counts[*right]);
                }
            }
            if let (Some(above), Some(below)) = (rows.get(y), rows.get(y + self.size.1)) {
                self.count(&mut counts, *above, u16::MAX);
                self.count(&mut counts, *below, 1);
            }
        }
        out
    }

    /// Adds a row to the columns' counts, `change` being 1, or -1 in wrapping arithmetic. No window has 2^16 rows.
    fn count(&self, counts: &mut [([u16; 256], [u16; 16])], row: usize, change: u16) {
        let line = self.samples.get(row * self.width..).unwrap_or_default();
        for ((levels, groups), sample) in counts.iter_mut().zip(line) {
            let level = usize::from(*sample);
            levels[level] = levels[level].wrapping_add(change);
            groups[level / 16] = groups[level / 16].wrapping_add(change);
        }
    }

    /// The columns under the first window and then those that come in.
    fn across(&self) -> Vec<usize> {
        places(self.width, self.size.0, self.edge)
    }

    fn down(&self) -> Vec<usize> {
        places(self.height, self.size.1, self.edge)
    }
}

impl Histogram {
    fn add(&mut self, (levels, groups): &([u16; 256], [u16; 16])) {
        self.levels
            .iter_mut()
            .zip(levels)
            .for_each(|(sum, count)| *sum += u32::from(*count));
        self.groups
            .iter_mut()
            .zip(groups)
            .for_each(|(sum, count)| *sum += u32::from(*count));
    }

    fn subtract(&mut self, (levels, groups): &([u16; 256], [u16; 16])) {
        self.levels
            .iter_mut()
            .zip(levels)
            .for_each(|(sum, count)| *sum -= u32::from(*count));
        self.groups
            .iter_mut()
            .zip(groups)
            .for_each(|(sum, count)| *sum -= u32::from(*count));
    }
}

/// Where the samples of `side` pixels and of the window around them are found.
fn places(side: usize, window: usize, edge: Edge) -> Vec<usize> {
    let last = side.saturating_sub(1);
    let before = window / 2;
    (0..side + window)
        .map(|at| match (at.checked_sub(before), edge) {
            (Some(inside), _) if inside <= last => inside,
            (Some(after), Edge::Mirror) => (2 * last + 1).saturating_sub(after),
            (None, Edge::Mirror) => (before - at - 1).min(last),
            (Some(_), Edge::Copy) => last,
            (None, Edge::Copy) => 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_edges() {
        assert_eq!(places(3, 3, Edge::Copy), [0, 0, 1, 2, 2, 2]);
        assert_eq!(places(3, 4, Edge::Mirror), [1, 0, 0, 1, 2, 2, 1]);
        assert_eq!(places(1, 1, Edge::Mirror), [0, 0]);
    }

    #[test]
    fn each_window_is_counted() {
        let (width, height, size) = (7usize, 5usize, (4usize, 3usize));
        let samples: Vec<u8> = (0..35u8).map(|n| n.wrapping_mul(37)).collect();
        let window = Window {
            samples: &samples,
            width,
            height,
            size,
            edge: Edge::Copy,
        };
        let mut at = 0;
        window.slide(|_, histogram| {
            let (x, y) = (at % width, at / width);
            let mut expected = [0u32; 256];
            for row in y..y + 3 {
                for column in x..x + 4 {
                    let place = row.saturating_sub(1).min(4) * 7 + column.saturating_sub(2).min(6);
                    expected[usize::from(samples[place])] += 1;
                }
            }
            assert_eq!(histogram.levels, expected, "{x} {y}");
            assert_eq!(histogram.groups.iter().sum::<u32>(), 12);
            at += 1;
            0
        });
        assert_eq!(at, 35);
    }
}
