use crate::Event;
use std::collections::VecDeque;

/// Events that wait for the log, oldest first. When it is full the newest is dropped and counted; the count travels with the next
/// event that gets through, so that a hole is never silent.
#[derive(Debug)]
pub struct Buffer {
    waiting: VecDeque<Event>,
    most: usize,
    dropped: u32,
}

impl Buffer {
    /// An empty buffer for at most so many events.
    pub const fn new(most: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            most,
            dropped: 0,
        }
    }

    /// Adds an event, or drops it; whether there was room.
    pub fn push(&mut self, mut event: Event) -> bool {
        if self.waiting.len() >= self.most {
            self.dropped = self.dropped.saturating_add(1).saturating_add(event.dropped);
            return false;
        }
        event.dropped = event.dropped.saturating_add(std::mem::take(&mut self.dropped));
        self.waiting.push_back(event);
        true
    }

    /// Takes up to `most` of the oldest events.
    pub fn take(&mut self, most: usize) -> Vec<Event> {
        let take = self.waiting.len().min(most);
        self.waiting.drain(..take).collect()
    }

    /// Puts events back that could not be written; what does not fit is dropped.
    pub fn put_back(&mut self, events: Vec<Event>) {
        for event in events.into_iter().rev() {
            if self.waiting.len() < self.most {
                self.waiting.push_front(event);
            } else {
                self.dropped = self.dropped.saturating_add(1).saturating_add(event.dropped);
            }
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Events dropped that no later event has told of yet.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::event;

    fn at(at: u64) -> Event {
        Event { at, ..event() }
    }

    #[test]
    fn k3_what_does_not_fit_is_counted_and_told_later() {
        let mut buffer = Buffer::new(2);
        assert!(buffer.push(at(1)) && buffer.push(at(2)));
        assert!(!buffer.push(at(3)) && !buffer.push(at(4)));
        assert_eq!(buffer.dropped(), 2);
        let taken = buffer.take(1);
        assert_eq!((taken[0].at, taken[0].dropped), (1, 0));
        assert!(buffer.push(at(5)));
        let rest = buffer.take(9);
        assert_eq!(
            rest.iter().map(|event| (event.at, event.dropped)).collect::<Vec<_>>(),
            [(2, 0), (5, 2)]
        );
        assert!(buffer.is_empty() && buffer.dropped() == 0);
    }

    #[test]
    fn k3_a_failed_write_keeps_order_and_count() {
        let mut buffer = Buffer::new(2);
        buffer.push(at(1));
        buffer.push(at(2));
        let failed = buffer.take(2);
        buffer.push(Event { dropped: 1, ..at(3) });
        buffer.put_back(failed);
        // One place was free: the older of the two that came back is the one that is lost.
        assert_eq!(buffer.dropped(), 1);
        let kept = buffer.take(9);
        assert_eq!(kept.iter().map(|event| event.at).collect::<Vec<_>>(), [2, 3]);
    }
}
