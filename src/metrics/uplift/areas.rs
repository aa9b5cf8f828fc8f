//! Areas under the curves of uplift, and under those of the best ranking that is possible.

/// Customers of one score: how many were treated or in control, and the sums of their outcomes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) treated: f64,
    pub(super) control: f64,
    pub(super) treated_sum: f64,
    pub(super) control_sum: f64,
}

impl Cell {
    pub(super) fn customers(&self) -> f64 {
        self.treated + self.control
    }

    /// Adds a part of another cell.
    pub(super) fn add(&mut self, other: &Cell, part: f64) {
        self.treated += part * other.treated;
        self.control += part * other.control;
        self.treated_sum += part * other.treated_sum;
        self.control_sum += part * other.control_sum;
    }

    /// Difference of the mean outcomes; an arm without anyone has the mean 0, as in scikit-uplift.
    fn difference(&self) -> f64 {
        let mean = |sum: f64, n: f64| if n > 0.0 { sum / n } else { 0.0 };
        mean(self.treated_sum, self.treated) - mean(self.control_sum, self.control)
    }

    /// The uplift curve at the end of this cell: the difference, times all customers so far.
    pub(super) fn uplift(&self) -> f64 {
        self.difference() * self.customers()
    }

    /// The Qini curve: the treated's sum less that of a control arm of their number.
    pub(super) fn qini(&self) -> f64 {
        let ratio = if self.control > 0.0 { self.treated / self.control } else { 0.0 };
        self.treated_sum - self.control_sum * ratio
    }
}

/// Areas between the curves and their chords, over the number of customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Areas {
    pub(super) uplift: f64,
    pub(super) qini: f64,
}

impl Areas {
    /// By trapezoids between the ends of the cells, which come from the highest score down.
    pub(super) fn of(cells: impl IntoIterator<Item = Cell>) -> Self {
        let (mut so_far, mut uplift, mut qini) = (Cell::default(), 0.0, 0.0);
        let (mut uplift_before, mut qini_before) = (0.0, 0.0);
        for cell in cells {
            so_far.add(&cell, 1.0);
            let (uplift_here, qini_here) = (so_far.uplift(), so_far.qini());
            uplift += cell.customers() * (uplift_before + uplift_here) / 2.0;
            qini += cell.customers() * (qini_before + qini_here) / 2.0;
            (uplift_before, qini_before) = (uplift_here, qini_here);
        }
        let all = so_far.customers();
        Areas { uplift: uplift - all * uplift_before / 2.0, qini: qini - all * qini_before / 2.0 }
    }

    /// Those of the best ranking of customers with these outcomes, yes or no, in scikit-uplift's
    /// sense: it knows who said yes in which arm.
    pub(super) fn best(all: &Cell) -> Self {
        let cell = |treated, control, treated_sum, control_sum| Cell {
            treated,
            control,
            treated_sum,
            control_sum,
        };
        let (yes, no) = (all.treated_sum, all.treated - all.treated_sum);
        let (control_yes, control_no) = (all.control_sum, all.control - all.control_sum);
        let first = cell(yes, 0.0, yes, 0.0);
        let treated_no = cell(no, 0.0, 0.0, 0.0);
        let nobody_bought = cell(0.0, control_no, 0.0, 0.0);
        let control_bought = cell(0.0, control_yes, 0.0, control_yes);
        let neutral = cell(no, control_no, 0.0, 0.0);
        // scikit-uplift takes as the best uplift curve the better of two orders, by this rule.
        let last = match control_yes > no {
            true => [nobody_bought, control_bought, treated_no],
            false => [nobody_bought, treated_no, control_bought],
        };
        Areas {
            uplift: Areas::of([first].into_iter().chain(last)).uplift,
            qini: Areas::of([first, neutral, control_bought]).qini,
        }
    }
}
