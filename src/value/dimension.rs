//! Units of measure as exponents of base units, so that `元/吨标煤 × 吨标煤 = 元`.

/// A declared unit; 元 is number 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitId(pub u16);

impl UnitId {
    /// 元, the unit of money.
    pub const YUAN: UnitId = UnitId(0);
}

/// The dimension of a number: exponents of units, sorted by unit, none of them 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Dimension(Vec<(UnitId, i32)>);

impl Dimension {
    /// A plain number, count or rate.
    pub const NONE: Dimension = Dimension(Vec::new());

    /// Money.
    pub fn money() -> Self {
        Dimension::unit(UnitId::YUAN)
    }

    /// A quantity in `unit`.
    pub fn unit(unit: UnitId) -> Self {
        Dimension(vec![(unit, 1)])
    }

    /// A price: money per `unit`.
    pub fn price(unit: UnitId) -> Self {
        Dimension::money().over(&Dimension::unit(unit))
    }

    /// The dimension of a product.
    #[must_use]
    pub fn times(&self, other: &Dimension) -> Self {
        self.combine(other, 1)
    }

    /// The dimension of a quotient.
    #[must_use]
    pub fn over(&self, other: &Dimension) -> Self {
        self.combine(other, -1)
    }

    /// Whether it is a plain number.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is money.
    pub fn is_money(&self) -> bool {
        self.0 == [(UnitId::YUAN, 1)]
    }

    /// The units with their exponents.
    pub fn units(&self) -> &[(UnitId, i32)] {
        &self.0
    }

    fn combine(&self, other: &Dimension, sign: i32) -> Self {
        let mut units = self.0.clone();
        for &(unit, exponent) in &other.0 {
            match units.iter_mut().find(|(u, _)| *u == unit) {
                Some((_, e)) => *e = e.saturating_add(exponent.saturating_mul(sign)),
                None => units.push((unit, exponent.saturating_mul(sign))),
            }
        }
        units.retain(|&(_, exponent)| exponent != 0);
        units.sort_unstable();
        Dimension(units)
    }
}
