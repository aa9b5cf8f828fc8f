//! What somebody would believe of a customer who knows the process and its parameters, but sees only
//! the tables: a particle filter.
//!
//! The customer's own rates have gamma distributions, which stay gamma distributions whatever is seen:
//! of the purchase rate, of the hazard of leaving and of the rate of pauses only what they add up to is
//! kept (Rao-Blackwellised particles; Doucet, de Freitas, Murphy, Russell 2000, "Rao-Blackwellised
//! particle filtering for dynamic Bayesian networks", UAI). Each particle is a guess at what nobody
//! sees: pauses, complaints, the decision to leave and how long the fade is.

use rand::RngExt;
use rand_distr::{Distribution, Gamma};

use super::draws::{Random, exponential};
use super::events::{IDLE_VISITS, opened_chance};
use super::known::{Known, Sign};
use super::particle::{Particle, resample};
use super::process::{LASTING, LEAVING, PAUSING, PURCHASING, TICKET_DAYS};
use super::rate::{Lomax, Rate};
use super::season::{DAYS_PER_YEAR, SeasonSums};
use super::simulation::Simulation;

/// Guesses a customer.
const PARTICLES: usize = 500;
/// Ways that each may have gone on since the last sign, and may go on.
const WAYS: usize = 8;
/// A pause, of gamma distributed length, is the sum of so many parts of exponential length.
const PAUSE_PARTS: u8 = LASTING as u8;

/// The parameters as the filter needs them; times are days since the start.
pub(super) struct Filter<'a> {
    season: &'a SeasonSums,
    with_events: bool,
    /// Parts of a purchase.
    parts: usize,
    complaint_effect: f64,
    fade_days: f64,
    fading: Gamma<f64>,
    /// Rates of the gamma distributions of the hazard of leaving and of pauses; none without pauses.
    leaving_rate: f64,
    pausing_rate: Option<f64>,
    /// Mean days of a part of a pause.
    part_days: f64,
}

impl<'a> Filter<'a> {
    pub(super) fn new(simulation: &Simulation, season: &'a SeasonSums, fading: Gamma<f64>) -> Self {
        let pauses = simulation.pauses_per_year;
        Filter {
            season,
            with_events: simulation.events,
            parts: simulation.regularity as usize,
            complaint_effect: simulation.complaint_effect,
            fade_days: simulation.fade_days,
            fading,
            leaving_rate: LEAVING * simulation.lifetime_years * DAYS_PER_YEAR,
            pausing_rate: (pauses > 0.0).then(|| PAUSING * DAYS_PER_YEAR / pauses),
            part_days: simulation.pause_months * 30.4 / f64::from(PAUSE_PARTS),
        }
    }

    /// The chance of a purchase in the window, days since the start, of a customer whose purchase rate
    /// has this mean.
    pub(super) fn chance(
        &self,
        known: &Known,
        mean_rate: f64,
        window: [f64; 2],
        random: &mut Random,
    ) -> f64 {
        let mut rate = Rate::new(PURCHASING / mean_rate, self.parts);
        let first = Particle { told: rate.silent(0.0, 0.0), ..Particle::NEW };
        let mut particles = vec![first; PARTICLES];
        let mut spare = particles.clone();
        let mut t = known.joined;
        for &(at, sign) in &known.signs {
            let later = match sign {
                Sign::Purchase => rate.with(self.parts),
                Sign::Visit => rate.with(1),
                _ => rate.clone(),
            };
            for particle in &mut particles {
                self.wait(particle, t, at, &rate, random);
                self.see(particle, at, sign, &later, random);
            }
            (rate, t) = (later, at);
            resample(&mut particles, &mut spare, random);
        }
        let (mut sum, mut all) = (0.0, 0.0);
        for particle in particles.iter().flat_map(|particle| [*particle; WAYS]) {
            let mut particle = particle;
            self.fall_silent(&mut particle, t, known.cutoff, &rate, random);
            let weight = particle.weight.exp();
            let bought = self.look_ahead(&mut particle, known, window, random);
            sum += weight * (1.0 - rate.none(&particle, bought, random));
            all += weight;
        }
        sum / all
    }

    /// Lets time pass in which nothing is seen, and weighs that.
    fn wait(&self, p: &mut Particle, from: f64, to: f64, rate: &Rate, random: &mut Random) {
        let drawn = self.draw(p, random);
        self.go(p, [from, to], drawn, rate, random);
    }

    /// As [`Filter::wait`], but of three guesses one decides to leave, one pauses and one does neither,
    /// as a long silence makes likely, and is weighed by how likely that is: multiple importance sampling
    /// by the balance heuristic (Veach, Guibas 1995).
    fn fall_silent(&self, p: &mut Particle, from: f64, to: f64, rate: &Rate, random: &mut Random) {
        let (Some(pausing_rate), 0, None) = (self.pausing_rate, p.part, p.decided) else {
            return self.wait(p, from, to, rate, random);
        };
        let time = to - from;
        let (turns, decides) = (self.turns(p, pausing_rate), self.decides(p));
        let drawn = match random.random_range(0..3) {
            0 => [turns.draw_from(0.0, time, random), decides.draw(random)],
            1 => [turns.draw(random), decides.draw_from(0.0, time, random)],
            _ => [&turns, &decides].map(|waiting| waiting.draw_from(time, f64::INFINITY, random)),
        };
        let [turn, decision] = drawn;
        let [no_turn, no_decision] = [&turns, &decides].map(|waiting| waiting.above(time));
        let mut chance = 0.0;
        if turn < time {
            chance += 1.0 / (1.0 - no_turn);
        }
        if decision < time {
            chance += 1.0 / (1.0 - no_decision);
        }
        if turn >= time && decision >= time {
            chance += 1.0 / (no_turn * no_decision);
        }
        p.weight -= (chance / 3.0).ln();
        self.go(p, [from, to], drawn, rate, random);
    }

    fn go(
        &self,
        p: &mut Particle,
        [from, to]: [f64; 2],
        drawn: [f64; 2],
        rate: &Rate,
        random: &mut Random,
    ) {
        let [bought, visited] = self.pass(p, [from, to], drawn, random);
        p.since += bought * self.parts as f64;
        p.before += visited;
        p.tell(rate.silent(p.before, p.since));
    }

    /// Parts of purchases expected, of a customer whose rate is 1, from the cutoff to the window and in
    /// it, as things may go.
    fn look_ahead(
        &self,
        p: &mut Particle,
        known: &Known,
        [from, to]: [f64; 2],
        random: &mut Random,
    ) -> [f64; 2] {
        // A ticket of the last purchase may still come.
        let comes = random.random::<f64>() < known.to_come;
        let wait = if comes { TICKET_DAYS * exponential(random) } else { f64::INFINITY };
        let complaint = known.cutoff + wait;
        let mut t = known.cutoff;
        [from, to].map(|until| {
            let mut bought = 0.0;
            for end in [complaint.clamp(t, until), until] {
                let drawn = self.draw(p, random);
                bought += self.pass(p, [t, end], drawn, random)[0] * self.parts as f64;
                t = end;
                if t == complaint && p.decided.is_none() {
                    p.complaints += 1.0;
                }
            }
            bought
        })
    }

    fn slope(&self, p: &Particle) -> f64 {
        1.0 + self.complaint_effect * p.complaints
    }

    /// The wait for a pause of one who is in none.
    fn turns(&self, p: &Particle, pausing_rate: f64) -> Lomax {
        Lomax { shape: PAUSING + p.pauses, rate: pausing_rate + p.between }
    }

    /// The wait for the decision to leave.
    fn decides(&self, p: &Particle) -> Lomax {
        Lomax { shape: LEAVING, rate: (self.leaving_rate + p.strain) / self.slope(p) }
    }

    /// Days until the next turn of pauses, and until the decision to leave, if neither comes first.
    fn draw(&self, p: &Particle, random: &mut Random) -> [f64; 2] {
        let turn = match (p.part, self.pausing_rate) {
            (0, None) => f64::INFINITY,
            (0, Some(rate)) => self.turns(p, rate).draw(random),
            _ => self.part_days * exponential(random),
        };
        let decision = match p.decided {
            None => self.decides(p).draw(random),
            Some(_) => f64::INFINITY,
        };
        [turn, decision]
    }

    /// Lets time pass, with the first draws as given; returns the purchases and the visits without a
    /// purchase that are expected meanwhile of a customer whose rate is 1.
    fn pass(
        &self,
        p: &mut Particle,
        [from, to]: [f64; 2],
        drawn: [f64; 2],
        random: &mut Random,
    ) -> [f64; 2] {
        let [mut turn, mut decision] = drawn;
        let mut t = from;
        let mut expected = [0.0; 2];
        while t < to {
            let left = p.decided.map(|decided| decided + p.fade);
            if left.is_some_and(|left| t >= left) {
                break;
            }
            let slope = self.slope(p);
            let next = to.min(t + turn).min(t + decision);
            self.expect(p, t, left.map_or(next, |left| next.min(left)), &mut expected);
            if p.part == 0 {
                p.between += next - t;
            }
            if p.decided.is_none() {
                p.strain += slope * (next - t);
            }
            if next >= to {
                break;
            }
            if turn <= decision {
                p.pauses += f64::from(u8::from(p.part == 0));
                p.part = if p.part == PAUSE_PARTS { 0 } else { p.part + 1 };
            } else {
                p.decided = Some(next);
                p.fade = self.fading.sample(random) * self.fade_days;
            }
            t = next;
            // What was drawn is forgotten where something else came first: no waiting time knows how long
            // it has lasted.
            [turn, decision] = self.draw(p, random);
        }
        expected
    }

    /// Adds what is expected in a time in which nothing changes but the season and the fade.
    fn expect(&self, p: &Particle, from: f64, to: f64, expected: &mut [f64; 2]) {
        let idle = if self.with_events { IDLE_VISITS * p.interest_of_pause() } else { 0.0 };
        match p.decided {
            None => {
                if p.part == 0 {
                    expected[0] += self.season.between(from, to)[0];
                }
                expected[1] += idle * (to - from);
            }
            Some(decided) if p.fade > 0.0 => {
                if p.part == 0 {
                    let [sum, first] = self.season.between(from, to);
                    expected[0] += (1.0 + decided / p.fade) * sum - first / p.fade;
                }
                let [a, b] = [from, to].map(|t| (1.0 - (t - decided) / p.fade).max(0.0).powi(3));
                expected[1] += idle * p.fade / 3.0 * (a - b);
            }
            Some(_) => {}
        }
    }

    /// Weighs a guess by what is seen at `t`; the rate is what is known of it then.
    fn see(&self, p: &mut Particle, t: f64, sign: Sign, rate: &Rate, random: &mut Random) {
        let fade = p.fade_at(t);
        match sign {
            Sign::Purchase => {
                let buys = if p.part == 0 { fade } else { 0.0 };
                let gap = if self.parts > 1 { p.since.ln() * (self.parts - 1) as f64 } else { 0.0 };
                p.weight += buys.ln() + gap;
                p.before += p.since;
                p.since = 0.0;
                p.tell(rate.silent(p.before, 0.0));
            }
            Sign::Visit => {
                let interest = fade * fade * p.interest_of_pause();
                p.weight += interest.ln();
                p.tell(rate.silent(p.before, p.since));
            }
            Sign::Letter(waited) => {
                let opens = opened_chance(fade * fade * p.interest_of_pause());
                let chance = match waited {
                    None => opens,
                    Some(waited) => 1.0 - opens * (1.0 - (-waited).exp()),
                };
                p.weight += chance.ln();
            }
            Sign::Ticket(bad) => {
                if p.decided.is_none() && random.random::<f64>() < bad {
                    p.complaints += 1.0;
                }
            }
            Sign::Answer(score) => p.answer(score),
        }
    }
}
