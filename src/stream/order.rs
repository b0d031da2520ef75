//! Work on any thread, taken in order.

use std::collections::BTreeMap;
use std::sync::mpsc::{Sender, channel};

/// What came of a piece; told when it is dropped, be it because the work on it failed.
struct Answer<T> {
    to: Sender<(usize, Option<T>)>,
    at: usize,
    came: Option<T>,
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        // Who no longer listens has had enough.
        let _ = self.to.send((self.at, self.came.take()));
    }
}

/// Works out so many pieces side by side and takes them in order, on the thread that asks; whether all were taken.
/// It ends with the first that `take` does not want. Not to be asked for on a thread of the pool, which it waits for.
pub(crate) fn in_order<T: Send, E>(
    pieces: usize,
    work: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(T) -> Result<bool, E>,
) -> Result<bool, E> {
    let (to, from) = channel();
    // One waits to be begun, so that no thread does: more would only take memory.
    let ahead = rayon::current_num_threads().saturating_add(1);
    rayon::in_place_scope(|scope| {
        let begin = |at: usize| {
            let (answer, work) = (Answer { to: to.clone(), at, came: None }, &work);
            scope.spawn(move |_| {
                // All of it, so that it is dropped here.
                let mut answer = answer;
                answer.came = Some(work(at));
            });
        };
        (0..ahead.min(pieces)).for_each(begin);
        let mut waiting = BTreeMap::new();
        for (at, next) in (0..pieces).zip(ahead..) {
            while !waiting.contains_key(&at) {
                // A piece that failed ends everything, and the failure goes on when the others are done.
                let Ok((place, Some(came))) = from.recv() else { return Ok(false) };
                waiting.insert(place, came);
            }
            if next < pieces {
                begin(next);
            }
            if let Some(came) = waiting.remove(&at)
                && !take(came)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn pieces_are_taken_in_order() {
        for pieces in [0, 1, 2, 7, 100] {
            let mut taken = Vec::new();
            let all = in_order(
                pieces,
                |at| at * at,
                |square| {
                    taken.push(square);
                    Ok::<bool, ()>(true)
                },
            );
            assert_eq!(all, Ok(true));
            assert!(taken.into_iter().eq((0..pieces).map(|at| at * at)));
        }
    }

    #[test]
    fn what_is_not_wanted_ends_it() {
        assert_eq!(in_order(50, |at| at, |at| Ok::<bool, ()>(at < 9)), Ok(false));
        assert_eq!(in_order(50, |at| at, |at| if at < 9 { Ok(true) } else { Err(at) }), Err(9));
    }

    #[test]
    fn a_failure_is_not_waited_for() {
        let failed =
            std::panic::catch_unwind(|| in_order(20, |at| assert_ne!(at, 5, "on purpose"), |()| Ok::<bool, ()>(true)));
        assert!(failed.is_err());
    }
}
