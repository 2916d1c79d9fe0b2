//! How one edit moved positions: what an edit made against an older version needs to find its items again.

/// What an edit did to positions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// Name or description: nothing moved.
    Details,
    /// Items were put in.
    Insert { at: i64, count: i64 },
    /// These positions were taken out, lowest first.
    Remove(Vec<i64>),
    /// `count` items from `start` went before what stood at `before`.
    Move { start: i64, count: i64, before: i64 },
    /// All items gave way to others.
    Replace,
}

impl Step {
    /// As stored.
    pub(super) fn print(&self) -> String {
        match self {
            Self::Details => "details".to_owned(),
            Self::Insert { at, count } => format!("insert {at} {count}"),
            Self::Remove(positions) => {
                positions.iter().fold("remove".to_owned(), |text, position| format!("{text} {position}"))
            }
            Self::Move { start, count, before } => format!("move {start} {count} {before}"),
            Self::Replace => "replace".to_owned(),
        }
    }

    /// From its stored form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let name = words.next()?;
        let numbers: Vec<i64> = words.map(str::parse).collect::<Result<_, _>>().ok()?;
        match (name, numbers.as_slice()) {
            ("details", []) => Some(Self::Details),
            ("insert", [at, count]) => Some(Self::Insert { at: *at, count: *count }),
            ("remove", _) => Some(Self::Remove(numbers)),
            ("move", [start, count, before]) => Some(Self::Move { start: *start, count: *count, before: *before }),
            ("replace", []) => Some(Self::Replace),
            _ => None,
        }
    }

    /// Where the item at `position` is after this step; `None` if it is gone.
    pub(super) fn forward(&self, position: i64) -> Option<i64> {
        match self {
            Self::Details => Some(position),
            Self::Insert { at, count } => Some(if position >= *at { position + count } else { position }),
            Self::Remove(gone) if gone.contains(&position) => None,
            Self::Remove(gone) => Some(position - count(gone, |removed| removed < position)),
            Self::Move { start, count, before } => Some(moved(position, *start, *count, *before)),
            Self::Replace => None,
        }
    }

    /// Where the item at `position` was before this step; `None` if it was not there.
    pub(super) fn back(&self, position: i64) -> Option<i64> {
        match self {
            Self::Details => Some(position),
            Self::Insert { at, count } if position >= at + count => Some(position - count),
            Self::Insert { at, .. } => (position < *at).then_some(position),
            Self::Remove(gone) => {
                Some(gone.iter().fold(position, |at, removed| if *removed <= at { at + 1 } else { at }))
            }
            Self::Move { start, count, before } => {
                let (to, back_before) = undo(*start, *count, *before);
                Some(moved(position, to, *count, back_before))
            }
            Self::Replace => None,
        }
    }
}

fn count(positions: &[i64], which: impl Fn(i64) -> bool) -> i64 {
    i64::try_from(positions.iter().filter(|position| which(**position)).count()).unwrap_or(i64::MAX)
}

fn moved(position: i64, start: i64, count: i64, before: i64) -> i64 {
    let end = start + count;
    let in_block = (start..end).contains(&position);
    if before > end {
        match position {
            _ if in_block => position + before - end,
            _ if (end..before).contains(&position) => position - count,
            _ => position,
        }
    } else if before < start {
        match position {
            _ if in_block => position - (start - before),
            _ if (before..start).contains(&position) => position + count,
            _ => position,
        }
    } else {
        position
    }
}

/// The move that takes a move back, as (start, before).
fn undo(start: i64, count: i64, before: i64) -> (i64, i64) {
    if before > start + count {
        (before - count, start)
    } else if before < start {
        (before, start + count)
    } else {
        (start, start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(step: &Step, items: &[i64]) -> Vec<i64> {
        let mut placed: Vec<(i64, i64)> =
            (0..).zip(items).filter_map(|(at, item)| step.forward(at).map(|at| (at, *item))).collect();
        placed.sort_unstable();
        placed.into_iter().map(|(_, item)| item).collect()
    }

    fn steps() -> Vec<Step> {
        vec![
            Step::Details,
            Step::Insert { at: 2, count: 3 },
            Step::Remove(vec![0, 2, 3]),
            Step::Move { start: 1, count: 2, before: 5 },
            Step::Move { start: 3, count: 2, before: 0 },
            Step::Move { start: 1, count: 2, before: 2 },
        ]
    }

    #[test]
    fn items_go_where_the_edit_puts_them() {
        let items = [10, 11, 12, 13, 14, 15];
        assert_eq!(after(&Step::Move { start: 1, count: 2, before: 5 }, &items), [10, 13, 14, 11, 12, 15]);
        assert_eq!(after(&Step::Move { start: 3, count: 2, before: 0 }, &items), [13, 14, 10, 11, 12, 15]);
        assert_eq!(after(&Step::Remove(vec![0, 2, 3]), &items), [11, 14, 15]);
        assert_eq!(Step::Insert { at: 2, count: 3 }.forward(2), Some(5));
        assert_eq!(Step::Replace.forward(0), None);
    }

    #[test]
    fn back_undoes_forward() {
        for step in steps() {
            for position in 0..8 {
                if let Some(there) = step.forward(position) {
                    assert_eq!(step.back(there), Some(position), "{step:?}");
                }
            }
        }
        assert_eq!(Step::Insert { at: 2, count: 3 }.back(3), None);
    }

    #[test]
    fn a_step_survives_its_stored_form() {
        for step in steps() {
            assert_eq!(Step::parse(&step.print()), Some(step));
        }
        assert_eq!(Step::parse("move 1"), None);
        assert_eq!(Step::parse("remove one"), None);
    }
}
