//! Requests of one subject within the last 30 seconds, by the second, and the most there were in each half-minute of the last
//! hour. About 650 bytes, whatever happens.

/// A quota is for so many seconds.
pub const WINDOW_SECONDS: i64 = 30;
const SECONDS: usize = 30;
/// The half-minutes of an hour.
pub const SLOTS: usize = 120;

/// What came of one subject.
#[derive(Clone)]
pub struct Window {
    /// Requests that were let through, each second at its place in the half-minute.
    counts: [u32; SECONDS],
    total: u32,
    /// The latest second of which anything is known, since 1970.
    second: i64,
    /// The most within 30 seconds, each half-minute at its place in the hour.
    peaks: [u32; SLOTS],
}

fn place(number: i64, of: usize) -> usize {
    usize::try_from(number.rem_euclid(i64::try_from(of).unwrap_or(1))).unwrap_or_default()
}

impl Window {
    /// Nothing came yet.
    pub fn new(second: i64) -> Self {
        Self { counts: [0; SECONDS], total: 0, second, peaks: [0; SLOTS] }
    }

    /// Forgets what is too old at this second. Time never goes back here.
    pub fn advance(&mut self, second: i64) {
        if second <= self.second {
            return;
        }
        let (slot, before) = (second / WINDOW_SECONDS, self.second / WINDOW_SECONDS);
        for old in before + 1..=slot.min(before + i64::try_from(SLOTS).unwrap_or(0)) {
            if let Some(peak) = self.peaks.get_mut(place(old, SLOTS)) {
                *peak = 0;
            }
        }
        for old in self.second + 1..=second.min(self.second + WINDOW_SECONDS) {
            if let Some(count) = self.counts.get_mut(place(old, SECONDS)) {
                self.total -= *count;
                *count = 0;
            }
        }
        self.second = second;
    }

    /// How many came within the last 30 seconds.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// The latest second of which anything is known.
    pub fn latest(&self) -> i64 {
        self.second
    }

    /// Another one, if no more than `most` come by it. `Err` holds the whole seconds after which there is room, if nothing else
    /// comes meanwhile.
    pub fn take(&mut self, second: i64, most: Option<u32>) -> Result<(), u32> {
        self.has_room(second, most)?;
        if let Some(count) = self.counts.get_mut(place(self.second, SECONDS)) {
            *count = count.saturating_add(1);
            self.total = self.total.saturating_add(1);
        }
        if let Some(peak) = self.peaks.get_mut(place(self.second / WINDOW_SECONDS, SLOTS)) {
            *peak = self.total.max(*peak);
        }
        Ok(())
    }

    /// The same, and nothing is counted.
    pub fn has_room(&mut self, second: i64, most: Option<u32>) -> Result<(), u32> {
        self.advance(second);
        let Some(most) = most.filter(|most| self.total >= *most) else { return Ok(()) };
        let mut left = self.total;
        for old in self.second - WINDOW_SECONDS + 1..=self.second {
            left -= self.counts.get(place(old, SECONDS)).copied().unwrap_or_default();
            if left < most {
                return Err(u32::try_from(old + WINDOW_SECONDS - second).unwrap_or(1).max(1));
            }
        }
        Err(u32::try_from(WINDOW_SECONDS).unwrap_or(1))
    }

    /// What was counted this second never came.
    pub fn give_back(&mut self) {
        if let Some(count) = self.counts.get_mut(place(self.second, SECONDS)).filter(|count| **count > 0) {
            *count -= 1;
            self.total -= 1;
        }
    }

    /// The most within 30 seconds, for each half-minute of the last hour, in no order.
    pub fn peaks(&self) -> &[u32; SLOTS] {
        &self.peaks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_as_long_as_they_are_told_gets_through_and_not_a_second_before() {
        let mut window = Window::new(1000);
        for second in [1000, 1000, 1003, 1010] {
            assert_eq!(window.take(second, Some(4)), Ok(()));
        }
        for (second, wait) in [(1010, 20), (1029, 1)] {
            assert_eq!(window.take(second, Some(4)), Err(wait), "{second}");
        }
        assert_eq!(window.take(1030, Some(4)), Ok(()));
        assert_eq!((window.take(1030, Some(4)), window.total()), (Ok(()), 4));
        assert_eq!(window.take(1030, Some(4)), Err(3));
        assert_eq!(window.take(1033, Some(1)), Err(27), "a smaller quota than what came before it");
        window.advance(1_000_000);
        assert_eq!(window.total(), 0);
    }

    #[test]
    fn it_counts_as_a_list_of_all_that_came_would() {
        let (mut window, mut came, mut second, mut chance) = (Window::new(0), Vec::new(), 0_i64, 7_u64);
        for _ in 0..20_000 {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            second += [0, 0, 0, 1, 2, 7, 40][usize::try_from(chance >> 33).unwrap() % 7];
            came.retain(|at| second - at < WINDOW_SECONDS);
            match window.take(second, Some(20)) {
                Ok(()) => {
                    assert!(came.len() < 20);
                    came.push(second);
                }
                Err(wait) => {
                    assert_eq!(came.len(), 20);
                    assert_eq!(i64::from(wait), came[0] + WINDOW_SECONDS - second);
                }
            }
            assert_eq!(window.total() as usize, came.len());
        }
    }

    #[test]
    fn the_most_of_each_half_minute_is_known_for_an_hour() {
        let mut window = Window::new(0);
        for second in [0, 1, 2, 31, 32] {
            window.take(second, None).unwrap();
        }
        let mut peaks: Vec<u32> = window.peaks().iter().copied().filter(|peak| *peak > 0).collect();
        peaks.sort_unstable();
        assert_eq!(peaks, [2, 3], "what came before a half-minute and is still within 30 seconds counts in it");
        window.advance(3600 + 30);
        assert!(window.peaks().iter().all(|peak| *peak == 0));
    }

    #[test]
    fn what_is_given_back_never_came_and_time_does_not_go_back() {
        let mut window = Window::new(50);
        window.take(50, None).unwrap();
        window.give_back();
        window.give_back();
        assert_eq!(window.total(), 0);
        window.take(60, None).unwrap();
        window.advance(10);
        assert_eq!((window.total(), window.latest()), (1, 60));
    }
}
