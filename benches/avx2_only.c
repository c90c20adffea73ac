// A processor without AVX-512, for benches/convolution.py --instructions avx2: loaded before a program (LD_PRELOAD), it
// answers the instruction cpuid itself, so that crates which look for themselves find none. What has looked before is not
// reached: the loader and glibc, whose memcpy may go on with it. What XGETBV and leaf 13 say stays, too. Linux on x86-64
// whose processor can let cpuid fault; on another it ends the program.
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

// Of leaf 7: AVX512F, DQ, IFMA, PF, ER, CD, BW, VL in ebx, VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ in ecx, and 4VNNIW, 4FMAPS,
// VP2INTERSECT, AMX-BF16, FP16, AMX-TILE, AMX-INT8 in edx; the leaf's second page has AVX512-BF16 and AMX-FP16 in eax,
// AMX-COMPLEX and AVX10 in edx. Leaves 0x1d, 0x1e and 0x24 describe AMX and AVX10.
static const uint32_t EBX = 1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31;
static const uint32_t ECX = 1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14;
static const uint32_t EDX = 1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25;
static const uint32_t SECOND_EAX = 1u << 5 | 1u << 21;
static const uint32_t SECOND_EDX = 1u << 8 | 1u << 19;

static long allow(unsigned long is_allowed) { return syscall(SYS_arch_prctl, ARCH_SET_CPUID, is_allowed); }

static void answer(int signal_number, siginfo_t *info, void *context) {
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  const uint8_t *code = (const uint8_t *)registers[REG_RIP];
  if (info->si_code != SI_KERNEL || code[0] != 0x0f || code[1] != 0xa2) {  // another fault: as it would have been
    signal(signal_number, SIG_DFL);
    if (info->si_code <= 0) raise(signal_number);
    return;
  }
  uint32_t leaf = registers[REG_RAX], page = registers[REG_RCX], a, b, c, d;
  allow(1);
  __cpuid_count(leaf, page, a, b, c, d);
  allow(0);
  if (leaf == 7 && page == 0) {
    b &= ~EBX;
    c &= ~ECX;
    d &= ~EDX;
  } else if (leaf == 7 && page == 1) {
    a &= ~SECOND_EAX;
    d &= ~SECOND_EDX;
  } else if (leaf == 0x1d || leaf == 0x1e || leaf == 0x24) {
    a = b = c = d = 0;
  }
  registers[REG_RAX] = a;
  registers[REG_RBX] = b;
  registers[REG_RCX] = c;
  registers[REG_RDX] = d;
  registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void begin(void) {
  struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
  if (sigaction(SIGSEGV, &action, NULL) || allow(0)) {
    static const char said[] = "avx2_only: this processor does not let cpuid fault\n";
    if (write(2, said, sizeof said - 1)) {}
    _exit(2);
  }
}
