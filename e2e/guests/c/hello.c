// Greets, and exits with its first argument's number.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  puts("hello from C");
  return argc > 1 ? atoi(argv[1]) : 0;
}
