#include <malloc.h>

#include "command.h"

int main(int argc, char** argv) {
  // Large tensors would be mapped and faulted in afresh for every layer; kept, they cost nothing.
  // (32 MB is the most that glibc accepts; one arena, as the heaps of others end at 64 MB.)
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  return preannotate::cli::run(argc, argv);
}
