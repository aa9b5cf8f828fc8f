//! The decision to leave, and the fade after it.

/// When the customer decides to leave: the instant at which the summed hazard reaches `patience`.
pub(super) struct Leaving {
    at: f64,
    hazard: f64,
    effect: f64,
    /// What is left of an exponential(1) draw.
    patience: f64,
    fade: f64,
    /// Badly handled tickets up to `at`, and the instants of those after it, in order.
    complaints: f64,
    coming: Vec<f64>,
    decided: Option<f64>,
}

impl Leaving {
    /// From `at` on, with a hazard per day and a fade in days.
    pub(super) fn new(at: f64, hazard: f64, effect: f64, patience: f64, fade: f64) -> Self {
        let coming = Vec::new();
        Leaving { at, hazard, effect, patience, fade, complaints: 0.0, coming, decided: None }
    }

    /// Notes a badly handled ticket opened at `t`, not before `at`.
    pub(super) fn complain(&mut self, t: f64) {
        let place = self.coming.partition_point(|other| *other <= t);
        self.coming.insert(place, t);
    }

    /// Lets time pass up to `to`.
    pub(super) fn advance(&mut self, to: f64) {
        while self.decided.is_none() && self.at < to {
            let next = self.coming.first().copied().filter(|next| *next <= to);
            let until = next.unwrap_or(to);
            let hazard = self.hazard * (1.0 + self.effect * self.complaints);
            let step = hazard * (until - self.at);
            if step >= self.patience {
                self.decided = Some(self.at + self.patience / hazard);
                return;
            }
            self.patience -= step;
            self.at = until;
            if next.is_some() {
                self.coming.remove(0);
                self.complaints += 1.0;
            }
        }
    }

    /// Number of badly handled tickets so far.
    pub(super) fn complaints(&self) -> f64 {
        self.complaints
    }

    /// Whether the decision to leave has been made.
    pub(super) fn fading(&self) -> bool {
        self.decided.is_some()
    }

    /// When the decision to leave was made.
    pub(super) fn decided(&self) -> Option<f64> {
        self.decided
    }

    /// When the customer is gone for good, once that is decided.
    pub(super) fn left(&self) -> Option<f64> {
        self.decided.map(|decided| decided + self.fade)
    }

    /// Factor on the purchase rate; `t` lies before the customer has left.
    pub(super) fn fade_at(&self, t: f64) -> f64 {
        self.decided.map_or(1.0, |decided| 1.0 - (t - decided) / self.fade)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summed_hazard_decides() {
        let mut quiet = Leaving::new(5.0, 0.01, 4.0, 0.3, 20.0);
        quiet.advance(34.0);
        assert_eq!(quiet.left(), None);
        quiet.advance(36.0); // 5 + 0.3 / 0.01
        assert!((quiet.left().unwrap() - 55.0).abs() < 1e-9);
        assert!((quiet.fade_at(40.0) - 0.75).abs() < 1e-9);
    }

    #[test]
    fn each_complaint_adds_to_the_hazard_from_its_instant() {
        let mut unhappy = Leaving::new(5.0, 0.01, 4.0, 0.3, 0.0);
        unhappy.complain(17.0);
        unhappy.complain(15.0);
        unhappy.advance(16.0);
        assert_eq!(unhappy.complaints(), 1.0);
        assert_eq!(unhappy.fade_at(16.0), 1.0);
        unhappy.advance(100.0);
        // 10 days at 0.01, 2 at 0.05, the remaining 0.1 at 0.09
        assert!((unhappy.left().unwrap() - (17.0 + 0.1 / 0.09)).abs() < 1e-9);
        assert!(unhappy.fading());
    }
}
