//! How a customer lives: the formulas of the module documentation, one customer at a time.

use std::ops::RangeInclusive;

use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma};

use super::campaign::{Campaign, Lived, STREAM};
use super::customer::{
    CATEGORIES, CHANNELS, Life, Line, REGIONS, SEGMENTS, Survey, TOPICS, Ticket,
};
use super::draws::{Random, cents, exponential, favourite, normal};
use super::events::{Hidden, acts};
use super::leaving::Leaving;
use super::season::{DAYS_PER_YEAR, Season};
use super::simulation::Simulation;
use crate::error::{Error, Result};

/// Shapes of the gamma distributions: of purchase rates, hazards of leaving and rates of pauses, and of
/// how long fades and pauses last.
pub(super) const PURCHASING: f64 = 1.5;
pub(super) const LEAVING: f64 = 2.0;
pub(super) const PAUSING: f64 = 0.7;
pub(super) const LASTING: f64 = 4.0;
/// Mean and standard deviation of the customers' own levels of survey scores, and what a complaint and
/// fading each take away.
pub(super) const MOOD: [f64; 2] = [8.0, 1.2];
pub(super) const OFFENCE: f64 = 2.0;
/// Mean days from a purchase to its ticket.
pub(super) const TICKET_DAYS: f64 = 3.0;

/// How tickets are handled: median days to the first answer and from it to the end, with the σ of both;
/// the chances that there is none, and that a resolved one was reopened; the ratings, all alike.
pub(super) struct Handling {
    pub(super) answer: f64,
    pub(super) resolve: f64,
    pub(super) sigma: f64,
    pub(super) never_answered: f64,
    pub(super) never_resolved: f64,
    pub(super) reopened: f64,
    pub(super) ratings: RangeInclusive<i32>,
}

/// In hours, or in days.
pub(super) const GOOD: Handling = Handling {
    answer: 0.125,
    resolve: 0.5,
    sigma: 0.8,
    never_answered: 0.0,
    never_resolved: 0.0,
    reopened: 0.05,
    ratings: 4..=5,
};
pub(super) const BAD: Handling = Handling {
    answer: 1.7,
    resolve: 12.0,
    sigma: 0.7,
    never_answered: 0.2,
    never_resolved: 0.3,
    reopened: 0.6,
    ratings: 1..=3,
};

/// A checked simulation with its distributions. Times are days since the start.
pub(super) struct Process<'a> {
    simulation: &'a Simulation,
    season: Season,
    /// Days from start to end.
    span: f64,
    /// Start of every customer's random stream, before the customer's number is added.
    base: u64,
    // Gamma distributions of mean 1.
    purchasing: Gamma<f64>,
    leaving: Gamma<f64>,
    pausing: Gamma<f64>,
    lasting: Gamma<f64>,
    campaign: Option<Campaign<'a>>,
}

/// One customer on the way through time.
struct Walk<'a> {
    process: &'a Process<'a>,
    random: Random,
    life: Life,
    check: f64,
    category: usize,
    channel: usize,
    mood: f64,
    orders: i64,
    bought: Vec<f64>,
    /// When badly handled tickets were opened.
    complaints: Vec<f64>,
    leaving: Leaving,
}

impl<'a> Process<'a> {
    pub(super) fn new(simulation: &'a Simulation) -> Result<Self> {
        let gamma = |shape: f64| {
            Gamma::new(shape, 1.0 / shape)
                .map_err(|_| Error::argument("shape", shape, "a finite number above 0"))
        };
        Ok(Process {
            simulation,
            season: Season::of(simulation),
            span: simulation.end.days_since(simulation.start),
            base: Random::seed_from_u64(simulation.seed).next_u64(),
            purchasing: gamma(PURCHASING)?,
            leaving: gamma(LEAVING)?,
            pausing: gamma(PAUSING)?,
            lasting: gamma(LASTING)?,
            campaign: simulation.campaign.as_ref().map(Campaign::new).transpose()?,
        })
    }

    /// The whole life of customer `number`, a function of the parameters and the number alone.
    pub(super) fn life(&self, number: u64) -> Life {
        let s = self.simulation;
        let mut random = Random::seed_from_u64(self.stream(number));
        let r = &mut random;
        let early = r.random::<f64>() < s.joined_at_start;
        let joined = r.random::<f64>() * if early { self.span.min(30.0) } else { self.span };
        // Half are consumers, a third families, a sixth businesses.
        let segment = [1, 1, 1, 2, 2, 0][r.random_range(0..6)];
        let rate =
            s.purchases_per_year / DAYS_PER_YEAR * self.purchasing.sample(r) * SEGMENTS[segment].1;
        let hazard = self.leaving.sample(r) / (s.lifetime_years * DAYS_PER_YEAR);
        let fade = self.lasting.sample(r) * s.fade_days;
        // Above zero, so that a gap may be infinite but never 0 / 0.
        let pause_rate = (self.pausing.sample(r) * s.pauses_per_year / DAYS_PER_YEAR).max(1e-300);
        let patience = exponential(r);
        let mut pauses = Pauses { from: joined, to: joined };
        let mut all_pauses = Vec::new();

        let mut walk = Walk {
            process: self,
            check: s.average_check * (0.5 * normal(r) - 0.125 - 0.06125).exp(),
            category: r.random_range(0..CATEGORIES.len()),
            channel: r.random_range(0..CHANNELS.len()),
            mood: MOOD[0] + MOOD[1] * normal(r),
            orders: 0,
            bought: Vec::new(),
            complaints: Vec::new(),
            leaving: Leaving::new(joined, hazard, s.complaint_effect, patience, fade),
            life: Life {
                customer_id: number as i64,
                segment: segment as i32,
                region: r.random_range(0..REGIONS.len()) as i32,
                age: (42.0 + 13.0 * normal(r)).round().clamp(18.0, 90.0) as i64,
                left_at: None,
                lines: Vec::new(),
                tickets: Vec::new(),
                surveys: Vec::new(),
                acts: Vec::new(),
                met: None,
            },
            random,
        };
        walk.order(joined);

        // Thinning: candidates at the highest possible rate, each kept with the chance
        // rate / highest rate.
        let parts = f64::from(s.regularity);
        let mut waited = 0;
        let mut t = joined;
        loop {
            t += exponential(&mut walk.random) / (rate * s.december_peak * parts);
            if t.is_nan() || t >= self.span {
                break;
            }
            walk.leaving.advance(t);
            if walk.leaving.left().is_some_and(|left| t >= left) {
                break;
            }
            let pausing = pauses.pausing_at(t, || {
                let r = &mut walk.random;
                (exponential(r) / pause_rate, self.lasting.sample(r) * s.pause_months * 30.4)
            });
            if s.events && all_pauses.last() != Some(&(pauses.from, pauses.to)) {
                all_pauses.push((pauses.from, pauses.to));
            }
            let chance = self.season.at(t) / s.december_peak * walk.leaving.fade_at(t);
            if !pausing && walk.random.random::<f64>() < chance {
                waited += 1;
            }
            if waited == s.regularity {
                waited = 0;
                walk.order(t);
            }
        }
        walk.leaving.advance(self.span);
        let left = walk.leaving.left().filter(|left| *left < self.span);
        if let Some(campaign) = &self.campaign {
            walk.meet(campaign, joined, left, self.stream(number) ^ STREAM);
        }
        let mut life = walk.life;
        if s.events {
            let hidden = Hidden {
                joined,
                rate,
                decided: walk.leaving.decided(),
                left: walk.leaving.left(),
                pauses: all_pauses,
                bought: walk.bought,
                channel: walk.channel,
            };
            life.acts = acts(&hidden, self.stream(number), self.span, |t| self.seen(t));
        }
        life.left_at = left.map(|left| self.micros(left));
        life.lines.sort_by_key(|line| line.time);
        life.tickets.sort_by_key(|ticket| ticket.opened_at);
        life.surveys.sort_by_key(|survey| survey.time);
        life
    }

    /// Factor on everybody's purchase rate.
    pub(super) fn season(&self) -> &Season {
        &self.season
    }

    /// How long fades last, in means.
    pub(super) fn fading(&self) -> Gamma<f64> {
        self.lasting
    }

    /// Where the random stream of a customer starts.
    pub(super) fn stream(&self, number: u64) -> u64 {
        self.base.wrapping_add(number)
    }

    /// Whole seconds, in microseconds since 1970; never later than `t`.
    fn micros(&self, t: f64) -> i64 {
        self.simulation.start.micros() + (t * 86_400.0) as i64 * 1_000_000
    }

    /// As [`Process::micros`], none when the log ends before.
    fn seen(&self, t: f64) -> Option<i64> {
        (t < self.span).then(|| self.micros(t))
    }
}

impl Walk<'_> {
    /// Places an order and all that follows from it.
    fn order(&mut self, t: f64) {
        let s = self.process.simulation;
        self.bought.push(t);
        self.lines(t);
        if self.random.random::<f64>() < s.ticket_share {
            self.ticket(t);
        }
        if self.random.random::<f64>() < s.survey_share {
            self.survey(t);
        }
    }

    /// The lines of an order, and what of them comes back.
    fn lines(&mut self, t: f64) {
        let s = self.process.simulation;
        self.orders += 1;
        let r = &mut self.random;
        let price = self.check * (0.35 * normal(r)).exp();
        let off = if r.random::<f64>() < 0.2 { r.random_range(0.05..0.3) } else { 0.0 };
        let channel = favourite(r, 0.8, self.channel, CHANNELS.len());
        let lines = 1 + (4.0 * r.random::<f64>().powi(2)) as usize;
        let mut parts = [0.0; 4];
        parts[..lines].fill_with(|| 0.5 + r.random::<f64>());
        let whole: f64 = parts.iter().sum();
        for part in &parts[..lines] {
            let price = price * part / whole;
            let line = Line {
                time: self.process.micros(t),
                order: self.orders,
                amount: cents(price * (1.0 - off)).max(0.01),
                category: favourite(r, 0.5, self.category, CATEGORIES.len()),
                channel,
                discount: cents(price * off),
            };
            let back = r.random::<f64>() < s.return_share;
            let returned =
                if back { self.process.seen(t + 2.0 + 8.0 * exponential(r)) } else { None };
            if let Some(time) = returned {
                let amount = -line.amount;
                self.life.lines.push(Line { time, amount, discount: 0.0, ..line });
            }
            self.life.lines.push(line);
        }
    }

    /// Lets a campaign's offer change what the customer does.
    fn meet(&mut self, campaign: &Campaign<'_>, joined: f64, left: Option<f64>, seed: u64) {
        let process = self.process;
        self.random = Random::seed_from_u64(seed);
        let (when, works) = (self.random.random::<f64>(), self.random.random::<f64>());
        let since = campaign.second(when) - process.simulation.start.micros();
        let own = self.life.lines.len();
        // Half a second later, for an instant is cut to whole seconds.
        self.lines((since as f64 / 1e6 + 0.5) / 86_400.0);
        let order = self.life.lines.split_off(own);
        let micros = |times: &[f64]| times.iter().map(|t| process.micros(*t)).collect();
        let lived = Lived {
            joined: process.micros(joined),
            left: left.map(|left| process.micros(left)),
            complaints: micros(&self.complaints),
        };
        let bought: Vec<i64> = micros(&self.bought);
        self.life.met = campaign.meet(&mut self.life, &lived, &bought, order, works);
    }

    fn ticket(&mut self, bought: f64) {
        let process = self.process;
        let r = &mut self.random;
        let t = bought + TICKET_DAYS * exponential(r);
        let bad = r.random::<f64>() < process.simulation.bad_service_share;
        let topic = r.random_range(0..TOPICS.len()) as i32;
        let handled = if bad { &BAD } else { &GOOD };
        let answered = t + handled.answer * (handled.sigma * normal(r)).exp();
        let resolved = answered + handled.resolve * (handled.sigma * normal(r)).exp();
        let never_answered = bad && r.random::<f64>() < handled.never_answered;
        let never_resolved = never_answered || bad && r.random::<f64>() < handled.never_resolved;
        let reopened = r.random::<f64>() < handled.reopened;
        let rated = r.random::<f64>() < 0.5;
        let rating = r.random_range(handled.ratings.clone());
        let Some(opened_at) = process.seen(t) else { return };
        if bad {
            self.complaints.push(t);
            self.leaving.complain(t);
        }
        let resolved_at = process.seen(resolved).filter(|_| !never_resolved);
        self.life.tickets.push(Ticket {
            opened_at,
            first_response_at: process.seen(answered).filter(|_| !never_answered),
            resolved_at,
            topic,
            reopened_count: i64::from(reopened && resolved_at.is_some()),
            satisfaction: (rated && resolved_at.is_some()).then_some(f64::from(rating)),
            order: self.orders,
        });
    }

    fn survey(&mut self, bought: f64) {
        let r = &mut self.random;
        let answered = bought + 1.0 + 4.0 * exponential(r);
        let fading = if self.leaving.fading() { OFFENCE } else { 0.0 };
        let score = self.mood - OFFENCE * self.leaving.complaints() - fading + normal(r);
        let topic = r.random_range(0..TOPICS.len()) as i32;
        if let Some(time) = self.process.seen(answered) {
            let score = score.round().clamp(0.0, 10.0) as i64;
            self.life.surveys.push(Survey { time, score, topic, order: self.orders });
        }
    }
}

/// The on/off process of pauses: the current or coming one is [`from`, `to`).
struct Pauses {
    from: f64,
    to: f64,
}

impl Pauses {
    /// Whether the customer pauses at `t`; `next` draws a gap and the length of the pause after
    /// it. To be asked in order of time.
    fn pausing_at(&mut self, t: f64, mut next: impl FnMut() -> (f64, f64)) -> bool {
        while self.to <= t {
            let (gap, pause) = next();
            self.from = self.to + gap;
            self.to = self.from + pause;
        }
        self.from <= t
    }
}
