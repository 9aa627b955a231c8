//! A plain writer of sequential and progressive scans, for files that no crate at hand writes: successive approximation,
//! scans of any components, restart markers anywhere. Its Huffman tables give every symbol a code of one length.
#![allow(dead_code, reason = "not every test needs every function")]

use jpeg::Coefficients;

/// One scan of a file.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Indexes of the components.
    pub components: Vec<usize>,
    pub first: usize,
    pub last: usize,
    pub high_bits: u8,
    pub low_bits: u8,
    pub restart_interval: u16,
}

/// The scan of everything.
pub fn whole(components: &[usize], restart_interval: u16) -> Scan {
    Scan {
        components: components.to_vec(),
        first: 0,
        last: 63,
        high_bits: 0,
        low_bits: 0,
        restart_interval,
    }
}

/// A scan of a band with successive approximation from `high_bits` to `low_bits`.
pub fn band(components: &[usize], places: [usize; 2], high_bits: u8, low_bits: u8, restart_interval: u16) -> Scan {
    Scan {
        components: components.to_vec(),
        first: places[0],
        last: places[1],
        high_bits,
        low_bits,
        restart_interval,
    }
}

/// Writes a file of these scans; `sof` is the code of the frame's marker.
pub fn write(c: &Coefficients, sof: u8, scans: &[Scan]) -> Vec<u8> {
    let mut file = vec![0xFF, 0xD8];
    for (n, component) in c.components.iter().enumerate() {
        let steps = component.quant.iter().flat_map(|step| step.to_be_bytes());
        segment(&mut file, 0xDB, &[vec![0x10 | n as u8], steps.collect()].concat());
    }
    let [h0, h1] = c.height.to_be_bytes();
    let [w0, w1] = c.width.to_be_bytes();
    let mut frame = vec![8, h0, h1, w0, w1, c.components.len() as u8];
    for (n, component) in c.components.iter().enumerate() {
        frame.extend([component.id, component.h << 4 | component.v, n as u8]);
    }
    segment(&mut file, sof, &frame);
    let counts = |length: usize, count: u8| (1..=16).map(|n| if n == length { count } else { 0 }).collect();
    segment(
        &mut file,
        0xC4,
        &[vec![0x00], counts(5, 16), (0..16).collect()].concat(),
    );
    segment(
        &mut file,
        0xC4,
        &[vec![0x10], counts(8, 255), (0..255).collect()].concat(),
    );
    for scan in scans {
        segment(&mut file, 0xDD, &scan.restart_interval.to_be_bytes());
        let mut header = vec![scan.components.len() as u8];
        header.extend(scan.components.iter().flat_map(|&n| [c.components[n].id, 0]));
        header.extend([scan.first as u8, scan.last as u8, scan.high_bits << 4 | scan.low_bits]);
        segment(&mut file, 0xDA, &header);
        let mut coder = Coder {
            scan,
            bits: Bits {
                out: file,
                pending: 0,
                count: 0,
            },
            run: 0,
            corrections: vec![],
        };
        coder.code(c, sof == 0xC2);
        file = coder.bits.out;
    }
    file.extend([0xFF, 0xD9]);
    file
}

fn segment(file: &mut Vec<u8>, marker: u8, parameters: &[u8]) {
    file.extend([0xFF, marker]);
    file.extend((parameters.len() as u16 + 2).to_be_bytes());
    file.extend(parameters);
}

struct Bits {
    out: Vec<u8>,
    pending: u8,
    count: u8,
}

impl Bits {
    fn put(&mut self, bits: u32, length: u32) {
        for n in (0..length).rev() {
            self.pending = self.pending << 1 | (bits >> n & 1) as u8;
            self.count += 1;
            if self.count == 8 {
                self.out.push(self.pending);
                if self.pending == 0xFF {
                    self.out.push(0);
                }
                self.count = 0;
            }
        }
    }

    fn align(&mut self) {
        while self.count > 0 {
            self.put(1, 1);
        }
    }
}

struct Coder<'a> {
    scan: &'a Scan,
    bits: Bits,
    /// Blocks of the end-of-band run not written yet, and the correction bits that follow it.
    run: u32,
    corrections: Vec<u32>,
}

impl Coder<'_> {
    fn code(&mut self, c: &Coefficients, progressive: bool) {
        let mut previous = [0i32; 4];
        for (n, mcu) in mcus(c, &self.scan.components).into_iter().enumerate() {
            let interval = usize::from(self.scan.restart_interval);
            if interval > 0 && n > 0 && n % interval == 0 {
                self.end_run();
                self.bits.align();
                self.bits.out.extend([0xFF, 0xD0 + ((n / interval - 1) % 8) as u8]);
                previous = [0; 4];
            }
            for (component, block) in mcu {
                let (first, last) = (self.scan.first, self.scan.last);
                match (progressive, first, self.scan.high_bits) {
                    (false, ..) => {
                        self.dc(block[0], &mut previous[component]);
                        self.ac(block, 1, last, false);
                    }
                    (true, 0, 0) => self.dc(block[0], &mut previous[component]),
                    (true, 0, _) => self.bits.put(u32::from(block[0] as u16) >> self.scan.low_bits & 1, 1),
                    (true, _, 0) => self.ac(block, first, last, true),
                    (true, _, _) => self.refine(block),
                }
            }
        }
        self.end_run();
        self.bits.align();
    }

    fn dc(&mut self, dc: i16, previous: &mut i32) {
        let value = i32::from(dc) >> self.scan.low_bits;
        let difference = value - *previous;
        *previous = value;
        self.bits.put(size(difference), 5);
        self.value(difference);
    }

    fn ac(&mut self, block: &[i16; 64], first: usize, last: usize, runs: bool) {
        let mut zeros = 0;
        for &coefficient in &block[first..=last] {
            let magnitude = i32::from(coefficient).abs() >> self.scan.low_bits;
            if magnitude == 0 {
                zeros += 1;
                continue;
            }
            self.end_run();
            while zeros > 15 {
                self.bits.put(0xF0, 8);
                zeros -= 16;
            }
            self.bits.put(zeros << 4 | size(magnitude), 8);
            self.value(magnitude * i32::from(coefficient.signum()));
            zeros = 0;
        }
        match (zeros > 0, runs) {
            (true, true) => self.lengthen_run(),
            (true, false) => self.bits.put(0, 8),
            (false, _) => {}
        }
    }

    fn refine(&mut self, block: &[i16; 64]) {
        let magnitude = |k: usize| i32::from(block[k]).abs() >> self.scan.low_bits;
        let (first, last) = (self.scan.first, self.scan.last);
        let last_new = (first..=last).rev().find(|&k| magnitude(k) == 1);
        let (mut zeros, mut corrections) = (0, vec![]);
        for (k, &coefficient) in block.iter().enumerate().take(last + 1).skip(first) {
            if magnitude(k) == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 && Some(k) <= last_new {
                self.end_run();
                self.bits.put(0xF0, 8);
                corrections.drain(..).for_each(|bit| self.bits.put(bit, 1));
                zeros -= 16;
            }
            if magnitude(k) > 1 {
                corrections.push(magnitude(k) as u32 & 1);
                continue;
            }
            self.end_run();
            self.bits.put(zeros << 4 | 1, 8);
            self.bits.put(u32::from(coefficient > 0), 1);
            corrections.drain(..).for_each(|bit| self.bits.put(bit, 1));
            zeros = 0;
        }
        if zeros > 0 || !corrections.is_empty() {
            self.corrections.append(&mut corrections);
            self.lengthen_run();
        }
    }

    fn lengthen_run(&mut self) {
        self.run += 1;
        if self.run == 0x7FFF {
            self.end_run();
        }
    }

    fn end_run(&mut self) {
        if self.run > 0 {
            let class = self.run.ilog2();
            self.bits.put(class << 4, 8);
            self.bits.put(self.run & ((1 << class) - 1), class);
            self.run = 0;
        }
        self.corrections.drain(..).for_each(|bit| self.bits.put(bit, 1));
    }

    fn value(&mut self, value: i32) {
        let bits = if value < 0 { value - 1 } else { value };
        self.bits.put(bits as u32 & ((1 << size(value)) - 1), size(value));
    }
}

fn size(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

/// Blocks across and down that hold samples of the picture.
pub fn occupied(c: &Coefficients, n: usize) -> (usize, usize) {
    let h_max = c.components.iter().map(|component| component.h).max().unwrap();
    let v_max = c.components.iter().map(|component| component.v).max().unwrap();
    let blocks = |side: u16, factor: u8, max: u8| {
        (usize::from(side) * usize::from(factor))
            .div_ceil(usize::from(max))
            .div_ceil(8)
    };
    (
        blocks(c.width, c.components[n].h, h_max),
        blocks(c.height, c.components[n].v, v_max),
    )
}

type Mcu<'a> = Vec<(usize, &'a [i16; 64])>;

fn mcus<'a>(c: &'a Coefficients, components: &[usize]) -> Vec<Mcu<'a>> {
    let block = |n: usize, x: usize, y: usize| (n, &c.components[n].blocks[y * c.components[n].blocks_wide + x]);
    if let &[n] = components {
        let (wide, high) = occupied(c, n);
        return (0..high)
            .flat_map(|y| (0..wide).map(move |x| vec![block(n, x, y)]))
            .collect();
    }
    let first = &c.components[0];
    let (wide, high) = (
        first.blocks_wide / usize::from(first.h),
        first.blocks_high / usize::from(first.v),
    );
    let mcu = |x: usize, y: usize| {
        let blocks = components.iter().flat_map(|&n| {
            let (h, v) = (usize::from(c.components[n].h), usize::from(c.components[n].v));
            (0..v).flat_map(move |dy| (0..h).map(move |dx| block(n, x * h + dx, y * v + dy)))
        });
        blocks.collect()
    };
    (0..high).flat_map(|y| (0..wide).map(move |x| mcu(x, y))).collect()
}
