// Counts the signals it gets: prints "ready", then each signal's number, and
// ends with 7 at SIGTERM. Reads of standard input are restarted.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t last;

static void note(int sig) { last = sig; }

int main(void) {
  struct sigaction sa = {.sa_handler = note};
  sigaction(SIGINT, &sa, NULL);
  sigaction(SIGTERM, &sa, NULL);
  sigaction(SIGHUP, &sa, NULL);
  sigaction(SIGUSR1, &sa, NULL);
  sigaction(SIGWINCH, &sa, NULL);
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  sigprocmask(SIG_BLOCK, &all, NULL);
  puts("ready");
  fflush(stdout);
  for (;;) {
    sigsuspend(&none);
    printf("signal %d\n", (int)last);
    fflush(stdout);
    if (last == SIGTERM) return 7;
  }
}
