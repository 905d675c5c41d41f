// The tests of SluiceRides read back what it writes with Foundation's JSON and a second set of rules, `BruteForce`,
// which knows the shipped SQL only.
