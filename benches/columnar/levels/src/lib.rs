//! Runs a loop with the instructions that the processor has.
//!
//! In: a task whose body is `#[inline(always)]`. Out: what it returns. Each level is a copy of
//! the body compiled for more instructions; which copy is safe to call is asked once, at run
//! time, so that a plain release build needs no flags. A package of its own because calling
//! such a copy is `unsafe`, which the project forbids everywhere else.

/// A loop with what it works on.
pub trait Task {
    /// What it returns.
    type Output;

    /// The loop; `#[inline(always)]`, as everything that it calls.
    fn run(self) -> Self::Output;
}

/// Instructions of x86-64: each level has those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every processor has.
    Base,
    /// SSE4.2.
    V2,
    /// AVX2.
    V3,
    /// AVX-512.
    V4,
}

impl Level {
    /// The highest that this processor has.
    pub fn best() -> Level {
        #[cfg(target_arch = "x86_64")]
        {
            let v2 = is_x86_feature_detected!("sse4.2") && is_x86_feature_detected!("popcnt");
            let v3 = v2
                && is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt");
            let v4 = v3
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512cd")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            match (v4, v3, v2) {
                (true, _, _) => Level::V4,
                (_, true, _) => Level::V3,
                (_, _, true) => Level::V2,
                _ => Level::Base,
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            Level::Base
        }
    }
}

/// A copy of the body for a level. No contraction of a product and a sum into one
/// instruction: Rust does not, so that every level gives the same bits.
#[cfg(target_arch = "x86_64")]
macro_rules! level {
    ($name:ident, $features:literal) => {
        #[target_feature(enable = $features)]
        fn $name<T: Task>(task: T) -> T::Output {
            task.run()
        }
    };
}

#[cfg(target_arch = "x86_64")]
level!(v2, "sse4.2,popcnt");
#[cfg(target_arch = "x86_64")]
level!(v3, "avx2,bmi1,bmi2,lzcnt,popcnt");
#[cfg(target_arch = "x86_64")]
level!(v4, "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,bmi1,bmi2,lzcnt,popcnt");

/// Runs a task at a level, or at the highest below it that this processor has.
pub fn at<T: Task>(level: Level, task: T) -> T::Output {
    match level.min(Level::best()) {
        // SAFETY: the level is no higher than `Level::best`, which asked for every feature that
        // the copy is compiled with; a processor's features do not change while a program runs.
        #[cfg(target_arch = "x86_64")]
        Level::V4 => unsafe { v4(task) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::V3 => unsafe { v3(task) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Level::V2 => unsafe { v2(task) },
        _ => task.run(),
    }
}
