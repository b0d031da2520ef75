//! A list that is mostly empty: one word, where a vector takes three.
//!
//! Of a million recipients with a dozen clauses each, nearly every list of causes, cuts and
//! items is empty; what an empty one takes is what counts.

use std::ops::{Deref, DerefMut};

/// A list that is mostly empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Few<T>(#[allow(clippy::box_collection, reason = "one word where there is nothing")] Option<Box<Vec<T>>>);

impl<T> Few<T> {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Few<T> {
        Few(None)
    }

    /// Adds one behind the others. There are few, so that no room is kept for more.
    pub fn push(&mut self, one: T) {
        let all = self.0.get_or_insert_default();
        all.reserve_exact(1);
        all.push(one);
    }

    /// Adds them behind the others.
    pub fn extend(&mut self, more: impl IntoIterator<Item = T>) {
        more.into_iter().for_each(|one| self.push(one));
    }

    /// Leaves those for which the condition holds.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        if let Some(all) = &mut self.0 {
            all.retain(keep);
        }
        self.forget();
    }

    /// Leaves nothing.
    pub fn clear(&mut self) {
        self.0 = None;
    }

    fn forget(&mut self) {
        self.0.take_if(|all| all.is_empty());
    }
}

impl<T> Default for Few<T> {
    fn default() -> Few<T> {
        Few(None)
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_ref().map_or(&[], |all| all.as_slice())
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.0.as_mut().map_or(&mut [], |all| all.as_mut_slice())
    }
}

impl<T> From<Vec<T>> for Few<T> {
    fn from(mut all: Vec<T>) -> Few<T> {
        all.shrink_to_fit();
        let mut few = Few((!all.is_empty()).then(|| Box::new(all)));
        few.forget();
        few
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Few<T> {
        all.into_iter().collect::<Vec<T>>().into()
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.map_or_else(Vec::new, |all| *all).into_iter()
    }
}

impl<'f, T> IntoIterator for &'f Few<T> {
    type Item = &'f T;
    type IntoIter = std::slice::Iter<'f, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'f, T> IntoIterator for &'f mut Few<T> {
    type Item = &'f mut T;
    type IntoIter = std::slice::IterMut<'f, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Few;

    #[test]
    fn nothing_takes_one_word() {
        assert_eq!(size_of::<Few<String>>(), size_of::<usize>());
        let mut few: Few<u8> = vec![1, 2, 3].into();
        few.retain(|one| *one > 1);
        few.push(9);
        few.iter_mut().for_each(|one| *one += 1);
        assert_eq!(*few, [3, 4, 10]);
        few.retain(|_| false);
        assert_eq!(few, Few::new());
        assert_eq!(few, Vec::new().into());
        few.extend([4, 5]);
        assert_eq!(few.into_iter().collect::<Vec<u8>>(), [4, 5]);
    }

    #[test]
    fn it_is_shown_as_a_list() {
        assert_eq!(format!("{:?}", Few::from(vec![1, 2])), "[1, 2]");
        assert_eq!(format!("{:?}", Few::<u8>::new()), "[]");
    }
}
