//! Made-up enterprises as columns.
//!
//! In: how many, and a seed. Out: plain columns, money in fen. A row depends on the seed and
//! on its number alone, so that fewer rows are the beginning of more. Amounts are skewed as
//! firms are; about one in eight stands at a threshold of the policy, a fen below or a fen above.

/// Ten columns of money in fen, each from 0 up to (without) 2^47, and eight of one byte.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// 固定资产投资额
    pub investment: Vec<i64>,
    /// 设备投资额
    pub equipment: Vec<i64>,
    /// 营业收入
    pub revenue: Vec<i64>,
    /// 上年营业收入
    pub revenue_before: Vec<i64>,
    /// 研发费用
    pub research: Vec<i64>,
    /// 云服务费
    pub cloud: Vec<i64>,
    /// 贷款利息
    pub interest: Vec<i64>,
    /// 培训费用
    pub training: Vec<i64>,
    /// 上级补助; 0 is a blank in the files, which the policy takes as 0.
    pub granted: Vec<i64>,
    /// 技术合同额; 0 is a blank in the files, which the policy takes as none.
    pub contracts: Vec<i64>,
    /// 增资扩产, 0 or 1
    pub expanding: Vec<u8>,
    /// 规上企业, 0 or 1
    pub above_scale: Vec<u8>,
    /// 高新技术企业, 0 or 1
    pub high_tech: Vec<u8>,
    /// 失信企业, 0 or 1
    pub dishonest: Vec<u8>,
    /// 绿色工厂, by [`GREEN`]
    pub green: Vec<u8>,
    /// 智能制造等级, by [`GRADES`]
    pub grade: Vec<u8>,
    /// 上云阶段, by [`STAGES`]
    pub stage: Vec<u8>,
    /// 产业, by [`INDUSTRIES`]
    pub industry: Vec<u8>,
}

/// Columns of money.
pub const MONEY: [&str; 10] = [
    "固定资产投资额",
    "设备投资额",
    "营业收入",
    "上年营业收入",
    "研发费用",
    "云服务费",
    "贷款利息",
    "培训费用",
    "上级补助",
    "技术合同额",
];
/// Columns of yes and no.
pub const BOOLS: [&str; 4] = ["增资扩产", "规上企业", "高新技术企业", "失信企业"];
/// Columns of words, each with its words by code.
pub const WORDS: [(&str, &[&str]); 4] =
    [("绿色工厂", &GREEN), ("智能制造等级", &GRADES), ("上云阶段", &STAGES), ("产业", &INDUSTRIES)];
/// The levels of 绿色工厂 by code; the last is the word for none.
pub const GREEN: [&str; 4] = ["国家级", "省级", "市级", "无"];
/// The levels of 智能制造等级 by code; the last is the word for none.
pub const GRADES: [&str; 6] = ["五级", "四级", "三级", "二级", "一级", "无"];
/// The values of 上云阶段 by code.
pub const STAGES: [&str; 2] = ["基础设施", "平台系统"];
/// The values of 产业 by code.
pub const INDUSTRIES: [&str; 5] = ["电子信息", "装备制造", "生物医药", "新材料", "其他产业"];

/// Fen in 万元.
pub const WAN: i64 = 1_000_000;
/// Fen in 亿元.
pub const YI: i64 = 10_000 * WAN;
/// The seed of all figures.
pub const SEED: u64 = 20_241_231;

/// Numbers that look drawn (xorshift64*).
struct Random(u64);

impl Random {
    /// The generator of a row: a seed far from that of its neighbours (splitmix64).
    fn of(seed: u64, row: usize) -> Random {
        let mut mixed = seed ^ (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Random((mixed ^ (mixed >> 31)) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 8
    }

    /// From 0 up to, without, `count`.
    fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }

    /// Whether something of so many in a hundred happens.
    fn happens(&mut self, in_a_hundred: u64) -> u8 {
        u8::from(self.below(100) < in_a_hundred)
    }

    /// A code, by weights.
    fn code(&mut self, weights: &[u64]) -> u8 {
        let mut drawn = self.below(weights.iter().sum());
        for (code, weight) in (0..).zip(weights) {
            if drawn < *weight {
                return code;
            }
            drawn -= weight;
        }
        0
    }

    /// An amount of a size spread over octaves below 2^`octaves` yuan, or one at an edge.
    fn amount(&mut self, octaves: u64, edges: &[i64]) -> i64 {
        if self.below(8) == 0 {
            let edge = edges[self.below(edges.len() as u64) as usize];
            return (edge + self.below(3) as i64 - 1).max(0);
        }
        let bits = 7 + octaves / 2 + self.below(octaves - octaves / 2);
        (self.next() % (1 << bits)) as i64
    }
}

impl Columns {
    /// So many rows.
    pub fn made_up(rows: usize, seed: u64) -> Columns {
        let mut columns = Columns::default();
        for row in 0..rows {
            columns.push(&mut Random::of(seed, row));
        }
        columns
    }

    fn push(&mut self, random: &mut Random) {
        let revenue = random.amount(36, &[YI, 10 * YI, 50 * YI, 100 * YI]);
        let before = match random.below(8) {
            0 => 0,
            // About a tenth less than now, to the fen.
            1 => (revenue * 10 / 11 + random.below(3) as i64 - 1).max(0),
            // Exactly: what is a multiple of 11 stays as it is.
            2 => revenue / 11 * 10,
            _ => revenue / 100 * (70 + random.below(60) as i64),
        };
        self.investment.push(random.amount(31, &[0, 16_000 * WAN]));
        self.equipment.push(random.amount(29, &[0, 2_000 * WAN]));
        self.revenue.push(revenue);
        self.revenue_before.push(before);
        self.research.push(random.amount(28, &[0, 500 * WAN, 2_000 * WAN, 4_625 * WAN]));
        self.cloud.push(random.amount(23, &[0, 250 * WAN, 500 * WAN / 3]));
        self.interest.push(random.amount(25, &[0, 200 * WAN]));
        self.training.push(random.amount(21, &[WAN / 2, 100 * WAN / 3]));
        let granted = if random.below(3) == 0 { random.amount(24, &[0, 100 * WAN]) } else { 0 };
        self.granted.push(granted);
        let contracts = if random.below(2) == 0 { random.amount(27, &[0, 1_500 * WAN]) } else { 0 };
        self.contracts.push(contracts);
        self.expanding.push(random.happens(40));
        self.above_scale.push(random.happens(60));
        self.high_tech.push(random.happens(30));
        self.dishonest.push(random.happens(2));
        self.green.push(random.code(&[2, 5, 13, 80]));
        self.grade.push(random.code(&[1, 3, 10, 26, 30, 30]));
        self.stage.push(random.code(&[60, 40]));
        self.industry.push(random.code(&[22, 25, 13, 15, 25]));
    }

    /// From columns in the order of [`MONEY`], [`BOOLS`] and [`WORDS`].
    pub fn of(money: [Vec<i64>; 10], bools: [Vec<u8>; 4], words: [Vec<u8>; 4]) -> Columns {
        let [investment, equipment, revenue, revenue_before, research, cloud, interest, training, granted, contracts] =
            money;
        let [expanding, above_scale, high_tech, dishonest] = bools;
        let [green, grade, stage, industry] = words;
        Columns {
            investment,
            equipment,
            revenue,
            revenue_before,
            research,
            cloud,
            interest,
            training,
            granted,
            contracts,
            expanding,
            above_scale,
            high_tech,
            dishonest,
            green,
            grade,
            stage,
            industry,
        }
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.investment.len()
    }

    /// The columns of money in the order of [`MONEY`].
    pub fn money(&self) -> [&[i64]; 10] {
        [
            &self.investment,
            &self.equipment,
            &self.revenue,
            &self.revenue_before,
            &self.research,
            &self.cloud,
            &self.interest,
            &self.training,
            &self.granted,
            &self.contracts,
        ]
    }

    /// The columns of yes and no in the order of [`BOOLS`].
    pub fn bools(&self) -> [&[u8]; 4] {
        [&self.expanding, &self.above_scale, &self.high_tech, &self.dishonest]
    }

    /// The columns of words in the order of [`WORDS`].
    pub fn words(&self) -> [&[u8]; 4] {
        [&self.green, &self.grade, &self.stage, &self.industry]
    }
}

/// The key of a row.
pub fn key(row: usize) -> String {
    format!("91HQ{row:014}")
}

/// Which of [`MONEY`] have blanks where they are 0.
pub const BLANK_AT_ZERO: [usize; 2] = [8, 9];

/// The columns that have holes in the variant with unknowns: 营业收入, 研发费用, 绿色工厂.
pub const HOLES: [&str; 3] = ["营业收入", "研发费用", "绿色工厂"];

/// Whether a cell is a hole in the variant with unknowns: one in a thousand of three columns.
pub fn is_hole(column: &str, row: usize) -> bool {
    let number = HOLES.iter().position(|hole| *hole == column);
    number.is_some_and(|number| Random::of(number as u64, row).below(1000) == 0)
}
