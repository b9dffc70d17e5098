// Ends in the way its argument names.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int zero;
static uint32_t data[] = {0xd65f03c0}; // a RET, on a page that is not executable
static sigjmp_buf back;

__attribute__((noinline)) static int recurse(int n) {
  volatile char frame[256];
  frame[n & 255] = (char)n;
  if (zero) return 0;
  return recurse(n + 1) + frame[(n + 1) & 255];
}

static void handler(int sig, siginfo_t *info, void *context) {
  (void)context;
  printf("caught %d at %p\n", sig, info->si_addr);
  fflush(stdout);
  siglongjmp(back, 1);
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  if (!strcmp(how, "recurse")) return recurse(0);
  if (!strcmp(how, "null-read")) return *(volatile int *)(uintptr_t)zero;
  if (!strcmp(how, "null-call")) ((void (*)(void))(uintptr_t)zero)();
  if (!strcmp(how, "data")) ((void (*)(void))(uintptr_t)data)();
  if (!strcmp(how, "undefined")) __asm__ volatile(".inst 0x00000000");
  if (!strcmp(how, "unlifted")) __asm__ volatile(".inst 0x4e284820" ::: "v0"); // aese v0.16b, v1.16b
  if (!strcmp(how, "breakpoint")) __asm__ volatile("brk #1");
  if (!strcmp(how, "abort")) abort();
  if (!strcmp(how, "wild")) return *(volatile int *)(uintptr_t)(0x7ff0000000000000 + zero);
  if (!strcmp(how, "kill")) kill(getpid(), SIGKILL);
  if (!strcmp(how, "term")) raise(SIGTERM);
  if (!strcmp(how, "loop"))
    for (;;) zero++;
  if (!strcmp(how, "catch")) {
    struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &sa, NULL);
    if (!sigsetjmp(back, 1)) *(volatile int *)(uintptr_t)(zero + 16) = 1;
    puts("went on");
    return 3;
  }
  if (!strcmp(how, "catch-overflow")) {
    static char stack[64 << 10];
    stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&ss, NULL);
    struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &sa, NULL);
    if (!sigsetjmp(back, 1)) recurse(0);
    puts("went on");
    return 4;
  }
  fprintf(stderr, "crash: how?\n");
  return 2;
}
