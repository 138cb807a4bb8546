#pragma once

// One copy of a function for each kind of processor, chosen when the program starts (before a
// sanitizer is ready). The module decides whether they may round differently: -ffp-contract.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define PREANNOTATE_EACH_CPU __attribute__((target_clones("avx512f", "arch=x86-64-v3", "default")))
#else
#define PREANNOTATE_EACH_CPU
#endif
