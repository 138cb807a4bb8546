"""What the benchmarks share: the machine they ran on, the program, the labelled sets."""
