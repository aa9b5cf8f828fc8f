//! What a customer takes in the memory of a service, counted to the byte.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use winback::log::{CustomerHistory, NewTransaction};
use winback::simulate::Simulation;
use winback::{ChurnModel, EventLog, Timestamp};

/// Counts what is taken and not yet given back by each thread.
struct Counting;

thread_local! {
    static TAKEN: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    TAKEN.with(|taken| taken.set(taken.get() + bytes));
}

/// glibc's: a word before, and a multiple of two words in all.
fn whole(size: usize) -> isize {
    (size + 8).next_multiple_of(16).max(32) as isize
}

// SAFETY: all is done by the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(whole(layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-whole(layout.size()));
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// A customer with so many purchases, by time; boxed, so that all of it is counted.
fn customer(model: &ChurnModel, purchases: usize) -> winback::Result<Box<CustomerHistory>> {
    let mut customer = Box::new(model.customer_history());
    let start: Timestamp = "2023-01-01".parse()?;
    for i in 0..purchases {
        let time = Timestamp::from_micros(start.micros() + i as i64 * 86_400_000_000)?;
        customer.push_transaction(NewTransaction {
            amount: Some(12.5 + i as f64),
            order_id: Some((i as i64).into()),
            category: Some(["books", "toys", "garden"][i % 3]),
            channel: Some(["web", "shop"][i % 2]),
            discount: Some(0.5),
            ..NewTransaction::at(time.into())
        })?;
    }
    Ok(customer)
}

#[test]
fn a_customer_of_ten_purchases_takes_at_most_one_and_a_half_kilobytes() -> winback::Result<()> {
    let shop = Simulation::default().customers(400).events(true).run()?;
    let log = EventLog::builder()
        .transactions([shop.transactions])
        .tickets([shop.tickets])
        .surveys([shop.surveys])
        .events(shop.events)
        .observed_until("2025-01-01")?
        .build()?;
    let model = ChurnModel::builder().estimator("logistic")?.fit(&log, "2024-10-01")?;
    let taken =
        |make: &dyn Fn() -> winback::Result<Box<CustomerHistory>>| -> winback::Result<isize> {
            // The first one makes what all share.
            let first = make()?;
            assert!(model.score_customer(&first, "2025-01-01")?.is_some());
            let before = TAKEN.get();
            let made = make()?;
            assert!(model.score_customer(&made, "2025-01-01")?.is_some());
            Ok(TAKEN.get() - before)
        };
    for (purchases, most) in [(1, 1_100), (10, 1_500), (50, 4_000), (1_000, 65_000)] {
        let pushed = taken(&|| customer(&model, purchases))?;
        let bytes = customer(&model, purchases)?.to_bytes();
        let restored = taken(&|| CustomerHistory::from_bytes(&bytes).map(Box::new))?;
        println!("{purchases} purchases: {pushed} bytes, restored {restored}");
        assert!(pushed <= most && restored <= most, "{purchases}: {pushed}, {restored}");
    }
    Ok(())
}
