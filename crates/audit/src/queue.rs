use crate::{Buffer, Event, MAX_EVENTS};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The events of one instance on their way to the log: requests put them in, and one of them at a time carries them on.
#[derive(Debug)]
pub struct Queue {
    buffer: Mutex<Buffer>,
    draining: AtomicBool,
}

impl Queue {
    /// A queue for at most so many events that wait.
    pub const fn new(most: usize) -> Self {
        Self {
            buffer: Mutex::new(Buffer::new(most)),
            draining: AtomicBool::new(false),
        }
    }

    /// Adds an event, or drops and counts it; whether there was room.
    pub fn push(&self, event: Event) -> bool {
        self.buffer().push(event)
    }

    /// Writes what waits, oldest first, up to [`MAX_EVENTS`] at a time, until nothing does. Where somebody else is at it, that one
    /// writes these too: under load events go in groups. What cannot be written stays.
    pub async fn drain<E>(&self, mut write: impl AsyncFnMut(&[Event]) -> Result<(), E>) -> Result<(), E> {
        if self.draining.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let mut at_work = AtWork {
            queue: self,
            events: Vec::new(),
        };
        loop {
            at_work.events = self.buffer().take(MAX_EVENTS);
            if at_work.events.is_empty() {
                return Ok(());
            }
            write(&at_work.events).await?;
            at_work.events.clear();
        }
    }

    fn buffer(&self) -> MutexGuard<'_, Buffer> {
        // A lock is poisoned by a panic, and a panic ends the instance.
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever drains. However it ends, also in the middle, what was not written goes back and the next one can begin.
struct AtWork<'q> {
    queue: &'q Queue,
    events: Vec<Event>,
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.queue.buffer().put_back(std::mem::take(&mut self.events));
        self.queue.draining.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::event;
    use std::cell::RefCell;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn poll(future: impl Future<Output = Result<(), ()>>) -> Poll<Result<(), ()>> {
        pin!(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    fn filled(events: u64) -> Queue {
        let queue = Queue::new(1000);
        (0..events).for_each(|at| assert!(queue.push(Event { at, ..event() })));
        queue
    }

    #[test]
    fn k3_what_waits_goes_in_groups_and_in_order() {
        let (queue, written) = (filled(150), RefCell::new(Vec::new()));
        let done = poll(queue.drain(async |events| {
            written
                .borrow_mut()
                .push(events.iter().map(|event| event.at).collect::<Vec<_>>());
            Ok(())
        }));
        assert_eq!(done, Poll::Ready(Ok(())));
        let groups = written.into_inner();
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [64, 64, 22]);
        assert!(groups.concat().into_iter().eq(0..150));
    }

    #[test]
    fn k3_a_writer_that_fails_or_is_dropped_loses_nothing() {
        let queue = filled(3);
        assert_eq!(poll(queue.drain(async |_| Err(()))), Poll::Ready(Err(())));
        assert_eq!(poll(queue.drain(async |_| std::future::pending().await)), Poll::Pending);
        let count = RefCell::new(0);
        let done = poll(queue.drain(async |events| {
            *count.borrow_mut() += events.len();
            Ok(())
        }));
        assert_eq!((done, count.into_inner()), (Poll::Ready(Ok(())), 3));
    }

    #[test]
    fn one_at_a_time_writes() {
        let queue = filled(3);
        let done = poll(queue.drain(async |_| {
            // Somebody else, meanwhile.
            assert_eq!(poll(queue.drain(async |_| Err(()))), Poll::Ready(Ok(())));
            Ok(())
        }));
        assert_eq!(done, Poll::Ready(Ok(())));
    }
}
