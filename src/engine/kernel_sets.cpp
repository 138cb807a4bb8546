#include "kernel_sets.h"

#ifdef __x86_64__
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace preannotate::engine {

namespace {

#ifdef __x86_64__
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}
bool has_avx512_bf16() {
  return has_avx512() && __builtin_cpu_supports("avx512bf16");
}

bool has_avx512_vnni() {
  return has_avx512() && __builtin_cpu_supports("avx512vnni");
}

constexpr unsigned kAmxWithBf16 = 1u << 22, kAmxWithInt8 = 1u << 25;

/// The processor's word (leaf 7: EDX bit 24 and that of the kind), and Linux's leave to use the
/// tiles' registers.
bool has_amx(unsigned kind) {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!has_avx512() || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  constexpr unsigned kTile = 1u << 24;
  constexpr int kRequestPermission = 0x1023, kTileData = 18;
  return (d & kind) && (d & kTile) && ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#endif

/// Intel's processors run vdpbf16ps at half the rate of a multiply-add in fp32, so bf16 is slower
/// there without tiles (measured: 52 and 113 GFLOP/s); AMD's run both at the same rate.
bool worthwhile(const KernelSet& set) {
#ifdef __x86_64__
  return &set != &kAvx512Bf16 || !__builtin_cpu_is("intel");
#else
  return true;
#endif
}

KernelSets detect() {
  KernelSets found{{&kPlain}, 1};
#ifdef __x86_64__
  const auto add = [&](bool usable, const KernelSet& set) {
    if (usable) found.sets[found.count++] = &set;
  };
  add(has_avx2(), kAvx2);
  add(has_avx512(), kAvx512);
  add(has_avx512_bf16(), kAvx512Bf16);
  add(has_avx512_bf16() && has_amx(kAmxWithBf16), kAmxBf16);
  add(has_avx512_vnni(), kAvx512Vnni);
  add(has_amx(kAmxWithInt8), kAmxInt8);
#endif
  return found;
}

}  // namespace

const KernelSets& usable_kernels() {
  static const KernelSets found = detect();
  return found;
}

const KernelSet* kernels_for(Precision precision) {
  const KernelSets& usable = usable_kernels();
  for (int i = usable.count - 1; i >= 0; --i) {
    const KernelSet* set = usable.sets[i];
    if (set->precision == precision && worthwhile(*set)) return set;
  }
  return nullptr;
}

}  // namespace preannotate::engine
